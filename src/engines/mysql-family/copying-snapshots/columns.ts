import type { Session } from '../../port.ts';
import { quoteText } from '../../wire/quote.ts';
import { unquoteName } from './create-table-text.ts';
import { isNamed } from './exact-name.ts';
import type { StoredColumn } from './model.ts';
import { records, textOf } from './result-rows.ts';

const COMPUTED = /(?:VIRTUAL|STORED) GENERATED|PERSISTENT/i;

/** The columns of each table of the database, or of those in `only`, in order; computed ones are left out. */
export async function readColumns(
  session: Session,
  database: string,
  only: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly StoredColumn[]>> {
  const result = await session.query(
    `SELECT table_name, column_name, data_type, extra FROM information_schema.columns
     WHERE ${isNamed('table_schema', database)}${among(only)} ORDER BY table_name, ordinal_position`,
    { signal },
  );
  const columns = new Map<string, StoredColumn[]>();
  for (const { table, column, type, extra } of records(result, ['table', 'column', 'type', 'extra'])) {
    if (COMPUTED.test(extra ?? '')) continue;
    const list = columns.get(textOf(table)) ?? [];
    list.push({ name: textOf(column), type: textOf(type).toLowerCase() });
    columns.set(textOf(table), list);
  }
  return columns;
}

/** The columns of the primary key of each table that has one, in the key's order. */
export async function readPrimaryKeys(
  session: Session,
  database: string,
  only: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const result = await session.query(
    `SELECT table_name, column_name FROM information_schema.statistics
     WHERE ${isNamed('table_schema', database)}${among(only)} AND index_name = 'PRIMARY'
     ORDER BY table_name, seq_in_index`,
    { signal },
  );
  const keys = new Map<string, string[]>();
  for (const { table, column } of records(result, ['table', 'column'])) {
    keys.set(textOf(table), [...(keys.get(textOf(table)) ?? []), textOf(column)]);
  }
  return keys;
}

/** The two columns of a system-versioned table that say from when to when a row was true. */
export function periodColumns(definition: string): readonly StoredColumn[] {
  const period = /PERIOD FOR SYSTEM_TIME \((`(?:[^`]|``)*`), (`(?:[^`]|``)*`)\)/.exec(definition);
  const names = period === null ? ['row_start', 'row_end'] : period.slice(1).map(unquoteName);
  return names.map((name) => ({ name, type: 'timestamp' }));
}

/** A condition for these tables only. */
export function among(tables: readonly string[] | undefined): string {
  return tables === undefined ? '' : ` AND table_name IN (${tables.map(quoteText).join(', ')})`;
}
