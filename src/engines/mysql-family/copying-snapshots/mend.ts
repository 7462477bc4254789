// Puts rows back into live tables. A table whose rows still lie aside is not mended yet: each is done in one
// transaction, which can be walked again after a cut.

import { quoteName, quoteTable, quoteText } from '../../wire/quote.ts';
import { parseTableText } from './create-table-text.ts';
import { labelOf, refOf, tablesOf, type StoredObject, type StoredTable } from './model.ts';
import { eachInParallel, openWorkers } from './parallel.ts';
import { records, textOf } from './result-rows.ts';
import { change, type Restoring } from './restoring.ts';
import { EXACT, MARIADB_HASH_JOIN } from './row-difference.ts';
import { mendingDatabase, shadowDatabase, type RestoreProgress } from './shadow-catalog.ts';
import { asideRef } from './stage-rows.ts';

/** Makes the tables in `mended` equal to the snapshot, with what was laid aside for them. */
export async function mendTables(
  restoring: Restoring,
  wanted: readonly StoredObject[],
  { mended = [], destroyed }: RestoreProgress,
): Promise<void> {
  if (mended.length === 0) return;
  const { deps, effect } = restoring;
  const waiting = await stillAside(
    restoring,
    tablesOf(wanted).filter((table) => mended.includes(labelOf(table))),
  );
  const request = { purpose: 'restore worker', changes: true, jobs: waiting.length };
  const workers = await openWorkers(deps, request, effect.signal);
  try {
    await eachInParallel(workers, waiting, effect.signal, async (session, table, signal) => {
      const hasAdded = destroyed.some(({ name, rows }) => name === labelOf(table) && (rows?.added ?? 0) > 0);
      const own = { ...restoring, effect: { ...effect, signal } };
      for (const sql of mendingStatements(restoring, table, hasAdded)) await change(own, session, sql);
    });
  } finally {
    await workers.close();
  }
}

function mendingStatements(restoring: Restoring, table: StoredTable, hasAdded: boolean): readonly string[] {
  const { snapshot } = restoring;
  const [live, aside] = [quoteTable(refOf(table)), quoteTable(asideRef(snapshot, table))];
  const on = (own: string, other: string): string => sameKey(table, own, other);
  const first = quoteName(table.primaryKey[0] ?? '');
  const columns = table.columns.map(({ name }) => quoteName(name));
  const insert = `INSERT INTO ${live} (${columns.join(', ')}) SELECT ${columns.map((name) => `s.${name}`).join(', ')}`;
  const statements = hasAdded ? deleteAdded(restoring, table) : ['START TRANSACTION'];
  // No alias for the live table: to delete by an alias, a session needs a current database.
  statements.push(
    ...(canUpdate(table)
      ? [`${insert} FROM ${aside} s ON DUPLICATE KEY UPDATE ${assignments(table).join(', ')}`]
      : [
          `DELETE FROM ${live} USING ${live} JOIN ${aside} s ON ${on(live, 's')}`,
          `${insert} FROM ${aside} s LEFT JOIN ${live} l ON ${on('l', 's')} WHERE l.${first} IS NULL`,
        ]),
    'COMMIT',
    `DROP TABLE ${aside}`,
  );
  return statements;
}

function sameKey({ primaryKey }: StoredTable, own: string, other: string): string {
  return primaryKey.map((name) => `${own}.${quoteName(name)} = ${other}.${quoteName(name)}`).join(' AND ');
}

/**
 * Starts the transaction with the rows that the snapshot does not have. MariaDB does not hash for a DELETE, and without
 * that it would read a shadow without a key once for each live row: the keys are found first.
 */
function deleteAdded({ deps, snapshot }: Restoring, table: StoredTable): string[] {
  const live = quoteTable(refOf(table));
  const { database, name } = table;
  const shadow = quoteTable({ database: shadowDatabase(snapshot, database), table: name });
  const strangers = `${live} LEFT JOIN ${shadow} s ON ${sameKey(table, live, 's')}
    WHERE s.${quoteName(table.primaryKey[0] ?? '')} IS NULL`;
  if (deps.flavour === 'mysql') return ['START TRANSACTION', `DELETE FROM ${live} USING ${strangers}`];
  const added = quoteTable({ database: mendingDatabase(snapshot, database), table: 'snapback added' });
  const key = table.primaryKey.map((column) => `${live}.${quoteName(column)}`).join(', ');
  return [
    `DROP TEMPORARY TABLE IF EXISTS ${added}`,
    `${MARIADB_HASH_JOIN}CREATE TEMPORARY TABLE ${added} SELECT ${key} FROM ${strangers}`,
    'START TRANSACTION',
    `DELETE FROM ${live} USING ${added} a STRAIGHT_JOIN ${live} ON ${sameKey(table, live, 'a')}`,
  ];
}

/**
 * An update touches only the indexes that it must. It is no choice where two rows may change a unique value between
 * them, or where keys may be called equal and are not the same.
 */
function canUpdate({ definition, columns, primaryKey }: StoredTable): boolean {
  const isUnique = parseTableText(definition).items.some((item) => item.startsWith('UNIQUE KEY '));
  const isExact = primaryKey.every((name) => columns.some((column) => column.name === name && EXACT.test(column.type)));
  return !isUnique && isExact && columns.length > primaryKey.length;
}

function assignments(table: StoredTable): readonly string[] {
  const live = quoteTable(refOf(table));
  const values = table.columns.map(({ name }) => name).filter((name) => !table.primaryKey.includes(name));
  return values.map((name) => `${live}.${quoteName(name)} = s.${quoteName(name)}`);
}

async function stillAside(
  { session, snapshot, effect }: Restoring,
  tables: readonly StoredTable[],
): Promise<readonly StoredTable[]> {
  const waiting: StoredTable[] = [];
  for (const database of new Set(tables.map((table) => table.database))) {
    const sql = `SELECT table_name FROM information_schema.tables
       WHERE table_schema = ${quoteText(mendingDatabase(snapshot, database))}`;
    const found = records(await session.query(sql, { signal: effect.signal }), ['name']);
    const names = found.map(({ name }) => textOf(name));
    waiting.push(...tables.filter((table) => table.database === database && names.includes(table.name)));
  }
  return waiting;
}
