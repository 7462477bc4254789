import type { ScopePart } from '../../engines/index.ts';
import { Fault } from '../../kernel/index.ts';
import type { RestoreStep } from '../../plan/index.ts';
import { asFailure, succeeded } from '../outcomes.ts';
import { nameOfRef } from '../own-snapshots.ts';
import type { ActionScope } from '../ports.ts';
import { resolveTable } from '../resolve-scope.ts';
import type { StepDriver } from '../step-driver.ts';

export const restoreDriver: StepDriver<'restore'> = {
  async execute(step, scope) {
    try {
      if (step.into !== undefined) throw intoNotYet();
      const name = nameOfRef(step.snapshot, scope.snapshots);
      return succeeded(await scope.target.engine.snapshots.restore(name, partOf(step, scope), scope.effect));
    } catch (problem) {
      return asFailure(problem, 'some');
    }
  },

  // Restoring twice is the same as restoring once, and the engine finishes what was cut.
  probe: () => Promise.resolve({ kind: 'not-done', why: 'a restore is finished by running it again' }),
};

function partOf(step: RestoreStep, { target: { engine } }: ActionScope): ScopePart | undefined {
  if (step.databases === undefined && step.tables === undefined) return undefined;
  return {
    ...(step.databases === undefined ? {} : { databases: step.databases }),
    ...(step.tables === undefined ? {} : { tables: step.tables.map((table) => resolveTable(table, engine)) }),
  };
}

function intoNotYet(): Fault {
  return new Fault(
    'SNAPSHOT_REFUSED',
    'a restore into a new account is not built yet: `into` was refused before any change',
  );
}
