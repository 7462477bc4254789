import { Fault, type SnapshotName } from '../kernel/index.ts';
import type { RunState } from '../journal/index.ts';
import type { Plan, SnapshotRef } from '../plan/index.ts';
import type { OwnSnapshot } from './ports.ts';

/** The snapshots that this run's steps took or found and has not dropped, oldest first, as the journal tells it. */
export function ownSnapshots(plan: Plan, history: RunState): readonly OwnSnapshot[] {
  const dropped = history.droppedSnapshots;
  return plan.steps.flatMap((step) => {
    const outcome = history.settled.get(`steps/${step.id}`)?.outcome;
    if (step.kind !== 'snapshot' || outcome?.kind !== 'succeeded' || outcome.evidence.kind !== 'snapshot') return [];
    const { name, taken_at: takenAt, is_reused: isReused = false } = outcome.evidence;
    if (dropped.has(name)) return [];
    const { id, target, scope } = step;
    return [{ step: id, target, name: name as SnapshotName, scope, takenAt, isReused }];
  });
}

/**
 * The name on the server of a snapshot that a plan refers to.
 *
 * @throws {Fault} SNAPSHOT_MISSING when its step did not succeed in this run, or it was dropped since.
 */
export function nameOfRef(ref: SnapshotRef, snapshots: readonly OwnSnapshot[]): SnapshotName {
  if (ref.kind === 'named') return ref.name;
  const own = snapshots.find(({ step }) => step === ref.step);
  if (own !== undefined) return own.name;
  throw new Fault('SNAPSHOT_MISSING', `step ${ref.step} left no snapshot in this run`);
}
