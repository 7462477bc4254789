// Which rows of a big table differ, by halving the work and not the table: one pass over either side gives a sum for
// each group of keys, and only the groups whose sums differ are looked into. Works where a side has no index at all.

import { type RowDifference, type TableRef } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteName, quoteTable } from '../../wire/quote.ts';
import { FINGERPRINT_VERSION, rowHash, rowToken, tooWide, type FingerprintColumn } from '../fingerprint.ts';
import { countOf, textOf } from './result-rows.ts';

/** One side of a comparison: a table, or its shadow. Both sides have the same key and the same names of columns. */
export interface Side {
  readonly ref: TableRef;
  readonly columns: readonly FingerprintColumn[];
  readonly key: readonly FingerprintColumn[];
}

/** Count and sum of each group that has rows. */
export interface RowGroups {
  readonly groups: ReadonlyMap<string, { readonly count: number; readonly sum: string }>;
  readonly rowCount: number;
  /** The same number as that of one sum over the whole table. */
  readonly fingerprint: string;
}

/** So few that a server keeps them all at hand, so many that one holds a small part of the rows. */
const GROUPS = 1_024;
/** Groups are looked into while they hold no more rows than this. */
const ROWS_MAX = 200_000;

function groupOf({ key }: Side): string {
  return `CRC32(${rowToken(key)}) & ${GROUPS - 1}`;
}

/** Reads the whole table, once. */
export async function readGroups(session: Session, side: Side, signal: AbortSignal): Promise<RowGroups> {
  const sql = `SELECT ${groupOf(side)} AS g, COUNT(*), CAST(SUM(${rowHash(side.columns)}) AS CHAR)
    FROM ${quoteTable(side.ref)} GROUP BY g ORDER BY NULL`;
  const { rows } = await session.query(sql, { signal });
  const groups = new Map<string, { count: number; sum: string }>();
  let rowCount = 0;
  let total = 0n;
  for (const [group, count, sum] of rows) {
    if (textOf(sum).length > 40) throw tooWide(side.ref);
    groups.set(textOf(group), { count: countOf(count), sum: textOf(sum) });
    rowCount += countOf(count);
    total += BigInt(textOf(sum));
  }
  return { groups, rowCount, fingerprint: `${FINGERPRINT_VERSION}:${total}` };
}

export interface Sides<Value> {
  readonly before: Value;
  readonly now: Value;
}

/** Reads both sides at the same time where there are two sessions. */
export async function onBothSides<Given, Value>(
  sessions: Sides<Session>,
  sides: Sides<Given>,
  read: (session: Session, side: Given) => Promise<Value>,
): Promise<Sides<Value>> {
  if (sessions.before !== sessions.now) {
    const [before, now] = await Promise.all([read(sessions.before, sides.before), read(sessions.now, sides.now)]);
    return { before, now };
  }
  const before = await read(sessions.before, sides.before);
  return { before, now: await read(sessions.now, sides.now) };
}

/**
 * The rows of the groups that differ, told apart by key and hash. Where these groups hold too many rows, only some are
 * looked into, and the counts are lower bounds.
 */
export async function differenceOfGroups(
  sessions: Sides<Session>,
  { sides, groups }: { readonly sides: Sides<Side>; readonly groups: Sides<RowGroups> },
  sampleMax: number,
  signal: AbortSignal,
): Promise<RowDifference> {
  const { looked, left } = chosen(groups);
  const rows = await onBothSides(sessions, sides, (session, side) => readRows(session, side, looked, signal));
  const changes = changesOf(rows);
  const count = (change: Change['change']): number => changes.filter((one) => one.change === change).length;
  const surplus = { gone: 0, added: 0 };
  for (const group of left) {
    const more = countIn(groups.before, group) - countIn(groups.now, group);
    surplus[more > 0 ? 'gone' : 'added'] += Math.abs(more);
  }
  return {
    gone: count('gone') + surplus.gone,
    added: count('added') + surplus.added,
    changed: count('changed'),
    is_exact: left.length === 0,
    sample: sampled(changes, sampleMax),
  };
}

function countIn({ groups }: RowGroups, group: string): number {
  return groups.get(group)?.count ?? 0;
}

function chosen({ before, now }: Sides<RowGroups>): { readonly looked: readonly string[]; readonly left: string[] } {
  const all = new Set([...before.groups.keys(), ...now.groups.keys()]);
  const looked: string[] = [];
  const left: string[] = [];
  let rows = 0;
  for (const group of all) {
    const [own, other] = [before.groups.get(group), now.groups.get(group)];
    if (own?.sum === other?.sum && own?.count === other?.count) continue;
    rows += (own?.count ?? 0) + (other?.count ?? 0);
    if (rows <= ROWS_MAX || looked.length === 0) looked.push(group);
    else left.push(group);
  }
  return { looked, left };
}

/** Key as text -> hash of the row. Without values: they stay in the server. */
async function readRows(
  session: Session,
  side: Side,
  groups: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (groups.length === 0) return new Map();
  const hash = `LEFT(SHA2(${rowToken(side.columns)},256),32)`;
  const sql = `SELECT ${hash}, ${side.key.map((column) => printedColumn(column)).join(', ')}
    FROM ${quoteTable(side.ref)} WHERE (${groupOf(side)}) IN (${groups.join(',')})`;
  const { rows } = await session.query(sql, { signal });
  return new Map(
    rows.map(([value, ...cells]) => {
      const key = side.key.map(({ name }, index) => `${name}=${cells[index] ?? 'NULL'}`);
      return [key.join(' '), textOf(value)];
    }),
  );
}

interface Change {
  readonly change: 'gone' | 'added' | 'changed';
  readonly key: string;
}

function changesOf({ before, now }: Sides<ReadonlyMap<string, string>>): readonly Change[] {
  const changes: Change[] = [];
  for (const [key, hash] of before) {
    const other = now.get(key);
    if (other === undefined) changes.push({ change: 'gone', key });
    else if (other !== hash) changes.push({ change: 'changed', key });
  }
  for (const key of now.keys()) {
    if (!before.has(key)) changes.push({ change: 'added', key });
  }
  return changes;
}

const ORDER = ['gone', 'changed', 'added'] as const;
const NATURAL = new Intl.Collator('en', { numeric: true });

/** In the order of the key within each kind of change, and something of each kind where there is any. */
function sampled(changes: readonly Change[], sampleMax: number): readonly Change[] {
  const lists = ORDER.map((kind) =>
    changes.filter(({ change }) => change === kind).sort((one, other) => NATURAL.compare(one.key, other.key)),
  );
  const taken = lists.map(() => 0);
  for (let left = sampleMax; left > 0;) {
    const open = lists.flatMap((list, at) => ((taken[at] ?? 0) < list.length ? [at] : []));
    if (open.length === 0) break;
    for (const at of open.slice(0, left)) taken[at] = (taken[at] ?? 0) + 1;
    left -= Math.min(left, open.length);
  }
  return lists.flatMap((list, at) => list.slice(0, taken[at]));
}

/** A value of a key as people read it. */
export function printedColumn({ name, type }: FingerprintColumn, alias?: string): string {
  const column = alias === undefined ? quoteName(name) : `${alias}.${quoteName(name)}`;
  return /binary|blob|bit/.test(type) ? `CONCAT('0x', HEX(${column}))` : `CAST(${column} AS CHAR)`;
}
