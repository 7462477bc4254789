// What a restore destroys is kept first, where a snapshot costs nothing: even that can then be taken back.

import type { Effect, Scope } from '../engines/index.ts';
import { Fault, sha256, type RestoreEvidence, type SnapshotName } from '../kernel/index.ts';
import { isStepFailure } from './outcomes.ts';
import type { ActionScope, OpenTarget } from './ports.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const PREFIX = 'undone_';

/** How it is called, or why there is none. */
type Kept = { readonly name: SnapshotName; readonly isNew: boolean } | { readonly why: string };

interface Request {
  readonly from: SnapshotName;
  /** What the restore puts back; undefined where there is nothing to restore from. */
  readonly covered: Scope | undefined;
}

/**
 * Restores, and keeps what was there before for a day; what was kept so longer ago goes. A restore that is run again,
 * after a crash, finds the first one: that shows what was there before anything was put back. Where nothing is
 * destroyed, nothing is kept.
 */
export async function keepingPresent(
  target: OpenTarget,
  request: Request,
  scope: ActionScope,
  restore: () => Promise<RestoreEvidence>,
): Promise<RestoreEvidence> {
  const { from, covered } = request;
  const { capabilities, snapshots } = target.engine;
  if (covered === undefined || !capabilities.hasNativeSnapshots) return restore();
  const effect = { ...scope.effect, assertLocked: async () => target.lock?.assertHeld() };
  const name = `${PREFIX}${scope.ports.run}_${sha256(from).slice(0, 8)}` as SnapshotName;
  const kept = await keep(target, { name, covered }, effect);
  try {
    const evidence = await restore();
    if (evidence.destroyed.length === 0) {
      if ('name' in kept) await snapshots.drop(name, effect);
      return evidence;
    }
    return { ...evidence, declared: [...(evidence.declared ?? []), told(kept)] };
  } catch (problem) {
    if (isRefusal(problem) && 'name' in kept && kept.isNew) await snapshots.drop(name, effect);
    throw problem;
  }
}

/** What is refused, is refused before the first change. */
export function isRefusal(problem: unknown): boolean {
  return problem instanceof Fault && (problem.code === 'SNAPSHOT_REFUSED' || problem.code === 'SNAPSHOT_MISSING');
}

async function keep(
  { engine }: OpenTarget,
  { name, covered }: { readonly name: SnapshotName; readonly covered: Scope },
  effect: Effect,
): Promise<Kept> {
  const { snapshots } = engine;
  try {
    const nowMs = Date.parse(await engine.serverTime(effect.signal));
    for (const info of await snapshots.list(effect.signal)) {
      if (info.name === name && info.state === 'ready') return { name, isNew: false };
      const isOurs = info.name.startsWith(PREFIX) && info.run !== undefined;
      if (isOurs && nowMs - Date.parse(info.takenAt) > DAY_MS) await snapshots.drop(info.name, effect);
    }
    const limits = { lock: undefined, maxStallMs: 0, maxCopyBytes: Number.MAX_SAFE_INTEGER, keepForMs: DAY_MS };
    await snapshots.create({ name, scope: covered, ...limits, replace: false, mayLose: true }, effect);
    return { name, isNew: true };
  } catch (problem) {
    if (!isStepFailure(problem)) throw problem;
    return { why: problem.message };
  }
}

function told(kept: Kept): string {
  return 'name' in kept
    ? `what was destroyed is kept for a day as snapshot ${kept.name}`
    : `what was destroyed could not be kept: ${kept.why}`;
}
