import { parseDurationMs } from '../../kernel/index.ts';
import type { Snapshot } from '../generated/raw-plan.ts';
import { parseSizeBytes } from '../size.ts';
import type { StepContext } from '../step-context.ts';
import type { Keep, PlanScope, SnapshotStep, StepCommon } from '../types.ts';
import { parsePlanSnapshotName } from './snapshot-ref.ts';
import { tablesOf } from './tables-of.ts';

export const MAX_STALL_DEFAULT_MS = 30_000;
export const MAX_COPY_DEFAULT_BYTES = 20 * 1024 ** 3;

export function normalizeSnapshot(raw: Snapshot, common: StepCommon, context: StepContext): SnapshotStep {
  const body = raw ?? {};
  const name = body.name === undefined ? undefined : context.in('name').parsed(body.name, parsePlanSnapshotName);
  if (body.name === undefined) {
    for (const key of ['replace', 'if_missing'] as const) {
      if (body[key] !== true) continue;
      context
        .in(key)
        .reportAtKey('NAME_MISSING', `\`${key}\` is about a snapshot with a \`name\``, 'give it a `name:`');
    }
  }
  if (body.replace === true && body.if_missing === true) {
    context
      .in('if_missing')
      .reportAtKey('CONFLICTING_KEYS', '`replace` and `if_missing` exclude each other', 'keep one of them');
  }
  return {
    ...common,
    kind: 'snapshot',
    scope: scopeOf(body, context),
    name,
    replace: body.replace ?? false,
    ifMissing: body.if_missing ?? false,
    keep: keepOf(body, context.in('keep')),
    lock: body.lock,
    maxStallMs: parsedOr(body.max_stall, context.in('max_stall'), parseDurationMs, MAX_STALL_DEFAULT_MS),
    maxCopyBytes: parsedOr(body.max_copy, context.in('max_copy'), parseSizeBytes, MAX_COPY_DEFAULT_BYTES),
  };
}

function scopeOf(body: NonNullable<Snapshot>, context: StepContext): PlanScope {
  if (body.cluster === true) return { kind: 'cluster' };
  if (body.account === false) {
    context
      .in('account')
      .report('WRONG_VALUE', '`account` is a name or `true`', 'leave it out to snapshot the database of the URL');
  }
  if (body.account !== undefined) {
    return { kind: 'account', account: typeof body.account === 'string' ? body.account : undefined };
  }
  if (body.databases !== undefined) return { kind: 'databases', databases: body.databases };
  if (body.tables !== undefined)
    return { kind: 'tables', tables: tablesOf(body.tables, context.in('tables'), 'names') };
  return { kind: 'url-database' };
}

/** A snapshot with a name of its own is somebody's: it stays. */
function keepOf({ keep, name }: NonNullable<Snapshot>, context: StepContext): Keep {
  if (keep === undefined) return { kind: name === undefined ? 'until-proven' : 'always' };
  if (keep === 'always' || keep === 'on-failure') return { kind: keep };
  const ms = context.parsed(keep, parseDurationMs);
  return ms === undefined ? { kind: 'always' } : { kind: 'for', ms };
}

function parsedOr(
  text: string | undefined,
  context: StepContext,
  parse: Parameters<typeof context.parsed<number>>[1],
  otherwise: number,
): number {
  return text === undefined ? otherwise : (context.parsed(text, parse) ?? otherwise);
}
