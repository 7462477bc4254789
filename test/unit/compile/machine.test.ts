import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import { machineOf, type Entry, type Performers } from '../../../src/compile/index.ts';
import { topologyOf } from '../../../src/compile/topology.ts';
import { Fault } from '../../../src/kernel/index.ts';
import { failed, nothing } from '../../../src/runtime/outcomes.ts';
import type { Plan } from '../../../src/plan/index.ts';
import { planOf, snapshotStep, sqlStep, verifyStep } from '../../support/plan-builder.ts';

interface Played {
  readonly path: readonly string[];
  readonly verdict: string | undefined;
  readonly failedAction: string | undefined;
}

/** Plays a plan with actors that fail where they are told to, and tells which way it went. */
async function play(plan: Plan, failing: readonly string[] = [], entry: Entry = 'the beginning'): Promise<Played> {
  const path: string[] = [];
  const topology = topologyOf(plan);
  const performers: Performers = {
    perform: async ({ key }) => {
      path.push(key);
      return failing.includes(key) ? failed(new Fault('CHECK_FAILED', 'told to'), 'none') : nothing('told to');
    },
    record: async ({ verdict }) => void path.push(`verdict ${verdict}`),
  };
  return new Promise((resolve, reject) => {
    const actor = createActor(machineOf(topology, 'test'), { input: { entry, performers } });
    actor.subscribe({
      complete: () => {
        const { verdict, failedAction } = actor.getSnapshot().context;
        resolve({ path, verdict, failedAction });
      },
      error: reject,
    });
    actor.start();
  });
}

const upgrade = [snapshotStep('before'), sqlStep('migrate'), verifyStep('check')];

describe('the machine of a plan', () => {
  test('goes through every step, gives its verdict and releases the snapshots when all succeed', async () => {
    expect(await play(planOf(upgrade))).toEqual({
      path: ['steps/before', 'steps/migrate', 'steps/check', 'verdict committed', 'auto/release'],
      verdict: 'committed',
      failedAction: undefined,
    });
  });

  test('restores and proves when a check fails after a change', async () => {
    expect(await play(planOf(upgrade), ['steps/check'])).toEqual({
      path: [
        'steps/before',
        'steps/migrate',
        'steps/check',
        'auto/restore',
        'auto/proof',
        'verdict rolled-back',
        'auto/release',
      ],
      verdict: 'rolled-back',
      failedAction: 'steps/check',
    });
  });

  test('touches nothing when a step fails before anything was changed', async () => {
    expect(await play(planOf(upgrade), ['steps/before'])).toEqual({
      path: ['steps/before', 'verdict failed-clean', 'auto/release'],
      verdict: 'failed-clean',
      failedAction: 'steps/before',
    });
  });

  test.each(['auto/restore', 'auto/proof'])('is stuck, and cleans nothing up, when %s fails', async (key) => {
    const { path, verdict } = await play(planOf(upgrade, { finally: [sqlStep('tidy')] }), ['steps/check', key]);
    expect({ last: path.at(-1), verdict }).toEqual({ last: 'verdict stuck', verdict: 'stuck' });
  });

  test('undoes in reverse order, restores all the same when an undo fails, and is stuck then', async () => {
    const first = sqlStep('first', { undo: [sqlStep('undo-first')] });
    const second = sqlStep('second', { undo: [sqlStep('undo-second'), sqlStep('undo-second-too')] });
    const plan = planOf([snapshotStep('before'), first, second]);
    expect(await play(plan, ['steps/second', 'undo/second/undo-second'])).toEqual({
      path: [
        'steps/before',
        'steps/first',
        'steps/second',
        'undo/second/undo-second',
        'undo/second/undo-second-too',
        'undo/first/undo-first',
        'auto/restore',
        'auto/proof',
        'verdict stuck',
      ],
      verdict: 'stuck',
      failedAction: 'steps/second',
    });
  });

  test('leaves everything as it is at a step that says `on_failure: stop`', async () => {
    const plan = planOf([snapshotStep('before'), sqlStep('migrate', { onFailure: 'stop' })]);
    expect(await play(plan, ['steps/migrate'])).toEqual({
      path: ['steps/before', 'steps/migrate', 'verdict stopped', 'auto/release'],
      verdict: 'stopped',
      failedAction: 'steps/migrate',
    });
  });

  test('goes on past a step that says `on_failure: continue`', async () => {
    const plan = planOf([snapshotStep('before'), sqlStep('migrate', { onFailure: 'continue' })]);
    expect(await play(plan, ['steps/migrate'])).toEqual({
      path: ['steps/before', 'steps/migrate', 'verdict committed', 'auto/release'],
      verdict: 'committed',
      failedAction: undefined,
    });
  });

  test("runs the plan's own rollback instead of ours, and proves it", async () => {
    const plan = planOf(upgrade, { rollback: [sqlStep('by-hand')] });
    expect((await play(plan, ['steps/check'])).path.slice(3)).toEqual([
      'rollback/by-hand',
      'auto/proof',
      'verdict rolled-back',
      'auto/release',
    ]);
  });

  test('runs `finally` once, after the verdict', async () => {
    const plan = planOf(upgrade, { finally: [sqlStep('tidy')] });
    expect((await play(plan)).path.slice(3)).toEqual(['verdict committed', 'finally/tidy', 'auto/release']);
  });

  test('enters on the way back when a person asks for it', async () => {
    expect(await play(planOf(upgrade), [], 'the way back')).toEqual({
      path: ['auto/restore', 'auto/proof', 'verdict rolled-back', 'auto/release'],
      verdict: 'rolled-back',
      failedAction: undefined,
    });
  });

  test('gives steps called `committed` or `ended` states of their own', async () => {
    const plan = planOf([snapshotStep('ended'), sqlStep('committed')]);
    expect((await play(plan)).path).toEqual(['steps/ended', 'steps/committed', 'verdict committed', 'auto/release']);
  });
});
