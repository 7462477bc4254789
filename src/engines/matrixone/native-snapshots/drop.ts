import type { SnapshotName } from '../../../kernel/index.ts';
import type { Effect, Session } from '../../port.ts';
import { withSession } from '../session.ts';
import { dropSnapshotSql } from '../statements.ts';
import type { MatrixoneServer } from './server.ts';
import { deleteSnapshotRow, knownSnapshots, snapshotRows } from './snapshot-rows.ts';

/** See `SnapshotStore.drop`. */
export async function dropSnapshot(server: MatrixoneServer, name: SnapshotName, { signal }: Effect): Promise<void> {
  await withSession(server.connector, { purpose: 'drop of a snapshot', writes: true }, signal, (session) =>
    removeSnapshot(session, name, signal),
  );
}

/** The server's snapshots first: a row without one is only a row, a snapshot without a row would be a stranger. */
export async function removeSnapshot(session: Session, name: SnapshotName, signal: AbortSignal): Promise<void> {
  const row = (await snapshotRows(session, signal)).find((one) => one.name === name);
  if (row === undefined) {
    const listed = (await knownSnapshots(session, signal)).find(({ info }) => info.name === name);
    if (listed !== undefined) await dropOnServer(session, listed.serverName, signal);
    return;
  }
  for (const own of [row.serverName, row.pending]) if (own !== '') await dropOnServer(session, own, signal);
  await deleteSnapshotRow(session, name, signal);
}

export async function dropOnServer(session: Session, serverName: string, signal: AbortSignal): Promise<void> {
  await session.query(dropSnapshotSql(serverName), { signal });
}
