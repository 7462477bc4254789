// What the parts of a restore share.

import type { Effect, Session } from '../../port.ts';
import type { ContentMemory } from './snapshot-contents.ts';
import type { Extent } from './extent.ts';
import type { SnapshotDeps } from './session-pins.ts';
import type { SnapshotRow } from './shadow-catalog.ts';

export interface Restoring {
  readonly deps: SnapshotDeps;
  readonly session: Session;
  readonly snapshot: SnapshotRow;
  readonly extent: Extent;
  readonly effect: Effect;
  readonly memory: ContentMemory;
}

/** A statement that changes live data: sent only while the run still holds its locks. */
export async function change({ effect }: Restoring, session: Session, sql: string): Promise<void> {
  await effect.assertLocked();
  await session.query(sql, { signal: effect.signal });
}
