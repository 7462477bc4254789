import type { SnapshotStore } from '../../port.ts';
import { compareMoments } from '../compare.ts';
import { extentOf, partOf } from '../extent.ts';
import { withSession } from '../session.ts';
import { dropSnapshot } from './drop.ts';
import { proveSnapshot } from './prove.ts';
import { readySnapshot, restoreSnapshot } from './restore.ts';
import type { MatrixoneServer } from './server.ts';
import { findSnapshot, knownSnapshots } from './snapshot-rows.ts';
import { takeSnapshot } from './take.ts';

/** Snapshots that the server takes itself, in no time and at one moment. */
export function nativeSnapshots(server: MatrixoneServer): SnapshotStore {
  const reading = { purpose: 'question about snapshots', writes: false };
  return {
    create: (spec, effect) => takeSnapshot(server, spec, effect),
    find: (name, signal) =>
      withSession(
        server.connector,
        reading,
        signal,
        async (session) => (await findSnapshot(session, name, signal))?.info,
      ),
    list: (signal) =>
      withSession(server.connector, reading, signal, async (session) =>
        (await knownSnapshots(session, signal)).map(({ info }) => info),
      ),
    compare: (name, part, { signal }) =>
      withSession(server.connector, reading, signal, async (session) => {
        const snapshot = await readySnapshot(session, name, signal);
        const extent = partOf(extentOf(snapshot.info.scope), part);
        const comparing = { session, extent, since: snapshot.serverName, until: undefined, memory: server.memory };
        return (await compareMoments(comparing, signal)).differences;
      }),
    restore: (name, part, effect) => restoreSnapshot(server, { name, part }, effect),
    prove: (name, part, effect) => proveSnapshot(server, { name, part }, effect),
    drop: (name, effect) => dropSnapshot(server, name, effect),
  };
}
