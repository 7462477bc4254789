import type { StepId } from '../../kernel/index.ts';
import type { Matches, SchemaCheck, Unchanged, Verify } from '../generated/raw-plan.ts';
import type { StepContext } from '../step-context.ts';
import type { Check, StepCommon, VerifyStep } from '../types.ts';
import { queryCheckOf } from './queries.ts';
import { rowRulesOf, type CheckDefaults } from './rows.ts';
import { snapshotRefOf } from './snapshot-ref.ts';
import { tablesOf } from './tables-of.ts';

export function normalizeVerify(raw: Verify, common: StepCommon, context: StepContext): VerifyStep {
  const defaults: CheckDefaults = { severity: raw.severity ?? 'error', since: raw.since as StepId | undefined };
  const checks: Check[] = [];
  if (raw.rows !== undefined) {
    const place = context.in('rows');
    checks.push({ kind: 'rows', rules: rowRulesOf(raw.rows, defaults, place), ...defaults, at: place.keyAt() });
  }
  for (const [index, query] of (raw.queries ?? []).entries()) {
    checks.push(queryCheckOf(query, defaults, context.in('queries', index)));
  }
  if (raw.unchanged !== undefined) checks.push(unchangedOf(raw.unchanged, defaults, context.in('unchanged')));
  if (raw.schema !== undefined) checks.push(schemaOf(raw.schema, defaults, context.in('schema')));
  if (raw.matches !== undefined) checks.push(matchesOf(raw.matches, defaults, context.in('matches')));
  return { ...common, kind: 'verify', checks };
}

function unchangedOf(raw: Unchanged, defaults: CheckDefaults, context: StepContext): Check {
  const isList = Array.isArray(raw);
  const tables = isList ? tablesOf(raw, context, 'patterns') : tablesOf(raw.tables, context.in('tables'), 'patterns');
  return { kind: 'unchanged', tables, ...own(isList ? {} : raw, defaults), at: context.keyAt() };
}

function schemaOf(raw: SchemaCheck, defaults: CheckDefaults, context: StepContext): Check {
  const body = typeof raw === 'string' ? {} : raw;
  return {
    kind: 'schema',
    tables: body.tables === undefined ? undefined : tablesOf(body.tables, context.in('tables'), 'patterns'),
    except: tablesOf(body.except ?? [], context.in('except'), 'patterns'),
    ...own(body, defaults),
    at: context.keyAt(),
  };
}

function matchesOf(raw: Matches, defaults: CheckDefaults, context: StepContext): Check {
  const isShort = typeof raw === 'string';
  const named = isShort ? raw : (raw.snapshot ?? { name: raw.name ?? '' });
  return {
    kind: 'matches',
    snapshot: snapshotRefOf(named, context),
    ...own(isShort ? {} : { severity: raw.severity }, defaults),
    at: context.keyAt(),
  };
}

function own(
  { severity, since }: { readonly severity?: 'error' | 'warn' | undefined; readonly since?: string | undefined },
  defaults: CheckDefaults,
): CheckDefaults {
  return { severity: severity ?? defaults.severity, since: (since as StepId | undefined) ?? defaults.since };
}
