// Looks at the raw tables and at what was said of them. It believes nothing but the plan and the rows.

import { FAULTS, VERDICT_EXIT_CODES, type StepOutcome, type Verdict } from '../../src/kernel/index.ts';
import type { JournalEntry, RunState } from '../../src/journal/index.ts';
import type { Step } from '../../src/plan/index.ts';
import { countOf, placeOf, type Meaning, type PlannedEffect } from './random-plan.ts';
import { RUN } from './processes.ts';
import { fingerprintOf } from './scripted-reader.ts';
import { coveredBy } from './server-catalog.ts';
import type { World } from './world.ts';

type Allowed = Map<number, { readonly effect: PlannedEffect; counts: readonly number[] }>;

/** Everything that is wrong with a run that has ended, and with what it left. */
export function violationsAtEnd(world: World, state: RunState, entries: readonly JournalEntry[]): readonly string[] {
  const { verdict } = state;
  if (verdict === undefined) return ['the run is closed and has no verdict'];
  return [
    ...doubles(world),
    ...dataViolations(world, state, verdict),
    ...leftovers(world, state, verdict),
    ...lost(world, state, verdict),
    ...wrongVerdict(world, state, verdict),
    ...changedVerdicts(entries),
    ...[...world.server.sessions.values()]
      .filter(({ names }) => names.size > 0)
      .map(({ names }) => `nobody works any more, and ${[...names].join(', ')} is locked`),
  ];
}

/** A run that never began, as far as anybody can tell, has touched nothing. */
export function violationsOfNothing(world: World): readonly string[] {
  const { catalog } = world.server;
  return [
    ...differences(world, () => true).map((name) => `${name} was changed by a run that left no journal`),
    ...catalog.snapshots.map(({ info }) => `snapshot ${info.name} is left by a run that left no journal`),
    ...[...catalog.runs.keys()].map((run) => `the server's record of ${run} is left by a run that left no journal`),
  ];
}

/** Undo and rollback steps are begun anew by whoever asks for the way back again: that is said, and so no double. */
export function doubles({ server, scenario: { plan } }: World): readonly string[] {
  const { steps, rollback = [] } = plan.compiled.plan;
  const again = [...rollback, ...steps.flatMap(({ undo }) => undo), ...plan.compiled.plan.finally];
  const ids = again.flatMap(({ id }) => {
    const { effects = [], strays = [] } = plan.meanings.get(id) ?? {};
    return [...effects, ...strays].map((effect) => effect.id);
  });
  const isOurs = (double: string): boolean =>
    !ids.some((id) => double.endsWith(` ${id}`) || double.endsWith(` c${id}`));
  return server.doubles.filter(isOurs).map((double) => `done twice: ${double}`);
}

/**
 * An exit code must be the one of its verdict; without one it must say that the run is open, or that nothing was.
 * `isBegun`: an intent is on the disk for good. Nothing follows one that could not be synced, though it may be read.
 */
export function exitViolations(
  { exitCode, verdict }: { readonly exitCode: number; readonly verdict: Verdict | undefined },
  isBegun: boolean,
  isRollback: boolean,
): readonly string[] {
  if (verdict === undefined) {
    if (!FAULT_CODES.includes(exitCode) || exitCode === 0) return [`exit ${exitCode} without a verdict`];
    return UNTOUCHED_CODES.includes(exitCode) && isBegun ? [`exit ${exitCode} of a run that has begun`] : [];
  }
  const wanted = isRollback && verdict === 'rolled-back' ? 0 : VERDICT_EXIT_CODES[verdict];
  return exitCode === wanted ? [] : [`exit ${exitCode} for ${verdict}`];
}

const FAULT_CODES: readonly number[] = Object.values(FAULTS).map((fault) => fault.exitCode);
/** They say that nothing was changed, or that the data is back. */
const UNTOUCHED_CODES: readonly number[] = [2, 3, 4, 8, 9, 12, 13];

function dataViolations(world: World, state: RunState, verdict: Verdict): readonly string[] {
  switch (verdict) {
    case 'stuck':
      return [];
    case 'committed':
    case 'stopped':
      return [...baseRows(world), ...effectViolations(world, state, stepsForward(world, state))];
    case 'failed-clean':
      return [
        ...differences(world, (name) => !name.startsWith('side.')).map((name) => `${name} is not as before`),
        ...effectViolations(world, state, new Map()),
      ];
    case 'rolled-back': {
      const covers = coverOf(world);
      const isBack = new Map([...stepsForward(world, state)].filter(([, { effect }]) => !covers(placeOf(effect))));
      return [
        ...differences(world, covers).map((name) => `${name} is not as before`),
        ...effectViolations(world, state, isBack),
      ];
    }
  }
}

