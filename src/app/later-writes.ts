// The rule of later writes: a committed run is taken back without a question only while its scope is still what it was
// at the commit, and only by its own snapshots.

import type { CompiledPlan } from '../compile/index.ts';
import type { Engine } from '../engines/index.ts';
import type { Journal } from '../journal/index.ts';
import { Fault, type SnapshotName } from '../kernel/index.ts';
import { ownSnapshots, writtenSince } from '../runtime/index.ts';
import type { AppContext } from './context.ts';

const SHOWN_MAX = 5;
const HINT = 'If that is meant, add --discard-later-writes.';

/**
 * @throws {Fault} RUN_NOT_OPEN where a snapshot is gone, or another's; GUARD_REFUSED naming what is not as the run left
 * it.
 */
export async function assertCanTakeBack(
  { plan }: CompiledPlan,
  journal: Journal,
  discardLaterWrites: boolean,
  { openEngine, signal }: AppContext,
): Promise<void> {
  const changed: string[] = [];
  const options = { onSessionOpened: () => Promise.resolve(), run: journal.run };
  for (const { target: name, name: snapshot, isReused } of ownSnapshots(plan, journal.state())) {
    const target = plan.targets.get(name);
    if (isReused || target === undefined) continue;
    const engine = await openEngine(target.url, options, signal);
    try {
      await assertStillOwn(snapshot, journal, engine, signal);
      if (!discardLaterWrites) changed.push(...(await since(snapshot, journal, engine, signal)));
    } finally {
      await engine.close();
    }
  }
  const distinct = [...new Set(changed)];
  if (distinct.length === 0) return;
  const more = distinct.length > SHOWN_MAX ? ` and ${distinct.length - SHOWN_MAX} more` : '';
  throw new Fault(
    'GUARD_REFUSED',
    `run ${journal.run} was committed, and not as it was then: ${distinct.slice(0, SHOWN_MAX).join(', ')}${more}`,
    { hint: `Going back would lose what was written since. ${HINT}` },
  );
}

/** Under a name of a person's, another run may have taken one since: that one shows other data. */
async function assertStillOwn(name: SnapshotName, { run }: Journal, { snapshots }: Engine, signal: AbortSignal) {
  const there = await snapshots.find(name, signal);
  if (there !== undefined && (there.run === undefined || there.run === run)) return;
  const now = there === undefined ? 'is gone' : `was replaced by run ${there.run ?? ''}`;
  throw new Fault('RUN_NOT_OPEN', `run ${run} was committed, and its snapshot ${name} ${now} since`);
}

async function since(
  name: SnapshotName,
  journal: Journal,
  engine: Engine,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const imprint = journal.state().imprints.get(name);
  if (imprint !== undefined) return writtenSince(imprint, engine, journal.run, signal);
  const message = `run ${journal.run} was committed, and what it left was not noted: later writes would be lost unseen`;
  throw new Fault('GUARD_REFUSED', message, { hint: HINT });
}
