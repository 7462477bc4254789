import { sha256, type RunId, type SnapshotName } from '../kernel/index.ts';
import type { SnapshotStep } from '../plan/index.ts';

/** The step's own name, or one that carries the run: then a snapshot under it can only be this run's. */
export function snapshotNameOf(step: Pick<SnapshotStep, 'id' | 'name'>, run: RunId): SnapshotName {
  if (step.name !== undefined) return step.name;
  const id = step.id.toLowerCase();
  const short = id.length <= 32 ? id : `${id.slice(0, 23)}_${sha256(id).slice(0, 8)}`;
  return `sb_${run}_${short}` as SnapshotName;
}
