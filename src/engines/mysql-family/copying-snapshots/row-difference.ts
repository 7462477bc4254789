// Which rows differ between a snapshot and now: small tables are joined on the primary key, big ones compared in
// groups.

import { invariant, type RowDifference, type TableRef } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteName, quoteTable } from '../../wire/quote.ts';
import { rowToken } from '../fingerprint.ts';
import { rowsOf, type StoredTable } from './model.ts';
import { countOf } from './result-rows.ts';
import {
  differenceOfGroups,
  onBothSides,
  printedColumn,
  readGroups,
  type RowGroups,
  type Side,
  type Sides,
} from './row-groups.ts';

export interface RowDifferenceRequest {
  /** The table as the snapshot knows it, and where its shadow lies. */
  readonly wanted: StoredTable;
  readonly shadow: TableRef;
  /** The table as it is now; its columns may be others. */
  readonly live: StoredTable;
  readonly sampleMax: number;
  /** Looks at so many rows of the snapshot only. */
  readonly headRows?: number;
  /** Whether a difference that is too wide for groups is counted exactly, at the price of a join of all rows. */
  readonly isExact: boolean;
  /** Groups that the caller has read just now. */
  readonly groups?: Sides<RowGroups>;
  /** A second session, so that both sides can be read at the same time. */
  readonly second?: Session;
}

/** From so many rows on, in both tables together, groups are cheaper than a join. */
const ROWS_MIN_TO_GROUP = 200_000;

/** Both sides as groups are made of them; undefined where groups would be no help, or not tell the truth. */
export function sidesToGroup({ wanted, shadow, live }: Pick<RowDifferenceRequest, 'wanted' | 'shadow' | 'live'>) {
  const rows = rowsOf(wanted) + live.rowsEstimate;
  if (rows < ROWS_MIN_TO_GROUP || wanted.isVersioned || live.isVersioned) return undefined;
  if (!hasCommonKey({ wanted, live })) return undefined;
  const names = wanted.columns.map(({ name }) => name).filter((name) => live.columns.some((one) => one.name === name));
  const sideOf = (ref: TableRef, table: StoredTable): Side => ({
    ref,
    columns: names.map((name) => find(table, name)),
    key: keyOf(table).map((name) => find(table, name)),
  });
  return { before: sideOf(shadow, wanted), now: sideOf(refOfLive(live), live) };
}

/**
 * Compares the columns that both have. Tables without a common key can only be counted: the counts are then lower
 * bounds, and there is no sample. History rows are not looked at.
 */
export async function readRowDifference(
  session: Session,
  request: RowDifferenceRequest,
  signal: AbortSignal,
): Promise<RowDifference> {
  if (!hasCommonKey(request)) return countDifference(session, request, signal);
  const sides = sidesToGroup(request);
  if (sides === undefined) return joinedDifference(session, request, signal);
  const sessions = { before: session, now: request.second ?? session };
  const groups =
    request.groups ?? (await onBothSides(sessions, sides, (either, side) => readGroups(either, side, signal)));
  const difference = await differenceOfGroups(sessions, { sides, groups }, request.sampleMax, signal);
  return difference.is_exact || !request.isExact ? difference : joinedDifference(session, request, signal);
}

async function joinedDifference(
  session: Session,
  request: RowDifferenceRequest,
  signal: AbortSignal,
): Promise<RowDifference> {
  const hasNoRow = isGone(request.wanted);
  const from = joined(request, 'LEFT');
  const counts = await session.query(
    `SELECT COUNT(*), SUM(${hasNoRow}), SUM(NOT (${hasNoRow}) AND ${differs(request)}) FROM ${from}`,
    { signal },
  );
  const [total, gone, changed] = (counts.rows[0] ?? []).map(countOf);
  const now = countOf(
    (await session.query(`SELECT COUNT(*) FROM ${quoteTable(refOfLive(request.live))}`, { signal })).rows[0]?.[0],
  );
  const numbers = { gone: gone ?? 0, changed: changed ?? 0, added: now - ((total ?? 0) - (gone ?? 0)) };
  const sample = await readSample(session, request, numbers, signal);
  return { ...numbers, is_exact: true, sample };
}

