import type { Scope, ScopePart } from '../../engines/index.ts';
import { Fault, type SnapshotName, type StepOutcome } from '../../kernel/index.ts';
import type { RestoreStep } from '../../plan/index.ts';
import { isRefusal, keepingPresent } from '../keep-present.ts';
import { asFailure, failed, succeeded } from '../outcomes.ts';
import { nameOfRef } from '../own-snapshots.ts';
import type { ActionScope } from '../ports.ts';
import { resolveTable } from '../resolve-scope.ts';
import type { StepDriver } from '../step-driver.ts';

export const restoreDriver: StepDriver<'restore'> = {
  async execute(step, scope) {
    if (step.into !== undefined) return intoNewAccount(step, step.into, scope);
    try {
      const name = nameOfRef(step.snapshot, scope.snapshots);
      const covered = await coveredBy(step, name, scope);
      if (covered !== undefined) await scope.heedWriters(scope.target, covered, 'before a restore');
      const restore = () => scope.target.engine.snapshots.restore(name, partOf(step, scope), scope.effect);
      return succeeded(await keepingPresent(scope.target, { from: name, covered }, scope, restore));
    } catch (problem) {
      // On the way back there is nowhere to go from here: the run stays open until the writers are gone.
      if (problem instanceof Fault && problem.code === 'GUARD_REFUSED' && scope.key.startsWith('steps/')) {
        return failed(problem, 'none');
      }
      return asFailure(problem, isRefusal(problem) ? 'none' : 'some');
    }
  },

  // Restoring twice is the same as restoring once, and the engine finishes, or takes away, what was cut.
  probe: () => Promise.resolve({ kind: 'not-done', why: 'a restore is finished by running it again' }),
};

/** What it puts back; undefined for a snapshot that is not there, of which the restore itself tells. */
async function coveredBy(step: RestoreStep, name: SnapshotName, scope: ActionScope): Promise<Scope | undefined> {
  const info = await scope.target.engine.snapshots.find(name, scope.signal);
  if (info === undefined) return undefined;
  const { databases, tables } = partOf(step, scope) ?? {};
  if (tables !== undefined) return { kind: 'tables', tables };
  return databases === undefined ? info.scope : { kind: 'databases', databases };
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
