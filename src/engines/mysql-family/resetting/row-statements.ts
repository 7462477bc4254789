// The statements that make a table hold what its copy holds, and leave every row alone that is right already.

import type { TableRef } from '../../../kernel/index.ts';
import { quoteName, quoteTable } from '../../wire/quote.ts';
import { columnToken, type FingerprintColumn } from '../fingerprint.ts';
import { refOf, type StoredTable } from '../copying-snapshots/model.ts';

const EXACT = /^(?:tinyint|smallint|mediumint|int|bigint|decimal|year|date|time|datetime|timestamp)$/;
const BYTES = /^(?:(?:var)?(?:char|binary)|(?:tiny|medium|long)?(?:text|blob))$/;

/** Equal bytes, NULL included: two texts that only a collation calls equal are not. */
function isSame({ name, type }: FingerprintColumn): string {
  const column = quoteName(name);
  if (EXACT.test(type)) return `l.${column} <=> s.${column}`;
  if (BYTES.test(type)) return `CAST(l.${column} AS BINARY) <=> CAST(s.${column} AS BINARY)`;
  return `${columnToken({ name, type }, 'l')} = ${columnToken({ name, type }, 's')}`;
}

/** Of a table that was filled a moment ago a server thinks that it is empty, and reads all of it again for each row. */
const BY_KEY = 'FORCE INDEX (PRIMARY)';

function onKey({ primaryKey }: StoredTable): string {
  return primaryKey.map((name) => `l.${quoteName(name)} = s.${quoteName(name)}`).join(' AND ');
}

/** Rows of the live table that the copy does not have, or has otherwise. */
function strangeRows(table: StoredTable, copy: TableRef): string {
  const key = quoteName(table.primaryKey[0] ?? '');
  return `${quoteTable(refOf(table))} l LEFT JOIN ${quoteTable(copy)} s ${BY_KEY} ON ${onKey(table)}
    WHERE s.${key} IS NULL OR NOT (${table.columns.map(isSame).join(' AND ')})`;
}

function missingRows(table: StoredTable, copy: TableRef): string {
  const key = quoteName(table.primaryKey[0] ?? '');
  const live = quoteTable(refOf(table));
  return `${quoteTable(copy)} s LEFT JOIN ${live} l ${BY_KEY} ON ${onKey(table)} WHERE l.${key} IS NULL`;
}

/**
 * In a session whose current database is the table's, and with `foreign_key_checks=0`: nothing cascades.
 * With `touch`, one row is written even when all are right: the server then knows again when the table was written
 * last.
 */
export function putRowsBack(table: StoredTable, copy: TableRef, { touch }: { readonly touch: boolean }): string[] {
  const columns = table.columns.map(({ name }) => quoteName(name)).join(', ');
  const live = quoteTable(refOf(table));
  if (table.primaryKey.length === 0) {
    return [`DELETE FROM ${live}`, `INSERT INTO ${live} (${columns}) SELECT ${columns} FROM ${quoteTable(copy)}`];
  }
  const selected = table.columns.map(({ name }) => `s.${quoteName(name)}`).join(', ');
  return [
    `DELETE l FROM ${strangeRows(table, copy)}`,
    ...(touch ? [`DELETE FROM ${live} LIMIT 1`] : []),
    `INSERT INTO ${live} (${columns}) SELECT ${selected} FROM ${missingRows(table, copy)}`,
  ];
}

/** Gives one row, `1` when any row differs. Undefined for a table without a key, which is compared by its content. */
export function differsSql(table: StoredTable, copy: TableRef): string | undefined {
  if (table.primaryKey.length === 0) return undefined;
  const [strange, missing] = [strangeRows(table, copy), missingRows(table, copy)];
  return `SELECT EXISTS (SELECT 1 FROM ${strange}) OR EXISTS (SELECT 1 FROM ${missing})`;
}
