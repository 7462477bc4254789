import { Fault, type SnapshotName } from '../../../kernel/index.ts';
import type { Effect, Session } from '../../port.ts';
import { quoteName } from '../../wire/quote.ts';
import { records, textOf } from './result-rows.ts';
import { withPinned, type SnapshotDeps } from './session-pins.ts';
import { deleteSnapshot, readSnapshots, writeSnapshot, type SnapshotRow } from './shadow-catalog.ts';

/**
 * See `SnapshotStore.drop`.
 *
 * @throws {Fault} SNAPSHOT_REFUSED while a restore from it stands half-done: its tables are needed to finish it.
 */
export async function dropSnapshot(deps: SnapshotDeps, name: SnapshotName, effect: Effect): Promise<void> {
  await withPinned(deps, { purpose: 'drop snapshot', changes: true }, effect.signal, async (session) => {
    const rows = await readSnapshots(session, name, effect.signal);
    for (const row of rows) refuseHalfRestored(row);
    for (const row of rows) await dropShadow(session, row, effect.signal);
  });
}

/** @throws {Fault} SNAPSHOT_REFUSED when live tables may still lie in its staging databases. */
export function refuseHalfRestored({ name, restore }: SnapshotRow): void {
  if (restore === undefined || restore.step === 'staging') return;
  throw new Fault('SNAPSHOT_REFUSED', `a restore from ${name} was cut half-way: finish it before the snapshot goes`, {
    hint: 'Restore from it once more, then drop it.',
  });
}

/** Removes shadow and staging databases and the record; can be cut anywhere and called again. */
export async function dropShadow(session: Session, row: SnapshotRow, signal: AbortSignal): Promise<void> {
  await writeSnapshot(session, { ...row, state: 'dropping', restore: undefined }, signal);
  for (const database of await databasesOf(session, row, signal)) {
    await session.query(`DROP DATABASE IF EXISTS ${quoteName(database)}`, { signal });
  }
  await deleteSnapshot(session, row, signal);
}

async function databasesOf(session: Session, { token }: SnapshotRow, signal: AbortSignal): Promise<readonly string[]> {
  const result = await session.query(
    `SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'sb|_${token}|_%' ESCAPE '|'`,
    { signal },
  );
  return records(result, ['name']).map(({ name }) => textOf(name));
}
