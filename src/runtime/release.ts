import type { SnapshotName, StepOutcome, Verdict } from '../kernel/index.ts';
import type { Plan, SnapshotStep } from '../plan/index.ts';
import { asFailure, nothing, succeeded } from './outcomes.ts';
import type { ActionScope } from './ports.ts';
import { snapshotNameOf } from './snapshot-name.ts';

/** Drops the run's snapshots that nobody asked to keep, and closes its row in the server's record. */
export async function releaseAll(plan: Plan, scope: ActionScope): Promise<StepOutcome> {
  const { verdict } = scope.ports.history();
  const dropped: string[] = [];
  try {
    for (const own of scope.snapshots) {
      const step = plan.steps.find(({ id }) => id === own.step);
      if (own.isReused || step?.kind !== 'snapshot' || isKept(step, verdict)) continue;
      const { engine, lock } = scope.targetOf(own.target);
      await engine.snapshots.drop(own.name, { ...scope.effect, assertLocked: async () => lock?.assertHeld() });
      dropped.push(own.name);
    }
    for (const { target, name } of await leftByFailures(plan, scope)) {
      const { engine, lock } = scope.targetOf(target);
      await engine.snapshots.drop(name, { ...scope.effect, assertLocked: async () => lock?.assertHeld() });
      dropped.push(name);
    }
    return dropped.length === 0 ? nothing('every snapshot is kept') : succeeded({ kind: 'drop', snapshots: dropped });
  } catch (problem) {
    return asFailure(problem, 'some');
  }
}

/**
 * A step that failed, at its timeout for one, may have been complete on the server by then, and so may one that was cut
 * off before the way back was asked for: nobody will ask for them.
 */
async function leftByFailures(
  plan: Plan,
  scope: ActionScope,
): Promise<readonly { readonly target: string; readonly name: SnapshotName }[]> {
  const { verdict, settled, inDoubt } = scope.ports.history();
  if (verdict === 'stuck' || verdict === 'stopped' || verdict === undefined) return [];
  const left: { target: string; name: SnapshotName }[] = [];
  for (const step of plan.steps) {
    const key = `steps/${step.id}`;
    const isLeft = settled.get(key)?.outcome.kind === 'failed' || inDoubt.has(key);
    if (step.kind !== 'snapshot' || !isLeft) continue;
    const name = snapshotNameOf(step, scope.ports.run);
    const there = await scope.targetOf(step.target).engine.snapshots.find(name, scope.signal);
    if (there?.run === scope.ports.run) left.push({ target: step.target, name });
  }
  return left;
}

/** A snapshot goes at a proven verdict unless it was asked to stay; a duration is acted on by `prune`. */
export function isKept({ keep }: SnapshotStep, verdict: Verdict | undefined): boolean {
  if (verdict === 'stuck' || verdict === 'stopped' || verdict === undefined) return true;
  switch (keep.kind) {
    case 'until-proven':
      return false;
    case 'always':
    case 'for':
      return true;
    case 'on-failure':
      return verdict !== 'committed';
  }
}
