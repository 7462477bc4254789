// A number for the content of a table: equal for equal rows in whatever order, computed in the server.

import { invariant, type TableRef } from '../../kernel/index.ts';
import type { Session } from '../port.ts';
import { quoteName, quoteTable } from '../wire/quote.ts';
import type { Column } from './objects.ts';
import { atMoment } from './statements.ts';

export interface TableContent {
  readonly rowCount: number;
  /** `1:<sum>-<sum>`; the first number is that of the method. */
  readonly fingerprint: string;
}

const METHOD = 1;

/** A row as 32 hexadecimal digits: serial_full knows NULL, keeps every byte and ends every value. */
export function rowHash(columns: readonly Column[], alias?: string): string {
  const prefix = alias === undefined ? '' : `${alias}.`;
  const values = columns.map(({ name, type }) => {
    const column = `${prefix}${quoteName(name)}`;
    return type === 'year' ? `CAST(${column} AS CHAR)` : column; // refused as it is by older servers
  });
  return `md5(serial_full(${values.join(', ')}))`;
}

/** One row: the count and two sums over halves of the hashes. A sum sees duplicates. */
export function fingerprintSql(table: TableRef, columns: readonly Column[], at: string | undefined): string {
  const rows = `SELECT ${rowHash(columns)} AS h FROM ${quoteTable(table)}${atMoment(at)}`;
  return (
    'SELECT COUNT(*), COALESCE(SUM(crc32(LEFT(h, 16))), 0), COALESCE(SUM(crc32(RIGHT(h, 16))), 0)' +
    ` FROM (${rows}) AS x`
  );
}

/** Reads the whole table. */
export async function readContent(
  session: Session,
  table: TableRef,
  columns: readonly Column[],
  at: string | undefined,
  signal: AbortSignal,
): Promise<TableContent> {
  invariant(columns.length > 0, `columns of ${table.database}.${table.table}`);
  const { rows } = await session.query(fingerprintSql(table, columns, at), { signal });
  const [count, left, right] = rows[0] ?? [];
  invariant(typeof count === 'string', 'one row with a count');
  return { rowCount: Number(count), fingerprint: `${METHOD}:${left ?? ''}-${right ?? ''}` };
}

export async function countRows(
  session: Session,
  table: TableRef,
  at: string | undefined,
  signal: AbortSignal,
): Promise<number> {
  const { rows } = await session.query(`SELECT COUNT(*) FROM ${quoteTable(table)}${atMoment(at)}`, { signal });
  return Number(rows[0]?.[0]);
}