/** How many of the first `headRows` of the snapshot are gone or changed: cheap in a table of any size. */
export async function countHeadDifference(
  session: Session,
  request: RowDifferenceRequest & { readonly headRows: number },
  signal: AbortSignal,
): Promise<Pick<RowDifference, 'gone' | 'changed'>> {
  const hasNoRow = isGone(request.wanted);
  const { rows } = await session.query(
    `SELECT SUM(${hasNoRow}), SUM(NOT (${hasNoRow}) AND ${differs(request)}) FROM ${joined(request, 'LEFT')}`,
    { signal },
  );
  const [gone = 0, changed = 0] = (rows[0] ?? []).map((sum) => (sum === null ? 0 : countOf(sum)));
  return { gone, changed };
}

/**
 * A shadow may have no key, and the live rows are the outer side here: without hashing, MariaDB would read the shadow
 * once for each of them, and with its small buffers once for each few thousand. In the other direction hashing is
 * slower than its key. MySQL takes this for a comment.
 */
export const MARIADB_HASH_JOIN =
  '/*M! SET STATEMENT join_cache_level=4, join_buffer_size=33554432, join_buffer_space_limit=67108864 FOR */ ';

/** Values of these types are the same when the server calls them equal. */
export const EXACT = /^(?:tinyint|smallint|mediumint|int|bigint|decimal|year|date|time|datetime|timestamp)$/;
const BYTES = /^(?:var)?(?:char|binary)$/;

/**
 * Printing a value to compare it costs more than comparing it: only what could be called equal and is not is printed.
 */
function differsIn({ wanted, live }: RowDifferenceRequest, name: string): string {
  const [before, now] = [find(wanted, name), find(live, name)];
  const [own, other] = [`s.${quoteName(name)}`, `l.${quoteName(name)}`];
  const isSame = before.type === now.type && columnLine(wanted, name) === columnLine(live, name);
  if (isSame && EXACT.test(before.type)) return `NOT (${own} <=> ${other})`;
  // Without the cast a collation could call two different texts equal.
  if (isSame && BYTES.test(before.type)) return `NOT (CAST(${own} AS BINARY) <=> CAST(${other} AS BINARY))`;
  return `CAST(${rowToken([before], 's')} AS BINARY) <> CAST(${rowToken([now], 'l')} AS BINARY)`;
}

type RowCounts = Pick<RowDifference, 'gone' | 'changed' | 'added'>;

/** The first keys of each kind of difference. */
export async function readSample(
  session: Session,
  request: RowDifferenceRequest,
  { gone, changed, added }: RowCounts,
  signal: AbortSignal,
): Promise<RowDifference['sample']> {
  const { wanted, sampleMax } = request;
  const sample: RowDifference['sample'][number][] = [];
  const add = async (change: 'gone' | 'added' | 'changed', from: string, where: string, alias: string) => {
    const hashJoin = change === 'added' ? MARIADB_HASH_JOIN : '';
    const left = sampleMax - sample.length;
    if (left <= 0) return;
    const columns = keyOf(wanted).map((name) => printedColumn(find(wanted, name), alias));
    // Both sides lie in the order of the key: to ask for it would make a server sort all before it shows the first.
    const sql = `SELECT ${columns.join(', ')} FROM ${from} WHERE ${where} LIMIT ${left}`;
    for (const row of (await session.query(`${hashJoin}${sql}`, { signal })).rows) {
      const key = keyOf(wanted).map((name, index) => `${name}=${row[index] ?? 'NULL'}`);
      sample.push({ change, key: key.join(' ') });
    }
  };
  if (gone > 0) await add('gone', joined(request, 'LEFT'), isGone(wanted), 's');
  if (changed > 0) await add('changed', joined(request, 'STRAIGHT'), differs(request), 's');
  if (added > 0) await add('added', joined(request, 'RIGHT'), isAdded(wanted), 'l');
  return sample;
}