/** What each effect of the plan's steps may have come to, told by their outcomes. */
function stepsForward(world: World, state: RunState): Allowed {
  const { plan } = world.scenario;
  const covers = coverOf(world);
  const allowed: Allowed = new Map();
  for (const step of plan.compiled.plan.steps) {
    const meaning = plan.meanings.get(step.id);
    const outcome = state.settled.get(`steps/${step.id}`)?.outcome;
    if (meaning === undefined) continue;
    allow(allowed, meaning, outcome, state.intents.has(`steps/${step.id}`));
    if (step.kind !== 'restore' || outcome === undefined) continue;
    for (const [id, { effect, counts }] of allowed) {
      if (!covers(placeOf(effect))) continue;
      allowed.set(id, { effect, counts: outcome.kind === 'succeeded' ? [0] : [0, ...counts] });
    }
  }
  return allowed;
}

function allow(allowed: Allowed, meaning: Meaning, outcome: StepOutcome | undefined, isBegun: boolean): void {
  const counts = countsFor(meaning, outcome, isBegun);
  for (const effect of meaning.effects) allowed.set(effect.id, { effect, counts });
  for (const effect of meaning.strays) allowed.set(effect.id, { effect, counts: isBegun ? [0, 1] : [0] });
}

function countsFor(meaning: Meaning, outcome: StepOutcome | undefined, isBegun: boolean): readonly number[] {
  if (!isBegun) return [0];
  if (outcome === undefined) return [0, 1];
  if (outcome.kind === 'succeeded') return outcome.evidence.kind === 'nothing' ? [0, 1] : [1];
  return meaning.isTransaction ? [0] : [0, 1];
}

/** Effects of undo, rollback and `finally` come on top, where no restore came after them. */
function effectViolations(world: World, state: RunState, steps: Allowed): readonly string[] {
  const { plan } = world.scenario;
  const covers = coverOf(world);
  const allowed: Allowed = new Map(steps);
  const asked = world.askedBack;
  const { steps: all, rollback = [], finally: last } = plan.compiled.plan;
  const later: { readonly key: string; readonly step: Step }[] = [
    ...all.flatMap((step) => step.undo.map((undo) => ({ key: `undo/${step.id}/${undo.id}`, step: undo }))),
    ...rollback.map((step) => ({ key: `rollback/${step.id}`, step })),
    ...last.map((step) => ({ key: `finally/${step.id}`, step })),
  ];
  for (const { key, step } of later) {
    const meaning = plan.meanings.get(step.id);
    if (meaning === undefined) continue;
    allow(allowed, meaning, state.settled.get(key)?.outcome, state.intents.has(key));
    if (asked === 0) continue;
    for (const { id, kind } of [...meaning.effects, ...meaning.strays]) {
      const entry = allowed.get(id);
      if (entry === undefined) continue;
      // What an earlier way back, or the end before it, had set stays set where the later one fails.
      entry.counts = kind === 'set' ? [...entry.counts, 1] : Array.from({ length: asked + 2 }, (_, count) => count);
    }
  }
  return [...allowed.values()].flatMap(({ effect, counts }) => {
    if (state.verdict === 'rolled-back' && covers(placeOf(effect))) return [];
    const count = countOf(effect, world.server.tables);
    return counts.includes(count)
      ? []
      : [`${placeOf(effect)} ${effect.id}: ${count} times, allowed ${counts.join(' or ')}`];
  });
}

function coverOf({ scenario: { plan } }: World): (name: string) => boolean {
  const first = plan.compiled.plan.steps.find(({ kind }) => kind === 'snapshot');
  if (first?.kind !== 'snapshot') return () => false;
  if (first.scope.kind !== 'tables') return coveredBy({ kind: 'databases', databases: ['shop'] });
  const tables = first.scope.tables.map(({ table }) => ({ database: 'shop', table }));
  return coveredBy({ kind: 'tables', tables });
}

