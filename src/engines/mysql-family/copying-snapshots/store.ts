import type { SnapshotStore } from '../../port.ts';
import { compareWithSnapshot } from './compare.ts';
import { dropSnapshot } from './drop.ts';
import { extentOf, partOf } from './extent.ts';
import { findSnapshot } from './find-snapshot.ts';
import { imprintOf } from './imprint.ts';
import { openWorkers, WORKER_COUNT } from './parallel.ts';
import { proveSnapshot } from './prove.ts';
import { restoreSnapshot } from './restore.ts';
import { withPinned, type SnapshotDeps } from './session-pins.ts';
import { infoOf, listed, readSnapshots, visible } from './shadow-catalog.ts';
import type { ContentMemory } from './snapshot-contents.ts';
import { takeSnapshot } from './take.ts';

/** Snapshots as copies inside the server: shadow databases, and the definitions of everything as text. */
export function copyingSnapshots(deps: SnapshotDeps): SnapshotStore {
  const memory: ContentMemory = new Map();
  const reading = { purpose: 'read snapshots', changes: false };
  return {
    create: (spec, effect) => takeSnapshot(deps, spec, effect),
    find: (name, signal) =>
      withPinned(deps, reading, signal, async (session) => {
        const [row] = visible(await readSnapshots(session, name, signal));
        return row === undefined ? undefined : infoOf(row);
      }),
    list: (signal) =>
      withPinned(deps, reading, signal, async (session) => listed(await readSnapshots(session, undefined, signal))),
    compare: (name, part, effect) =>
      withPinned(deps, { purpose: 'compare', changes: false }, effect.signal, async (session) => {
        const snapshot = await findSnapshot(session, name, effect.signal);
        const extent = partOf(extentOf(snapshot.scope), part);
        const readers = { purpose: 'compare reader', changes: false, jobs: WORKER_COUNT };
        const workers = await openWorkers(deps, readers, effect.signal);
        try {
          const comparing = { session, workers, snapshot, extent, memory, keep: false, findRows: () => true };
          return (await compareWithSnapshot(comparing, effect.signal)).differences;
        } finally {
          await workers.close();
        }
      }),
    restore: (name, part, effect) => restoreSnapshot(deps, memory, { name, part }, effect),
    prove: (name, part, effect) => proveSnapshot(deps, memory, { name, part }, effect),
    imprint: (name, effect) => imprintOf(deps, name, effect),
    drop: (name, effect) => dropSnapshot(deps, name, effect),
  };
}
