import type { SnapshotStore } from '../../port.ts';
import { newAccounts } from '../new-account/new-accounts.ts';
import { withSession } from '../session.ts';
import { compareWithNow } from './comparing.ts';
import { dropSnapshot } from './drop.ts';
import { imprintOf } from './imprint.ts';
import { proveSnapshot } from './prove.ts';
import { restorableExtent } from './restorable.ts';
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
    compare: (name, part, effect) =>
      withSession(server.connector, reading, effect.signal, async (session) => {
        const snapshot = await readySnapshot(session, name, effect.signal);
        const extent = restorableExtent(server, snapshot, part);
        return (await compareWithNow({ server, session, snapshot, extent }, { isStill: false, effect })).differences;
      }),
    restore: (name, part, effect) => restoreSnapshot(server, { name, part }, effect),
    prove: (name, part, effect) => proveSnapshot(server, { name, part }, effect),
    imprint: (name, effect) => imprintOf(server, name, effect),
    drop: (name, effect) => dropSnapshot(server, name, effect),
    newAccounts: newAccounts(server),
  };
}