function differences({ server, scenario: { plan } }: World, isMeant: (name: string) => boolean): readonly string[] {
  const names = [...new Set([...plan.tables.keys(), ...server.tables.keys()])].filter(isMeant);
  return names.filter((name) => {
    const [then, now] = [plan.tables.get(name), server.tables.get(name)];
    return then === undefined || now === undefined || fingerprintOf(then) !== fingerprintOf(now);
  });
}

function baseRows({ server }: World): readonly string[] {
  return ['shop.a', 'shop.b', 'shop.c', 'side.log'].flatMap((name) => {
    const rows = server.tables.get(name)?.rows;
    return [1, 2, 3].every((id) => rows?.get(id) === 7) ? [] : [`${name} lost its rows`];
  });
}

/** Snapshots that nobody was told of, the run's own row, markers. */
function leftovers({ server: { catalog }, scenario: { plan } }: World, state: RunState, verdict: Verdict): string[] {
  const found: string[] = [];
  const isReleased = state.settled.get('auto/release')?.outcome.kind === 'succeeded';
  for (const { info, state: how } of catalog.snapshots) {
    const step = plan.compiled.plan.steps.find(({ id }) => info.name === `sb_${RUN}_${id}`);
    const keep = step?.kind === 'snapshot' ? step.keep.kind : 'until-proven';
    const outcome = state.settled.get(`steps/${step?.id ?? ''}`)?.outcome;
    const isTold = outcome?.kind === 'succeeded' && !state.droppedSnapshots.has(info.name);
    const isKept = verdict === 'stuck' || verdict === 'stopped' || keep === 'always';
    const isWanted = isKept || (keep === 'on-failure' && verdict !== 'committed');
    if (verdict === 'stuck') continue;
    if (isReleased && !(isWanted && isTold)) found.push(`snapshot ${info.name} (${how}) is left and not told`);
  }
  const row = catalog.runs.get(RUN);
  if (row !== undefined && row.state !== verdict) found.push(`the server's record says ${row.state}, not ${verdict}`);
  if (verdict !== 'stuck' && catalog.markers.size > 0) found.push('markers are left');
  return found;
}

/** What a person needs to go back is kept where the run did not end with a proof. */
function lost({ server: { catalog } }: World, state: RunState, verdict: Verdict): readonly string[] {
  if ((verdict !== 'stuck' && verdict !== 'stopped') || state.isRollbackAsked) return [];
  return [...state.settled.values()].flatMap(({ outcome }) => {
    if (outcome.kind !== 'succeeded' || outcome.evidence.kind !== 'snapshot') return [];
    const { name } = outcome.evidence;
    const isThere = catalog.snapshots.some(({ info, state: how }) => info.name === name && how !== 'dropping');
    return isThere || state.droppedSnapshots.has(name) ? [] : [`${verdict}, and snapshot ${name} is gone`];
  });
}

/** A verdict has to follow from what the steps came to. */
function wrongVerdict({ scenario: { plan } }: World, state: RunState, verdict: Verdict): readonly string[] {
  const failed = [...state.settled].filter(([, { outcome }]) => outcome.kind === 'failed').map(([key]) => key);
  const { steps } = plan.compiled.plan;
  const goesOn = (key: string): boolean =>
    steps.some(({ id, onFailure }) => key === `steps/${id}` && onFailure === 'continue');
  const undone = [...state.intents.keys()].filter((key) => key.startsWith('undo/'));
  const found = undone
    .filter((key) => !state.intents.has(`steps/${key.split('/')[1] ?? ''}`))
    .map((key) => `${key} was run, and what it undoes never began`);
  if (verdict === 'rolled-back')
    found.push(
      ...failed
        .filter((key) => /^(undo|rollback|auto\/(restore|proof))/.test(key))
        .map((key) => `rolled back, and ${key} failed`),
    );
  if (verdict === 'committed')
    found.push(
      ...failed.filter((key) => key.startsWith('steps/') && !goesOn(key)).map((key) => `committed, and ${key} failed`),
    );
  return found;
}

function changedVerdicts(entries: readonly JournalEntry[]): readonly string[] {
  let told: Verdict | undefined;
  for (const { record } of entries) {
    if (record.kind === 'rollback-asked') told = undefined;
    if (told === 'stuck' && record.kind === 'action-intended') return [`stuck, and then ${record.action} was begun`];
    if (record.kind !== 'verdict-reached') continue;
    if (told !== undefined && told !== record.verdict) return [`${told} was said first, then ${record.verdict}`];
    told = record.verdict;
  }
  return [];
}
