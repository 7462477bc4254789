// Everything in which the live data differ from a snapshot: objects, definitions, and rows by fingerprint.

import type { ObjectDifference, RowDifference } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import type { TableContent } from '../fingerprint.ts';
import { compareDefinitions, keyOf } from './compare-definitions.ts';
import { readContents, type Contents } from './contents.ts';
import { describe } from './describe.ts';
import { covers, type Extent } from './extent.ts';
import { labelOf, refOf, tablesOf, type StoredObject, type StoredTable, type Unreadable } from './model.ts';
import { eachInParallel, type Workers } from './parallel.ts';
import { withoutPastEvents } from './past-events.ts';
import { readRowDifference } from './row-difference.ts';
import { snapshotContents, type ContentMemory } from './snapshot-contents.ts';
import { readObjects, shadowDatabase, type SnapshotRow } from './shadow-catalog.ts';

export interface Comparing {
  readonly session: Session;
  readonly workers: Workers;
  readonly snapshot: SnapshotRow;
  readonly extent: Extent;
  readonly memory: ContentMemory;
  /** Whether fingerprints of the snapshot that are read now are kept in the catalog. */
  readonly keep: boolean;
  /** Whether to say which rows of a table differ, where that is cheap. */
  readonly findRows: (pair: Pair) => boolean;
}

export interface Comparison {
  readonly wanted: readonly StoredObject[];
  readonly live: readonly StoredObject[];
  readonly differences: readonly ObjectDifference[];
  /** Of the snapshot's tables that were compared row by row. */
  readonly expected: Contents;
  readonly found: Contents;
}

/** What the snapshot knows and what is there now, and the tables that both have. */
export interface Sides {
  readonly wanted: readonly StoredObject[];
  readonly live: readonly StoredObject[];
  readonly pairs: readonly Pair[];
  /** What this login may not read: whether it differs is not known. */
  readonly unreadable: readonly Unreadable[];
}

const SAMPLE_MAX = 20;

export async function readSides(
  { session, snapshot, extent }: Pick<Comparing, 'session' | 'snapshot' | 'extent'>,
  signal: AbortSignal,
): Promise<Sides> {
  const stored = (await readObjects(session, snapshot, signal)).filter((object) => covers(extent, object));
  const { objects: live, unreadable } = await describe(session, extent, signal);
  const wanted = await withoutPastEvents(session, stored, live, signal);
  return { wanted, live, pairs: pairTables(wanted, live), unreadable };
}

export async function compareWithSnapshot(comparing: Comparing, signal: AbortSignal): Promise<Comparison> {
  const sides = await readSides(comparing, signal);
  const comparison = await compareSides(comparing, sides, signal);
  return { ...comparison, differences: withUnreadable(comparison.differences, sides.unreadable) };
}

/** What may not be read is not missing, and not shown to be equal either. */
function withUnreadable(
  differences: readonly ObjectDifference[],
  unreadable: readonly Unreadable[],
): readonly ObjectDifference[] {
  const isHidden = ({ object, name }: ObjectDifference): boolean =>
    unreadable.some((one) => one.object === object && one.name === name);
  const told = unreadable.map(({ object, name, reason }): ObjectDifference => {
    return { object, name, what: 'definition', expected: 'one that can be read', found: `not readable: ${reason}` };
  });
  return [...differences.filter((difference) => !isHidden(difference)), ...told];
}

/** The rows of those tables only that stand in `pairs`. */
export async function compareSides(
  comparing: Comparing,
  { wanted, live, pairs }: Omit<Sides, 'unreadable'>,
  signal: AbortSignal,
): Promise<Comparison> {
  const { session, workers, snapshot, memory, keep } = comparing;
  const differences = [...compareDefinitions(wanted, live)];
  const comparable = pairs.filter(({ before, now }) => hasSameColumns(before, now));
  const tables = comparable.map(({ before }) => before);
  const expected = await snapshotContents(session, workers, { snapshot, tables, memory, keep }, signal);
  const found = await readContents(workers, tables, refOf, signal);
  const rowDifferences = new Map<Pair, ObjectDifference>();
  await eachInParallel(workers, pairs, signal, async (worker, pair, either) => {
    const own = comparable.includes(pair) ? contentsOf(pair, expected, found) : undefined;
    const difference = await rowsOf({ ...comparing, session: worker }, pair, own, either);
    if (difference !== undefined) rowDifferences.set(pair, difference);
  });
  differences.push(...pairs.flatMap((pair) => rowDifferences.get(pair) ?? []));
  return { wanted, live, differences, expected, found };
}

interface ContentPair {
  readonly own: TableContent;
  readonly other: TableContent;
}

function contentsOf({ before }: Pair, expected: Contents, found: Contents): ContentPair | undefined {
  const [own, other] = [expected.get(labelOf(before)), found.get(labelOf(before))];
  return own === undefined || other === undefined ? undefined : { own, other };
}

async function rowsOf(
  comparing: Comparing,
  pair: Pair,
  contents: ContentPair | undefined,
  signal: AbortSignal,
): Promise<ObjectDifference | undefined> {
  const name = labelOf(pair.before);
  if (contents === undefined) {
    // Another structure is a difference already; which rows it has on top of that is told where it can be.
    const rows = await findRows(comparing, pair, signal);
    return rows !== undefined && hasAny(rows) ? { object: 'table', name, what: 'rows', rows } : undefined;
  }
  const { own, other } = contents;
  if (own.fingerprint === other.fingerprint) return undefined;
  const texts = { expected: rowText(own.rowCount, other.rowCount), found: rowText(other.rowCount, own.rowCount) };
  const rows = await findRows(comparing, pair, signal);
  return { object: 'table', name, what: 'rows', ...texts, ...(rows === undefined ? {} : { rows }) };
}

/** A table then and now. */
export interface Pair {
  readonly before: StoredTable;
  readonly now: StoredTable;
}

function pairTables(wanted: readonly StoredObject[], live: readonly StoredObject[]): readonly Pair[] {
  const byKey = new Map(tablesOf(live).map((table) => [keyOf(table), table]));
  return tablesOf(wanted).flatMap((before) => {
    const now = byKey.get(keyOf(before));
    return now === undefined ? [] : [{ before, now }];
  });
}

function hasSameColumns(before: StoredTable, now: StoredTable): boolean {
  const text = ({ columns, isVersioned }: StoredTable): string =>
    JSON.stringify([isVersioned, columns.map(({ name, type }) => [name, type])]);
  return text(before) === text(now);
}

async function findRows(
  { session, snapshot, findRows: isAsked }: Comparing,
  pair: Pair,
  signal: AbortSignal,
): Promise<RowDifference | undefined> {
  if (!isAsked(pair)) return undefined;
  return readRowDifference(session, rowsRequest(snapshot, pair), signal);
}

/** Asks for the rows of a pair that differ. */
export function rowsRequest(snapshot: SnapshotRow, { before, now }: Pair) {
  const shadow = { database: shadowDatabase(snapshot, before.database), table: before.name };
  return { wanted: before, shadow, live: now, sampleMax: SAMPLE_MAX, isExact: false };
}

function hasAny({ gone, added, changed }: RowDifference): boolean {
  return gone + added + changed > 0;
}

/** `1 row`; of as many as the other side has, that they are others. */
export function rowText(count: number, other: number): string {
  const rows = count === 1 ? '1 row' : `${count} rows`;
  return count === other ? `${rows} with another content` : rows;
}