/** Of a join in which `s` is the snapshot and `l` the live table: the row is in the snapshot only. */
export function isGone(wanted: StoredTable): string {
  return `l.${quoteName(keyOf(wanted)[0] ?? '')} IS NULL`;
}

/** The row is live only. */
export function isAdded(wanted: StoredTable): string {
  return `s.${quoteName(keyOf(wanted)[0] ?? '')} IS NULL`;
}

/** Both have the row, and not the same values in the columns that both have. */
export function differs(request: RowDifferenceRequest): string {
  const { wanted, live } = request;
  const columns = wanted.columns.filter(({ name }) => live.columns.some((column) => column.name === name));
  return `(${columns.map(({ name }) => differsIn(request, name)).join(' OR ')})`;
}

export function joined(request: RowDifferenceRequest, kind: 'LEFT' | 'RIGHT' | 'STRAIGHT'): string {
  const { wanted, shadow, live, headRows } = request;
  const columns = wanted.columns.map(({ name }) => quoteName(name)).join(', ');
  const whole = quoteTable(shadow);
  const own = headRows === undefined ? whole : `(SELECT ${columns} FROM ${whole} LIMIT ${headRows})`;
  const on = keyOf(wanted).map((name) => `l.${quoteName(name)} = s.${quoteName(name)}`);
  const join = kind === 'STRAIGHT' ? 'STRAIGHT_JOIN' : `${kind} JOIN`;
  return `${own} s ${join} ${quoteTable(refOfLive(live))} l ON ${on.join(' AND ')}`;
}

async function countDifference(
  session: Session,
  { shadow, live }: RowDifferenceRequest,
  signal: AbortSignal,
): Promise<RowDifference> {
  const count = async (table: TableRef): Promise<number> =>
    countOf((await session.query(`SELECT COUNT(*) FROM ${quoteTable(table)}`, { signal })).rows[0]?.[0]);
  const [before, now] = [await count(shadow), await count(refOfLive(live))];
  return { gone: Math.max(0, before - now), added: Math.max(0, now - before), changed: 0, is_exact: false, sample: [] };
}

/** The key without the end of a row's history, which only says that the row is current. */
export function keyOf({ primaryKey, isVersioned, columns }: StoredTable): readonly string[] {
  const period = isVersioned ? columns.slice(-2).map(({ name }) => name) : [];
  return primaryKey.filter((name) => !period.includes(name));
}

/** Two keys can be joined when they are the same columns of the same types, texts in the same collation. */
export function hasCommonKey({ wanted, live }: Pick<RowDifferenceRequest, 'wanted' | 'live'>): boolean {
  const key = keyOf(wanted);
  if (key.length === 0 || key.join('\0') !== keyOf(live).join('\0')) return false;
  return key.every((name) => {
    const [before, now] = [wanted, live].map((table) => table.columns.find((column) => column.name === name));
    if (before === undefined || before.type !== now?.type) return false;
    return !/char|text|enum|set/.test(before.type) || columnLine(wanted, name) === columnLine(live, name);
  });
}

function columnLine({ definition }: StoredTable, name: string): string | undefined {
  return definition
    .split('\n')
    .find((line) => line.startsWith(`  ${quoteName(name)} `))
    ?.replace(/,$/, '');
}

function find({ columns }: StoredTable, name: string): { name: string; type: string } {
  const column = columns.find((candidate) => candidate.name === name);
  invariant(column !== undefined, `a column ${name}`);
  return column;
}

function refOfLive({ database, name }: StoredTable): TableRef {
  return { database, table: name };
}
