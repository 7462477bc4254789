import type { ScopePart } from '../../engines/index.ts';
import { Fault, type StepOutcome } from '../../kernel/index.ts';
import type { RestoreStep } from '../../plan/index.ts';
import { asFailure, succeeded } from '../outcomes.ts';
import { nameOfRef } from '../own-snapshots.ts';
import type { ActionScope } from '../ports.ts';
import { resolveTable } from '../resolve-scope.ts';
import type { StepDriver } from '../step-driver.ts';

export const restoreDriver: StepDriver<'restore'> = {
  async execute(step, scope) {
    if (step.into !== undefined) return intoNewAccount(step, step.into, scope);
    try {
      const name = nameOfRef(step.snapshot, scope.snapshots);
      return succeeded(await scope.target.engine.snapshots.restore(name, partOf(step, scope), scope.effect));
    } catch (problem) {
      return asFailure(problem, isRefusal(problem) ? 'none' : 'some');
    }
  },

  // Restoring twice is the same as restoring once, and the engine finishes, or takes away, what was cut.
  probe: () => Promise.resolve({ kind: 'not-done', why: 'a restore is finished by running it again' }),
};

/** What is refused, is refused before the first change. */
function isRefusal(problem: unknown): boolean {
  return problem instanceof Fault && (problem.code === 'SNAPSHOT_REFUSED' || problem.code === 'SNAPSHOT_MISSING');
}

/** What the snapshot is of stays as it is, and what fails goes away again. */
async function intoNewAccount(
  step: RestoreStep,
  into: NonNullable<RestoreStep['into']>,
  { target: { engine }, snapshots, effect }: ActionScope,
): Promise<StepOutcome> {
  try {
    const { newAccounts } = engine.snapshots;
    if (newAccounts === undefined) {
      throw new Fault('SNAPSHOT_REFUSED', `${engine.label} has no accounts: \`into\` is for MatrixOne`);
    }
    return succeeded(await newAccounts.restore(nameOfRef(step.snapshot, snapshots), into, effect));
  } catch (problem) {
    return asFailure(problem, 'none');
  }
}

function partOf(step: RestoreStep, { target: { engine } }: ActionScope): ScopePart | undefined {
  if (step.databases === undefined && step.tables === undefined) return undefined;
  return {
    ...(step.databases === undefined ? {} : { databases: step.databases }),
    ...(step.tables === undefined ? {} : { tables: step.tables.map((table) => resolveTable(table, engine)) }),
  };
}
