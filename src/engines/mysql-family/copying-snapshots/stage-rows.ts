// Of a table whose definition is as it was: the rows that differ, laid aside in the mending database, so that what is
// found need not be looked for again.

import type { ObjectDifference, RowDifference, TableRef } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteName, quoteTable } from '../../wire/quote.ts';
import { rowsRequest, rowText, type Pair } from './compare.ts';
import { autoIncrementColumnOf, comparableTable, parseTableText } from './create-table-text.ts';
import { printTableText, shadowText } from './create-table-text.ts';
import { labelOf, refOf, type StoredObject, type StoredTable } from './model.ts';
import { countOf } from './result-rows.ts';
import type { Restoring } from './restoring.ts';
import { differs, hasCommonKey, isGone, joined, readRowDifference, readSample } from './row-difference.ts';
import { countHeadDifference } from './row-difference.ts';
import type { RowDifferenceRequest } from './row-difference.ts';
import { outsideBinaryLog, type FamilyServer } from './session-pins.ts';
import { mendingDatabase, type SnapshotRow } from './shadow-catalog.ts';
import { refuseDamaged } from './snapshot-contents.ts';

/** With a greater share of other rows, a new table is quicker, and its indexes are better. */
const SHARE_MAX = 0.2;
/** How many of the snapshot's rows are looked up first: where most of them are others, none is laid aside. */
const HEAD_ROWS = 1_000;

export interface StagedRows {
  /** Undefined where both sides are equal. */
  readonly difference: ObjectDifference | undefined;
  /** Whether the rows that differ were laid aside; otherwise the table is to be built anew. */
  readonly isMended: boolean;
  readonly rowCount: number;
}

/**
 * Rows can be put back one by one where nothing but them differs, no trigger would see it, and a key tells them apart.
 */
export function canMend({ before, now }: Pair, live: readonly StoredObject[]): boolean {
  const isInnodb = [before, now].every(({ engine }) => engine.toLowerCase() === 'innodb');
  const isVersioned = before.isVersioned || now.isVersioned;
  const isSame = comparableTable(before.definition) === comparableTable(now.definition);
  const hasTrigger = live.some(
    (object) => object.kind === 'trigger' && object.database === now.database && object.table === now.name,
  );
  return isInnodb && isSame && !isVersioned && !hasTrigger && hasCommonKey({ wanted: before, live: now });
}

/** How many of the first rows of the snapshot are gone or others by now. */
export type Heads = Pick<RowDifference, 'gone' | 'changed'>;

/** Cheap in a table of any size. */
export function compareHeads(snapshot: SnapshotRow, session: Session, pair: Pair, signal: AbortSignal): Promise<Heads> {
  return countHeadDifference(session, headOf(rowsRequest(snapshot, pair)), signal);
}

function headOf(request: RowDifferenceRequest) {
  return { ...request, headRows: HEAD_ROWS };
}

/**
 * Of a table that is to be built anew, `isTold` asks for all rows that differ; else their number is a lower bound.
 *
 * @throws {Fault} RESTORE_FAILED when the shadow has lost rows.
 */
export async function stageRows(
  { deps, snapshot }: Restoring,
  session: Session,
  { before, now, isTold, heads }: Pair & { readonly isTold: boolean; readonly heads: Heads | undefined },
  signal: AbortSignal,
): Promise<StagedRows> {
  const request = rowsRequest(snapshot, { before, now });
  const { shadow } = request;
  const aside = asideRef(snapshot, before);
  const [count, liveCount] = [await countRows(session, shadow, signal), await countRows(session, refOf(now), signal)];
  refuseDamaged([before], new Map([[labelOf(before), { rowCount: count }]]));
  const max = Math.floor(count * SHARE_MAX);
  const texts = { expected: rowText(count, liveCount), found: rowText(liveCount, count) };
  const difference = { object: 'table', name: labelOf(before), what: 'rows', ...texts } as const;
  const head = headOf(request);
  const inHead = heads ?? (await countHeadDifference(session, head, signal));
  if (liveCount - count <= max && !isMostly(inHead, count)) {
    const laid = await layAside(deps, session, { ...request, aside, max }, signal);
    const rows = await describeRows(session, request, { aside, laid, count, liveCount }, signal);
    const rowCount = laid + rows.added;
    if (rowCount === 0) {
      await dropRows(session, aside, signal);
      return { difference: undefined, isMended: false, rowCount };
    }
    if (rowCount <= max) return { difference: { ...difference, rows }, isMended: true, rowCount };
    await dropRows(session, aside, signal);
  }
  const rows = isTold
    ? await readRowDifference(session, request, signal)
    : await lowerBounds(session, head, { inHead, count, liveCount }, signal);
  return { difference: { ...difference, ...(rows === undefined ? {} : { rows }) }, isMended: false, rowCount: 0 };
}

