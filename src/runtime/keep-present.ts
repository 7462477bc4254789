// What a restore destroys is kept first, where a snapshot costs nothing: even that can then be taken back.

import type { Scope } from '../engines/index.ts';
import { sha256, type RestoreEvidence, type SnapshotName } from '../kernel/index.ts';
import { isStepFailure } from './outcomes.ts';
import type { ActionScope, OpenTarget } from './ports.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const PREFIX = 'undone_';

/** How it is called, or why there is none; undefined where snapshots are copies. */
export type Kept = { readonly name: SnapshotName } | { readonly why: string } | undefined;

/**
 * Keeps what is there for a day, and lets go what was kept so longer ago. A restore that is run again, after a crash,
 * finds the first one: that shows what was there before anything was put back.
 */
export async function keepPresent(
  target: OpenTarget,
  request: { readonly from: SnapshotName; readonly covered: Scope },
  { ports: { run }, effect, signal }: ActionScope,
): Promise<Kept> {
  const { engine, lock } = target;
  const { snapshots } = engine;
  if (!engine.capabilities.hasNativeSnapshots) return undefined;
  const name = `${PREFIX}${run}_${sha256(request.from).slice(0, 8)}` as SnapshotName;
  const locked = { ...effect, assertLocked: async () => lock?.assertHeld() };
  try {
    const nowMs = Date.parse(await engine.serverTime(signal));
    for (const info of await snapshots.list(signal)) {
      if (info.name === name && info.state === 'ready') return { name };
      const isOurs = info.name.startsWith(PREFIX) && info.run !== undefined;
      if (isOurs && nowMs - Date.parse(info.takenAt) > DAY_MS) await snapshots.drop(info.name, locked);
    }
    const limits = { lock: undefined, maxStallMs: 0, maxCopyBytes: Number.MAX_SAFE_INTEGER, keepForMs: DAY_MS };
    await snapshots.create({ name, scope: request.covered, ...limits, replace: false, mayLose: true }, locked);
    return { name };
  } catch (problem) {
    if (!isStepFailure(problem)) throw problem;
    return { why: problem.message };
  }
}

/** Says in the evidence what was kept; what nothing was destroyed of goes again. */
export async function toldKept(
  evidence: RestoreEvidence,
  kept: Kept,
  target: OpenTarget,
  { effect }: ActionScope,
): Promise<RestoreEvidence> {
  if (kept === undefined) return evidence;
  if (evidence.destroyed.length === 0) {
    if ('name' in kept) {
      const locked = { ...effect, assertLocked: async () => target.lock?.assertHeld() };
      await target.engine.snapshots.drop(kept.name, locked);
    }
    return evidence;
  }
  const text =
    'name' in kept
      ? `what was destroyed is kept for a day as snapshot ${kept.name}`
      : `what was destroyed could not be kept: ${kept.why}`;
  return { ...evidence, declared: [...(evidence.declared ?? []), text] };
}
