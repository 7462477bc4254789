import { Fault, type SnapshotName } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { isPartial, readSnapshots, visible, type SnapshotRow } from './shadow-catalog.ts';

/**
 * A snapshot that can be read.
 *
 * @throws {Fault} SNAPSHOT_MISSING; SNAPSHOT_REFUSED for one that is half-made or half-dropped.
 */
export async function findSnapshot(session: Session, name: SnapshotName, signal: AbortSignal): Promise<SnapshotRow> {
  const [row] = visible(await readSnapshots(session, name, signal));
  if (row === undefined) throw new Fault('SNAPSHOT_MISSING', `there is no snapshot ${name} on this server`);
  if (isPartial(row)) {
    const half = row.state === 'copying' ? 'half-made' : 'half-dropped';
    throw new Fault('SNAPSHOT_REFUSED', `snapshot ${name} is ${half}: it can only be dropped`);
  }
  return row;
}
