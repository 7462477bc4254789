import { tableLabel, type TableRef } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteName, quoteTable } from '../../wire/quote.ts';
import { among, periodColumns, readColumns, readPrimaryKeys } from './columns.ts';
import { nextAutoIncrement, parseTableText } from './create-table-text.ts';
import { definitionText } from './definition-text.ts';
import { isNamed } from './exact-name.ts';
import { readOrNote, type Notes } from './readable.ts';
import type { CreationPins, StoredObject, StoredSequence, StoredTable, StoredView } from './model.ts';
import { cellOf, countOf, records, textOf } from './result-rows.ts';

/** The definition of the database itself; undefined when there is no such database. */
export async function describeDatabase(
  session: Session,
  database: string,
  signal: AbortSignal,
): Promise<StoredObject | undefined> {
  const found = await session.query(
    `SELECT 1 FROM information_schema.schemata WHERE ${isNamed('schema_name', database)}`,
    { signal },
  );
  if (found.rows.length === 0) return undefined;
  const result = await session.query(`SHOW CREATE DATABASE ${quoteName(database)}`, { signal });
  return { kind: 'database', database, name: database, definition: textOf(cellOf(result, 'Create Database')) };
}

interface ListedTable {
  readonly ref: TableRef;
  readonly type: string;
  readonly engine: string;
  readonly rows: number;
  readonly bytes: number;
  readonly comment: string;
}

/** Tables, sequences and views, by name; those of `only` where it is given. */
export async function describeTables(
  session: Session,
  database: string,
  only: readonly string[] | undefined,
  notes: Notes,
  signal: AbortSignal,
): Promise<readonly StoredObject[]> {
  const listed = (await listTables(session, database, only, signal)).filter(
    ({ ref }) => only === undefined || only.includes(ref.table),
  );
  if (listed.length === 0) return [];
  const columns = await readColumns(session, database, only, signal);
  const keys = await readPrimaryKeys(session, database, only, signal);
  const sequences: StoredSequence[] = [];
  const tables: StoredTable[] = [];
  const views: StoredView[] = [];
  for (const table of listed) {
    if (table.type === 'VIEW') views.push(await describeView(session, table, notes, signal));
    else if (table.type === 'SEQUENCE') sequences.push(await describeSequence(session, table, signal));
    else tables.push(await describeTable(session, table, columns, keys, signal));
  }
  return [...sequences, ...tables, ...views];
}

const KEPT_TYPES: ReadonlySet<string> = new Set(['BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE', 'VIEW']);

async function listTables(
  session: Session,
  database: string,
  only: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<readonly ListedTable[]> {
  const result = await session.query(
    `SELECT table_name, table_type, engine, table_rows, data_length + index_length, table_comment
     FROM information_schema.tables WHERE ${isNamed('table_schema', database)}${among(only)}`,
    { signal },
  );
  return records(result, ['table', 'type', 'engine', 'rows', 'bytes', 'comment'])
    .filter(({ type }) => KEPT_TYPES.has(textOf(type)))
    .map(({ table, type, engine, rows, bytes, comment }) => ({
      ref: { database, table: textOf(table) },
      type: textOf(type),
      engine: engine ?? '',
      rows: countOf(rows),
      bytes: countOf(bytes),
      comment: comment ?? '',
    }))
    .sort((a, b) => (a.ref.table < b.ref.table ? -1 : 1));
}

async function describeTable(
  session: Session,
  listed: ListedTable,
  columns: ReadonlyMap<string, StoredTable['columns']>,
  keys: ReadonlyMap<string, readonly string[]>,
  signal: AbortSignal,
): Promise<StoredTable> {
  const { ref, engine, rows, bytes, type } = listed;
  const result = await session.query(`SHOW CREATE TABLE ${quoteTable(ref)}`, { signal });
  const definition = definitionText(textOf(cellOf(result, 'Create Table')));
  const isVersioned = type === 'SYSTEM VERSIONED';
  const own = columns.get(ref.table) ?? [];
  const period = isVersioned ? periodColumns(definition) : [];
  return {
    kind: 'table',
    database: ref.database,
    name: ref.table,
    definition,
    engine,
    autoIncrement: nextAutoIncrement(parseTableText(definition)),
    columns: [...own.filter(({ name }) => !period.some((column) => column.name === name)), ...period],
    primaryKey: keys.get(ref.table) ?? [],
    isVersioned,
    rowsEstimate: rows,
    bytes,
  };
}

async function describeView(
  session: Session,
  { ref, comment }: ListedTable,
  notes: Notes,
  signal: AbortSignal,
): Promise<StoredView> {
  const result = await readOrNote(
    notes,
    { object: 'view', name: tableLabel(ref) },
    session.query(`SHOW CREATE VIEW ${quoteTable(ref)}`, { signal }),
  );
  const definition = result === undefined ? '' : textOf(cellOf(result, 'Create View'));
  const pins: CreationPins =
    result === undefined ? { characterSetClient: '', collationConnection: '' } : creationPinsOf(result);
  // The server says so in the comment, and only for a view that cannot be used: an ordinary one has `VIEW` there.
  return { kind: 'view', database: ref.database, name: ref.table, definition, pins, isValid: comment === 'VIEW' };
}

async function describeSequence(session: Session, { ref }: ListedTable, signal: AbortSignal): Promise<StoredSequence> {
  const text = await session.query(`SHOW CREATE SEQUENCE ${quoteTable(ref)}`, { signal });
  const state = await session.query(`SELECT next_not_cached_value, cycle_count, cache_size FROM ${quoteTable(ref)}`, {
    signal,
  });
  const row = records(state, ['next', 'cycles', 'cache'])[0];
  return {
    kind: 'sequence',
    database: ref.database,
    name: ref.table,
    definition: textOf(cellOf(text, 'Create Table')),
    nextValue: textOf(row?.next),
    cycleCount: textOf(row?.cycles),
    cacheSize: textOf(row?.cache),
  };
}

/** What SHOW CREATE says of the session in which the object was made. */
export function creationPinsOf(result: Parameters<typeof cellOf>[0]): CreationPins {
  const optional = (column: string): string | undefined =>
    result.columns.includes(column) ? (cellOf(result, column) ?? undefined) : undefined;
  const sqlMode = optional('sql_mode');
  const timeZone = optional('time_zone');
  const databaseCollation = optional('Database Collation');
  return {
    ...(sqlMode === undefined ? {} : { sqlMode }),
    ...(timeZone === undefined ? {} : { timeZone }),
    characterSetClient: textOf(cellOf(result, 'character_set_client')),
    collationConnection: textOf(cellOf(result, 'collation_connection')),
    ...(databaseCollation === undefined ? {} : { databaseCollation }),
  };
}
