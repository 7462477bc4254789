import { asFailure, succeeded } from '../outcomes.ts';
import { nameOfRef } from '../own-snapshots.ts';
import type { StepDriver } from '../step-driver.ts';

export const dropDriver: StepDriver<'drop'> = {
  async execute(step, scope) {
    try {
      const name = nameOfRef(step.snapshot, scope.snapshots);
      await scope.target.engine.snapshots.drop(name, scope.effect);
      return succeeded({ kind: 'drop', snapshots: [name] });
    } catch (problem) {
      return asFailure(problem, 'none');
    }
  },

  // Dropping what is already gone succeeds.
  probe: () => Promise.resolve({ kind: 'not-done', why: 'dropping a snapshot may be repeated' }),
};
