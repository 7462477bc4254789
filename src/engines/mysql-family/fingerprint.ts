// A number for the content of a table: equal for equal rows in whatever order, computed in the server.

import { Fault, invariant } from '../../kernel/index.ts';
import type { TableRef } from '../../kernel/index.ts';
import type { Session } from '../port.ts';
import { quoteName, quoteTable } from '../wire/quote.ts';

/** Stands in front of each fingerprint: values of different versions are never equal. */
export const FINGERPRINT_VERSION = 1;

export interface FingerprintColumn {
  readonly name: string;
  /** The server's word for the type without its length. */
  readonly type: string;
}

export interface TableContent {
  readonly rowCount: number;
  /** `1:<sum of hashes>` */
  readonly fingerprint: string;
}

const AS_TEXT = /^(?:tinyint|smallint|mediumint|int|bigint|decimal|year|date|time|datetime|double)$/;
const AS_NUMBER = /^(?:bit|enum|set)$/;
const SPATIAL = /^(?:geometry|point|linestring|polygon|multi\w+|geom\w*collection)$/;
const LONG = /text$|blob$|^vector/;
const PRINTED = /^(?:uuid|inet[46])$/;

/**
 * An expression that tells any two different values of the column apart, NULL included. A token never contains the
 * comma that stands between tokens unless it starts with its length.
 */
export function columnToken({ name, type }: FingerprintColumn, alias?: string): string {
  const column = alias === undefined ? quoteName(name) : `${alias}.${quoteName(name)}`;
  if (AS_TEXT.test(type)) return `IFNULL(${column},'N')`;
  if (type === 'float') return `IFNULL(${column}*1e0,'N')`; // its plain text has too few digits
  // With +0 in place of the cast, MySQL makes a SET of 64 members a DOUBLE, and the last of them do not show.
  if (AS_NUMBER.test(type)) return `IFNULL(CAST(${column} AS UNSIGNED),'N')`;
  if (type === 'timestamp') return `IFNULL(UNIX_TIMESTAMP(${column}),'N')`;
  if (SPATIAL.test(type)) return `IFNULL(SHA2(UNHEX(HEX(${column})),256),'N')`;
  if (type === 'json') return `IFNULL(SHA2(CAST(CAST(${column} AS CHAR) AS BINARY),256),'N')`;
  // A concatenation longer than max_allowed_packet is NULL: what may be long goes in as a hash.
  if (LONG.test(type)) return `IFNULL(SHA2(CAST(${column} AS BINARY),256),'N')`;
  const bytes = PRINTED.test(type) ? `CAST(${column} AS CHAR)` : `CAST(${column} AS BINARY)`;
  return `IFNULL(CONCAT(OCTET_LENGTH(${column}),':',${bytes}),'N')`;
}

/** One row as bytes: equal exactly for equal values in the columns. */
export function rowToken(columns: readonly FingerprintColumn[], alias?: string): string {
  return `CONCAT_WS(',',${columns.map((column) => columnToken(column, alias)).join(',')})`;
}

// Above any sum of hashes that a server can hold: a row whose token is NULL, which would be left out, is seen.
const TOO_WIDE = '1e40';

/** 64 bits of a hash of the row, as a number; above `TOO_WIDE` where the row is too wide for one. */
export function rowHash(columns: readonly FingerprintColumn[]): string {
  const hash = `CAST(CONV(LEFT(SHA2(${rowToken(columns)},256),16),16,10) AS UNSIGNED)`;
  return `IFNULL(${hash},CAST(${TOO_WIDE} AS DECIMAL(65)))`;
}

/** Gives one row: the count, and the sum of 64-bit hashes of the rows. A sum sees duplicates, XOR does not. */
export function fingerprintSql(table: TableRef, columns: readonly FingerprintColumn[], isVersioned: boolean): string {
  const sum = `IFNULL(SUM(${rowHash(columns)}),0)`;
  return `SELECT COUNT(*), CAST(${sum} AS CHAR) FROM ${quoteTable(table)}${isVersioned ? ' FOR SYSTEM_TIME ALL' : ''}`;
}

/**
 * Reads the whole table, in a session with pinned variables.
 *
 * @throws {Fault} STATEMENT_FAILED when a row is wider than the server's max_allowed_packet.
 */
export async function readContent(
  session: Session,
  table: TableRef,
  columns: readonly FingerprintColumn[],
  isVersioned: boolean,
  signal: AbortSignal,
): Promise<TableContent> {
  const { rows } = await session.query(fingerprintSql(table, columns, isVersioned), { signal });
  const [count, sum] = rows[0] ?? [];
  invariant(typeof count === 'string' && typeof sum === 'string', 'one row with a count and a sum');
  if (sum.length > 40) throw tooWide(table);
  return { rowCount: Number(count), fingerprint: `${FINGERPRINT_VERSION}:${sum}` };
}

export function tooWide({ database, table }: TableRef): Fault {
  return new Fault('STATEMENT_FAILED', `a row of ${database}.${table} is wider than max_allowed_packet`, {
    hint: 'Raise max_allowed_packet on the server.',
  });
}
