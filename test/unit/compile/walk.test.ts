import { describe, expect, test } from 'vitest';
import { compilePlan } from '../../../src/compile/index.ts';
import type { Plan } from '../../../src/plan/index.ts';
import { common, planOf, runStep, snapshotStep, sqlStep, verifyStep } from '../../support/plan-builder.ts';

function refused(plan: Plan): readonly string[] {
  const compiled = compilePlan(plan);
  return compiled.kind === 'ok' ? [] : compiled.problem.map(({ code, message }) => `${code} ${message}`);
}

const nothingToRestore = (step: string): string =>
  `NOTHING_TO_RESTORE_FROM \`${step}\` can fail and there is no snapshot of this run to go back to`;

describe('a plan is refused', () => {
  test('when a destructive step comes before any snapshot, each step that could strand it by name', () => {
    expect(refused(planOf([sqlStep('one'), runStep('two'), snapshotStep('late'), sqlStep('three')]))).toEqual([
      nothingToRestore('one'),
      nothingToRestore('two'),
      nothingToRestore('late'),
    ]);
  });

  test('when its snapshot was dropped again', () => {
    const drop = { ...common('drop'), kind: 'drop', snapshot: { kind: 'step', step: common('before').id } } as const;
    expect(refused(planOf([snapshotStep('before'), drop, sqlStep('migrate')]))).toEqual([nothingToRestore('migrate')]);
  });

  test('when a check can fail after a change and its snapshot has been dropped, or was never there', () => {
    const drop = { ...common('drop'), kind: 'drop', snapshot: { kind: 'step', step: common('before').id } } as const;
    const dropped = [snapshotStep('before'), sqlStep('migrate'), drop, verifyStep('check')];
    const never = [sqlStep('migrate', { onFailure: 'stop' }), verifyStep('check')];
    expect([refused(planOf(dropped)), refused(planOf(never))]).toEqual([
      [nothingToRestore('check')],
      [nothingToRestore('check')],
    ]);
  });

  test('when its snapshot may have failed', () => {
    const shaky = snapshotStep('before', { onFailure: 'continue' });
    expect(refused(planOf([shaky, sqlStep('migrate')]))).toEqual([nothingToRestore('migrate')]);
  });

  test("when its snapshot may be another run's", () => {
    const found = snapshotStep('baseline', { ifMissing: true });
    expect(refused(planOf([found, sqlStep('migrate')]))).toEqual([nothingToRestore('migrate')]);
  });
});

describe('a plan is accepted', () => {
  test('when a snapshot comes before every destructive step', () => {
    expect(refused(planOf([snapshotStep('before'), sqlStep('migrate'), verifyStep('check')]))).toEqual([]);
  });

  test('when a destructive step says that its damage may stay', () => {
    expect(refused(planOf([sqlStep('migrate', { onFailure: 'stop' })]))).toEqual([]);
  });

  test('when its only destructive step is an in-place restore', () => {
    const restore = {
      ...common('reset'),
      kind: 'restore',
      snapshot: { kind: 'named', name: 'baseline' as never },
      databases: undefined,
      tables: undefined,
      into: undefined,
    } as const;
    expect(refused(planOf([restore]))).toEqual([]);
  });
});
