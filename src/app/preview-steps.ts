// What each step would send, in words that a server understands: the exact SQL where the plan has it.

import { tableLabel, type RunId } from '../kernel/index.ts';
import type { Engine, RestorePreview } from '../engines/index.ts';
import type { Check, Plan, Step, VerifyStep } from '../plan/index.ts';
import { isEffectful } from '../compile/index.ts';
import { resolveScope, resolveTable, snapshotNameOf } from '../runtime/index.ts';
import type { AppContext } from './context.ts';

export interface StepPreview {
  readonly id: string;
  readonly kind: Step['kind'];
  /** Statements, or a program with its words. */
  readonly does: readonly string[];
  /** How it is done, how long it may take, what happens when it fails. */
  readonly notes: readonly string[];
}

interface Place {
  readonly plan: Plan;
  readonly engine: Engine;
  readonly run: RunId;
}

export async function previewStep(step: Step, place: Place, { signal }: AppContext): Promise<StepPreview> {
  const { id, kind } = step;
  const base = [timeoutText(step), `when it fails: ${failureText(step, place.plan)}`];
  switch (step.kind) {
    case 'snapshot': {
      const name = snapshotNameOf(step, place.run);
      const there = step.ifMissing ? await place.engine.snapshots.find(name, signal) : undefined;
      if (there?.state === 'ready') {
        return { id, kind, does: [`nothing: ${name} is there, taken ${there.takenAt}`], notes: base };
      }
      const survey = await place.engine.previews.scope(resolveScope(step.scope, place.engine), name, signal);
      return { id, kind, does: survey.takes, notes: [survey.estimate, ...base] };
    }
    case 'sql': {
      const statements = step.sources.flatMap(({ text }) => place.engine.splitStatements(text));
      const database = step.database ?? place.engine.address.database;
      const isWhole =
        step.transaction !== 'no' && (await place.engine.canRunInTransaction(statements, database, signal));
      const how = isWhole ? 'in one transaction' : 'one by one: each is final when it is done';
      return { id, kind, does: statements.map(({ text }) => text), notes: [how, ...base] };
    }
    case 'run': {
      const { command } = step;
      return { id, kind, does: [command.kind === 'shell' ? command.text : command.words.join(' ')], notes: base };
    }
    case 'verify':
      return { id, kind, does: checksInWords(step), notes: base };
    case 'restore': {
      const ref = step.snapshot.kind === 'step' ? step.snapshot.step : step.snapshot.name;
      const { statements, risks } = await restoreInWords(step, place, signal, ref);
      return { id, kind, does: statements, notes: [...risks, ...base] };
    }
    case 'drop': {
      const ref = step.snapshot.kind === 'step' ? step.snapshot.step : step.snapshot.name;
      return { id, kind, does: [`drop snapshot ${ref}`], notes: base };
    }
  }
}

async function restoreInWords(
  step: Extract<Step, { kind: 'restore' }>,
  { plan, engine, run }: Place,
  signal: AbortSignal,
  ref: string,
): Promise<RestorePreview> {
  const none = { risks: [] };
  const part = [
    ...(step.databases ?? []),
    ...(step.tables ?? []).map((table) => tableLabel(resolveTable(table, engine))),
  ];
  const only = part.length === 0 ? [] : [`only ${part.join(', ')} of it`];
  const { snapshot } = step;
  if (snapshot.kind === 'named') {
    const info = await engine.snapshots.find(snapshot.name, signal);
    if (info === undefined) return { statements: [`restore from ${ref}, which is not there now`], ...none };
    const { statements, risks } = engine.previews.restore(info);
    return { statements: [...only, ...statements], risks };
  }
  const taken = plan.steps.find((one) => one.id === snapshot.step);
  if (taken?.kind !== 'snapshot') return { statements: [`restore from ${ref}`], ...none };
  const survey = await engine.previews.scope(resolveScope(taken.scope, engine), snapshotNameOf(taken, run), signal);
  return { statements: [...only, ...survey.putsBack], ...none }; // the target's own lines tell the risks
}

function checksInWords({ checks }: VerifyStep): readonly string[] {
  return checks.flatMap(checkInWords);
}

function checkInWords(check: Check): readonly string[] {
  switch (check.kind) {
    case 'rows':
      return check.rules.map(
        ({ tables }) => `SELECT COUNT(*) FROM ${tables === undefined ? 'every table' : tableOf(tables)}`,
      );
    case 'query':
      return [check.sql];
    case 'unchanged':
      return [`fingerprints of ${check.tables.map(tableOf).join(', ')}, then and now`];
    case 'schema':
      return ['definitions, then and now'];
    case 'matches':
      return ['objects, definitions and fingerprints of the whole snapshot'];
  }
}

function tableOf({ database, table }: { readonly database: string | undefined; readonly table: string }): string {
  return database === undefined ? table : `${database}.${table}`;
}

function timeoutText({ timeoutMs }: Step): string {
  return timeoutMs === undefined ? 'no time limit' : `ended after ${timeoutMs / 1_000} s`;
}

function failureText(step: Step, plan: Plan): string {
  switch (step.onFailure) {
    case 'stop':
      return 'everything stays as it is then';
    case 'continue':
      return 'it is recorded, and the run goes on';
    case 'rollback':
      return plan.rollback === undefined ? 'everything goes back to the first snapshot' : "the plan's own rollback";
  }
}

/** Until when everything can be taken back, and by what it cannot any more. */
export function pointOfNoReturn({ steps }: Plan): string {
  const first = steps.findIndex(({ kind }) => kind === 'snapshot');
  const early =
    steps.slice(0, Math.max(first, 0)).find(isEffectful) ?? (first < 0 ? steps.find(isEffectful) : undefined);
  if (early !== undefined) return `${early.id}: it changes data before there is a snapshot to go back to`;
  const stops = steps.find((step) => isEffectful(step) && step.onFailure === 'stop');
  if (stops !== undefined) return `${stops.id}: when it fails, everything stays as it left it`;
  if (first < 0) return 'there is none: no step changes anything';
  const isKept = (step: Step): boolean => step.kind === 'snapshot' && ['always', 'for'].includes(step.keep.kind);
  const kept = steps.some(isKept);
  return kept
    ? 'the end of the run; its snapshot stays, and `snapback rollback` takes a committed run back while it does'
    : 'the end of the run: once it is committed its snapshot is dropped (`keep: 24h` keeps it)';
}
