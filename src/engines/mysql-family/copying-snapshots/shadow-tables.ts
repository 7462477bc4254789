import { Fault } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteName } from '../../wire/quote.ts';
import { asInnodb, autoIncrementColumnOf, parseTableText, printTableText, shadowText } from './create-table-text.ts';
import type { StoredTable } from './model.ts';
import { shadowDatabase, type SnapshotRow } from './shadow-catalog.ts';

/** Creates the table's shadow: primary key only, in storage that survives a power loss. */
export async function createShadowTable(
  session: Session,
  snapshot: SnapshotRow,
  { database, name, definition }: StoredTable,
  signal: AbortSignal,
): Promise<void> {
  const shadow = shadowDatabase(snapshot, database);
  const full = parseTableText(definition);
  const text = shadowText(full, autoIncrementColumnOf(full));
  const durable = asInnodb(text);
  if (durable !== undefined) {
    try {
      await session.query(printTableText(shadow, name, durable), { signal });
      return;
    } catch (error) {
      // Not every MyISAM or Aria table fits into InnoDB; then the copy stays in the engine of the original.
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
