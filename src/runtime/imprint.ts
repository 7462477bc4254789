// What a committed run leaves behind, noted at its commit where a snapshot of it stays: `rollback` can tell by it
// whether anybody has written since. Where nothing is kept, nothing is read.

import type { Engine, Imprint } from '../engines/index.ts';
import type { ImprintFacts } from '../journal/index.ts';
import type { RunId, SnapshotName } from '../kernel/index.ts';
import type { Plan } from '../plan/index.ts';
import { isStepFailure } from './outcomes.ts';
import { ownSnapshots } from './own-snapshots.ts';
import type { RunPorts } from './ports.ts';
import { isKept } from './release.ts';
import type { Targets } from './targets.ts';

/** Notes it for each snapshot that stays. What cannot be read is said, and the run is committed all the same. */
export async function noteImprints(
  plan: Plan,
  ports: RunPorts,
  { get }: Pick<Targets, 'get'>,
  signal: AbortSignal,
): Promise<void> {
  for (const { step: id, target, name, isReused } of ownSnapshots(plan, ports.history())) {
    const step = plan.steps.find((one) => one.id === id);
    if (isReused || step?.kind !== 'snapshot' || !isKept(step, 'committed')) continue;
    try {
      const objects = await get(target).engine.snapshots.imprint(name, readingEffect(ports.run, signal));
      const text = `what ${name} covers is known by ${Object.keys(objects).length} hashes, should it be rolled back`;
      await ports.append({ kind: 'note', text, imprint: { target, snapshot: name, objects } });
    } catch (problem) {
      if (!isStepFailure(problem)) throw problem;
      const text = `what ${name} covers could not be read for a later rollback: ${problem.message}`;
      await ports.append({ kind: 'note', text });
    }
  }
}

/** Objects that are not what they were at the commit, sorted: `table shop.orders`. */
export async function writtenSince(
  { snapshot, objects }: ImprintFacts,
  { snapshots }: Pick<Engine, 'snapshots'>,
  run: RunId,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return differing(objects, await snapshots.imprint(snapshot as SnapshotName, readingEffect(run, signal)));
}

/** Rights that were given since are not taken away by a restore. */
function differing(then: Imprint, now: Imprint): readonly string[] {
  const changed = Object.keys(then).filter((object) => now[object] !== then[object]);
  const added = Object.keys(now).filter((object) => then[object] === undefined && !object.startsWith('grant '));
  return [...changed, ...added].sort();
}

function readingEffect(run: RunId, signal: AbortSignal) {
  return { run, signal, onProgress: () => undefined, assertLocked: () => Promise.resolve() };
}