/** Whether most of the first rows of a table of `count` rows are others by now. */
function isMostly({ gone, changed }: Heads, count: number): boolean {
  return gone + changed > Math.min(HEAD_ROWS, count) / 2;
}

async function lowerBounds(
  session: Session,
  head: RowDifferenceRequest,
  { inHead, count, liveCount }: Pick<Laid, 'count' | 'liveCount'> & { readonly inHead: Heads },
  signal: AbortSignal,
): Promise<RowDifference | undefined> {
  const gone = Math.max(inHead.gone, count - liveCount);
  const added = Math.max(0, liveCount - count);
  if (gone + inHead.changed + added === 0) return undefined;
  const sample = await readSample(session, head, { ...inHead, added: 0 }, signal);
  return { gone, changed: inHead.changed, added, is_exact: false, sample };
}

/** Where the rows of a table that is mended lie, in a table like it with its primary key only. */
export function asideRef(snapshot: SnapshotRow, { database, name }: StoredTable): TableRef {
  return { database: mendingDatabase(snapshot, database), table: name };
}

interface LayingAside extends RowDifferenceRequest {
  readonly aside: TableRef;
  readonly max: number;
}

/** Copies the snapshot's rows that are not live as they were: at most one more than `max`. Returns how many. */
async function layAside(
  server: FamilyServer,
  session: Session,
  request: LayingAside,
  signal: AbortSignal,
): Promise<number> {
  const { wanted, aside, max } = request;
  const whole = parseTableText(wanted.definition);
  const text = shadowText(whole, autoIncrementColumnOf(whole));
  await session.query(printTableText(aside.database, aside.table, text), { signal });
  const columns = wanted.columns.map(({ name }) => quoteName(name));
  const own = columns.map((name) => `s.${name}`);
  const sql = `INSERT INTO ${quoteTable(aside)} (${columns.join(', ')}) SELECT ${own.join(', ')}
     FROM ${joined(request, 'LEFT')} WHERE ${isGone(wanted)} OR ${differs(request)} LIMIT ${max + 1}`;
  // What a replica is to do is in the log as rows of the live table: those that lie aside are of no use to it.
  return outsideBinaryLog(server, session, signal, async () => (await session.query(sql, { signal })).rowsAffected);
}

interface Laid {
  readonly aside: TableRef;
  readonly laid: number;
  readonly count: number;
  readonly liveCount: number;
}

async function describeRows(
  session: Session,
  request: RowDifferenceRequest,
  { aside, laid, count, liveCount }: Laid,
  signal: AbortSignal,
): Promise<RowDifference> {
  const few = { ...request, shadow: aside };
  const changed = laid === 0 ? 0 : await countFrom(session, joined(few, 'STRAIGHT'), signal);
  const gone = laid - changed;
  const added = Math.max(0, liveCount - (count - gone));
  const sample = await readSample(session, few, { gone, changed, added: 0 }, signal);
  const left = { ...request, sampleMax: request.sampleMax - sample.length };
  const others = await readSample(session, left, { gone: 0, changed: 0, added }, signal);
  return { gone, changed, added, is_exact: true, sample: [...sample, ...others] };
}

async function dropRows(session: Session, aside: TableRef, signal: AbortSignal): Promise<void> {
  await session.query(`DROP TABLE ${quoteTable(aside)}`, { signal });
}

function countRows(session: Session, table: TableRef, signal: AbortSignal): Promise<number> {
  return countFrom(session, quoteTable(table), signal);
}

async function countFrom(session: Session, from: string, signal: AbortSignal): Promise<number> {
  return countOf((await session.query(`SELECT COUNT(*) FROM ${from}`, { signal })).rows[0]?.[0]);
}
