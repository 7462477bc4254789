import { Fault } from '../../../kernel/index.ts';
import type { Session, SnapshotSpec } from '../../port.ts';
import { quoteName } from '../../wire/quote.ts';
import { asAriaHeap, asInnodb, autoIncrementColumnOf, parseTableText } from './create-table-text.ts';
import { printTableText, shadowText } from './create-table-text.ts';
import type { StoredTable } from './model.ts';
import type { FamilyServer } from './session-pins.ts';
import { shadowDatabase, type SnapshotRow } from './shadow-catalog.ts';

/** `aria`: rows without a key where that can be; else InnoDB with the primary key. */
export type ShadowStorage = 'aria' | 'innodb';

/**
 * Aria takes rows in half the time of InnoDB. It is no choice where each row is a statement of its own (`lock: brief`),
 * where the data are to be encrypted, or in a Galera cluster, which would not have the rows on its other nodes.
 */
export async function storageFor(
  { flavour }: FamilyServer,
  session: Session,
  lock: SnapshotSpec['lock'],
  signal: AbortSignal,
): Promise<ShadowStorage> {
  if (flavour === 'mysql' || lock === 'brief') return 'innodb';
  const sql = "SHOW GLOBAL VARIABLES WHERE variable_name IN ('wsrep_on', 'innodb_encrypt_tables')";
  const { rows } = await session.query(sql, { signal });
  return rows.every(([, value]) => value === 'OFF') ? 'aria' : 'innodb';
}

/** Creates the table's shadow in storage that survives a power loss. */
export async function createShadowTable(
  session: Session,
  snapshot: SnapshotRow,
  { table: { database, name, definition }, storage }: { readonly table: StoredTable; readonly storage: ShadowStorage },
  signal: AbortSignal,
): Promise<void> {
  const shadow = shadowDatabase(snapshot, database);
  const full = parseTableText(definition);
  const text = shadowText(full, autoIncrementColumnOf(full));
  const better = [storage === 'aria' ? asAriaHeap(full) : undefined, asInnodb(text)];
  for (const durable of better) {
    if (durable === undefined) continue;
    try {
      await session.query(printTableText(shadow, name, durable), { signal });
      return;
    } catch (error) {
      // Not every table fits into another engine; then the copy stays in the engine of the original.
      if (!(error instanceof Fault) || error.code !== 'STATEMENT_FAILED') throw error;
    }
  }
  await session.query(printTableText(shadow, name, text), { signal });
}

export async function dropShadowTable(
  session: Session,
  snapshot: SnapshotRow,
  { database, name }: StoredTable,
  signal: AbortSignal,
): Promise<void> {
  const shadow = shadowDatabase(snapshot, database);
  await session.query(`DROP TABLE IF EXISTS ${quoteName(shadow)}.${quoteName(name)}`, { signal });
}
