import type { Session } from '../../port.ts';
import { quoteTable, quoteText } from '../../wire/quote.ts';
import { foreignKeyName, foreignKeysOf, foreignKeyTarget, parseTableText } from './create-table-text.ts';
import { describeEvents, describeGrants, describeRoutines, describeTriggers } from './describe-programs.ts';
import { definitionText } from './definition-text.ts';
import { describeDatabase, describeTables } from './describe-tables.ts';
import { coversTable, databasesIn, type Extent } from './extent.ts';
import type { Description, InboundKey, StoredObject } from './model.ts';
import type { Notes } from './readable.ts';
import { cellOf, records, textOf } from './result-rows.ts';

/**
 * Everything in the extent as it is now: what cannot be read is listed, not left out in silence. Objects of a kind
 * stand together, in an order in which they can be created. The session must have no current database.
 */
export async function describe(session: Session, extent: Extent, signal: AbortSignal): Promise<Description> {
  const notes: Notes = { unreadable: [], hasGrants: true };
  const objects: StoredObject[] = [];
  for (const database of extent.databases) {
    const own = await describeDatabase(session, database, signal);
    if (own === undefined) continue;
    objects.push(own, ...(await describeTables(session, database, undefined, notes, signal)));
    objects.push(...(await describeRoutines(session, database, notes, signal)));
    objects.push(...(await describeTriggers(session, database, undefined, notes, signal)));
    objects.push(...(await describeEvents(session, database, notes, signal)));
    objects.push(...(await describeGrants(session, database, notes, signal)));
  }
  for (const database of databasesIn({ databases: [], tables: extent.tables })) {
    const only = extent.tables.filter((table) => table.database === database).map(({ table }) => table);
    objects.push(...(await describeTables(session, database, only, notes, signal)));
    objects.push(...(await describeTriggers(session, database, only, notes, signal)));
  }
  return { objects, unreadable: notes.unreadable, hasGrants: notes.hasGrants };
}

/** Foreign keys of tables outside the extent that point at tables inside. */
export async function describeInboundKeys(
  session: Session,
  extent: Extent,
  signal: AbortSignal,
): Promise<readonly InboundKey[]> {
  const databases = databasesIn(extent);
  if (databases.length === 0) return [];
  const result = await session.query(
    `SELECT DISTINCT constraint_schema, table_name FROM information_schema.referential_constraints
     WHERE unique_constraint_schema IN (${databases.map(quoteText).join(', ')})`,
    { signal },
  );
  const keys: InboundKey[] = [];
  for (const row of records(result, ['database', 'table'])) {
    const child = { database: textOf(row.database), table: textOf(row.table) };
    if (coversTable(extent, child)) continue;
    const text = await session.query(`SHOW CREATE TABLE ${quoteTable(child)}`, { signal });
    for (const item of foreignKeysOf(parseTableText(definitionText(textOf(cellOf(text, 'Create Table')))))) {
      const target = foreignKeyTarget(item, child.database);
      if (!coversTable(extent, target)) continue;
      const { database, table } = child;
      keys.push({ kind: 'inbound-key', database, table, name: foreignKeyName(item), definition: item, target });
    }
  }
  return keys;
}
