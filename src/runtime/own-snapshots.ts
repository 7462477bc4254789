import { Fault, type SnapshotName } from '../kernel/index.ts';
import type { RunState } from '../journal/index.ts';
import type { Plan, SnapshotRef } from '../plan/index.ts';
import type { OwnSnapshot } from './ports.ts';

/** The snapshots that this run's steps took or found and has not dropped, oldest first, as the journal tells it. */
export function ownSnapshots(plan: Plan, history: RunState): readonly OwnSnapshot[] {
  const own: OwnSnapshot[] = [];
  for (const step of plan.steps) {
    if (step.kind !== 'snapshot') continue; // Before anything is made: every action of a long plan asks.
    const outcome = history.settled.get(`steps/${step.id}`)?.outcome;
    if (outcome?.kind !== 'succeeded' || outcome.evidence.kind !== 'snapshot') continue;
    const { name, taken_at: takenAt, is_reused: isReused = false } = outcome.evidence;
    if (history.droppedSnapshots.has(name)) continue;
    const { id, target, scope } = step;
    own.push({ step: id, target, name: name as SnapshotName, scope, takenAt, isReused });
  }
  return own;
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
