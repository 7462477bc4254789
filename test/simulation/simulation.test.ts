import { describe, expect, test } from 'vitest';
import { STORIES_MAX, tellerOf } from './mutant-stories.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { randomScenario } from './random-scenario.ts';
import { SHOWN } from './shown-mutants.ts';
import { simulateOne } from './simulate-one.ts';
import { snapshotStep } from '../support/plan-builder.ts';
import { arm, dropOf, restoreFirst, smallScenario } from './small-scenarios.ts';
import { KILL_HOLDERS } from './sql-operations.ts';
import { SOURCE_MUTANTS } from './source-mutants.ts';
import { minimal } from './story.ts';
import type { Scenario } from './world.ts';

/** Told at every commit; `npm run simulate -- --runs 100000` tells more. */
const STORIES = 200;

test(`${STORIES} stories with crashes, cut connections, restarts and full disks end without a lie`, async () => {
  const bad: string[] = [];
  for (let at = 0; at < STORIES; at += 1) {
    const seed = `every-commit.${at}`;
    const { violations } = await simulateOne(randomScenario(seed));
    bad.push(...violations.map((violation) => `${seed}: ${violation}`));
  }
  expect(bad).toEqual([]);
}, 60_000);

test('a seed always tells the same story', async () => {
  const once = await simulateOne(randomScenario('every-commit.7'));
  const again = await simulateOne(randomScenario('every-commit.7'));
  expect(again).toEqual(once);
});

/** What the simulation has found in snapback, each as the smallest story that showed it, and how that ends now. */
describe('found and mended:', () => {
  const ask = { step: { inDoubt: 'ask' } } as const;
  const back = { isTakenBack: true } as const;
  test.each<readonly [string, Scenario, string]>([
    [
      'a run whose entry into the record of the server was never answered is not closed behind its back',
      smallScenario('sql', [arm('cut-after', 'begin', 'act', 5)]),
      'committed',
    ],
    [
      'a run that could not go on before its first step stays open where that record may say so',
      smallScenario('sql', [arm('cut-sent', 'begin', 'act', 5), arm('cut-before', 'quiet', 'act')]),
      'committed',
    ],
    [
      'a record lost with the tail that may have been of a transaction is asked of its marker, not of a person',
      smallScenario('sql', [arm('disk-full', 'sql-transaction', 'act')], ask),
      'committed',
    ],
    [
      'a program whose intent was lost with the tail can be answered for',
      smallScenario('run', [arm('disk-full', 'run', 'intent')], ask),
      'committed',
    ],
    [
      'an answer about a program is about the whole of it, where the tail was lost too',
      smallScenario('run', [arm('disk-full', 'run', 'act')], ask),
      'committed',
    ],
    [
      'a rollback asked for before the first snapshot was there has nothing to do, whatever the plan rolls back',
      smallScenario('sql', [arm('cut-before', 'snapshot', 'act')], { ...back, rollback: [restoreFirst('back')] }),
      'rolled-back',
    ],
    [
      'a snapshot that was left half made goes when the run is taken back instead of being resumed',
      smallScenario('sql', [arm('cut-before', 'snapshot', 'act', 6)], back),
      'rolled-back',
    ],
    [
      'a committed run is not taken back to a snapshot that was taken part-way',
      smallScenario('sql', [], { ...back, after: [snapshotStep('s1', { keep: { kind: 'always' } })] }),
      'committed',
    ],
    [
      'a snapshot that nobody has to go back to may be gone',
      smallScenario('sql', [arm('crash-after', 'drop', 'act', 6)], {
        ...back,
        after: [snapshotStep('s1'), dropOf('away', 's1')],
      }),
      'rolled-back',
    ],
    [
      'a run that has begun and lost its lock does not say with exit 8 that it has touched nothing',
      smallScenario('run', [], { also: [KILL_HOLDERS], after: [dropOf('away', 's0')] }),
      'committed',
    ],
  ])('%s', async (_, scenario, ending) => {
    const told = await simulateOne(scenario);
    expect([told.violations, told.ending, told.faultCount]).toEqual([[], ending, scenario.arms.length]);
  });
});

/** What the oracle has taken for a lie, and is none. */
describe('allowed:', () => {
  test.each<readonly [string, Scenario, string]>([
    [
      'what `finally` did at the commit stays done where it fails after the way back',
      smallScenario('sql', [{ ...arm('deadlock', 'sql-transaction', 'act', 3), part: 'finally' }], {
        ...{ isTakenBack: true, keep: 'always', hasLast: true },
      }),
      'rolled-back',
    ],
    [
      'an intent that could not be synced, and can be read all the same, is followed by nothing: exit 12 is true',
      smallScenario('sql', [arm('sync-fails', 'snapshot', 'intent')], { seed: 'kept 6' }),
      'committed',
    ],
  ])('%s', async (_, scenario, ending) => {
    const told = await simulateOne(scenario);
    expect([told.violations, told.ending, told.faultCount]).toEqual([[], ending, scenario.arms.length]);
  });
});

const ALL_MUTANTS = [...MUTANTS, ...Object.keys(SOURCE_MUTANTS)];

test('every mutant has its story, among the first thousand', () => {
  const late = Object.entries(SHOWN).filter(([, at]) => at >= STORIES_MAX);
  expect([Object.keys(SHOWN).sort(), late]).toEqual([[...ALL_MUTANTS].sort(), []]);
});

describe('the oracle finds', () => {
  test.each(ALL_MUTANTS)('%s', async (mutant) => {
    const seed = `mutant.${SHOWN[mutant] ?? 'none'}`;
    const tell = await tellerOf(mutant);
    const violations = await tell(seed);
    const sound = await simulateOne(randomScenario(seed));
    expect([violations.length > 0, sound.violations]).toEqual([true, []]);
  });
});

test('a failing story is made smaller', async () => {
  const mutants = new Set<Mutant>(['no marker is written']);
  const scenario = randomScenario(`mutant.${SHOWN['no marker is written'] ?? ''}`);
  const small = await minimal(scenario, mutants);
  const { violations } = await simulateOne(small, mutants);
  const isSmaller =
    small.arms.length < scenario.arms.length ||
    small.plan.compiled.plan.steps.length < scenario.plan.compiled.plan.steps.length;
  expect([isSmaller, violations.length > 0]).toEqual([true, true]);
});
