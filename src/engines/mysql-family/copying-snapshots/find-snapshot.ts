import { Fault, type SnapshotName } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { isPartial, readSnapshots, visible, type SnapshotRow } from './shadow-catalog.ts';

/**
 * A snapshot of this server that can be read.
 *
 * @throws {Fault} SNAPSHOT_MISSING; SNAPSHOT_REFUSED for one that is half-made, half-dropped or another server's.
 */
export async function findSnapshot(session: Session, name: SnapshotName, signal: AbortSignal): Promise<SnapshotRow> {
  const [row] = visible(await readSnapshots(session, name, signal));
  if (row === undefined) throw new Fault('SNAPSHOT_MISSING', `there is no snapshot ${name} on this server`);
  if (isPartial(row)) {
    const half = row.state === 'copying' ? 'half-made' : 'half-dropped';
    throw new Fault('SNAPSHOT_REFUSED', `snapshot ${name} is ${half}: it can only be dropped`);
  }
  await assertOwn(session, row, signal);
  return row;
}

/** MySQL's name for itself; undefined on servers that have none. */
export async function serverUuid(session: Session, signal: AbortSignal): Promise<string | undefined> {
  const { rows } = await session.query("SHOW GLOBAL VARIABLES LIKE 'server_uuid'", { signal });
  return rows[0]?.[1] ?? undefined;
}

/** A dump of a whole server, or a replica, brings the copies of another one along, which show that one's data. */
async function assertOwn(session: Session, { name, server }: SnapshotRow, signal: AbortSignal): Promise<void> {
  if (server === undefined) return;
  const own = await serverUuid(session, signal);
  if (own === server) return;
  throw new Fault(
    'SNAPSHOT_REFUSED',
    `snapshot ${name} was taken on another server (${server}, this is ${own ?? '?'})`,
    {
      hint: 'Take one here. `snapback snapshot drop` removes what a dump or a replica has brought along.',
    },
  );
}
