// How far a copy is. One statement copies a whole table: while a big one is under way, a session of its own asks the
// server how many rows have arrived. Nothing depends on what it says.

import { Fault, systemClock, type TableRef } from '../../../kernel/index.ts';
import type { Effect, Session } from '../../port.ts';
import { quoteText } from '../../wire/quote.ts';
import { labelOf, rowsOf, type StoredTable } from './model.ts';
import { countOf, records, textOf } from './result-rows.ts';
import { openPinned, type SnapshotDeps } from './session-pins.ts';

/** A table on its way. */
export interface Underway {
  readonly table: StoredTable;
  readonly to: TableRef;
}

export interface CopyProgress {
  begun(job: Underway): void;
  /** The exact number of its rows. */
  ended(job: Underway, rowCount: number): void;
}

/** A table of fewer rows is copied before anybody would ask. */
const ROWS_MIN_TO_ASK = 100_000;
const ASK_EVERY_MS = 1_000;
const TELL_EVERY_MS = 250;

/** Tells `effect` of the copies while `copy` makes them. */
export async function withProgress<Value>(
  deps: SnapshotDeps,
  jobs: readonly Underway[],
  effect: Pick<Effect, 'signal' | 'onProgress'>,
  copy: (progress: CopyProgress) => Promise<Value>,
): Promise<Value> {
  const teller = new Teller(deps, jobs, effect.onProgress);
  if (!jobs.some(({ table }) => rowsOf(table) >= ROWS_MIN_TO_ASK)) return copy(teller);
  const stop = new AbortController();
  const asking = keepAsking(deps, teller, effect.signal, stop.signal);
  asking.catch(() => undefined); // it is thrown below
  try {
    return await copy(teller);
  } finally {
    stop.abort();
    await asking;
  }
}

class Teller implements CopyProgress {
  readonly #deps: SnapshotDeps;
  readonly #onProgress: Effect['onProgress'];
  readonly #running = new Set<Underway>();
  readonly #rowsTotal: number;
  #jobsLeft: number;
  #rowsDone = 0;
  #toldRows = 0;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: SnapshotDeps, jobs: readonly Underway[], onProgress: Effect['onProgress']) {
    this.#deps = deps;
    this.#onProgress = onProgress;
    this.#jobsLeft = jobs.length;
    this.#rowsTotal = jobs.reduce((sum, { table }) => sum + rowsOf(table), 0);
  }

  begun(job: Underway): void {
    this.#running.add(job);
  }

  ended(job: Underway, rowCount: number): void {
    this.#running.delete(job);
    this.#rowsDone += rowCount;
    this.#jobsLeft -= 1;
    this.#tell(labelOf(job.table), this.#rowsDone, this.#jobsLeft === 0);
  }

  /** Asks for those tables that are on their way and big. */
  async ask(session: Session, signal: AbortSignal): Promise<void> {
    const jobs = [...this.#running].filter(({ table }) => rowsOf(table) >= ROWS_MIN_TO_ASK);
    if (jobs.length === 0) return;
    const places = jobs.map(({ to }) => `(${quoteText(to.database)}, ${quoteText(to.table)})`);
    const sql = `SELECT table_schema, table_name, table_rows, data_length FROM information_schema.tables
      WHERE (table_schema, table_name) IN (${places.join(', ')})`;
    const found = records(await session.query(sql, { signal }), ['database', 'name', 'rows', 'bytes']);
    let rowsDone = this.#rowsDone;
    for (const { database, name, rows, bytes } of found) {
      const job = jobs.find(({ to }) => to.database === textOf(database) && to.table === textOf(name));
      // One that has ended meanwhile is counted already.
      if (job !== undefined && this.#running.has(job)) rowsDone += arrived(job.table, countOf(rows), countOf(bytes));
    }
    const [biggest] = jobs.sort((one, other) => rowsOf(other.table) - rowsOf(one.table));
    if (biggest !== undefined) this.#tell(labelOf(biggest.table), rowsDone);
  }

  /** Never less than was told before: what the server says are estimates. */
  #tell(what: string, rowsDone: number, isLast = false): void {
    const nowMs = (this.#deps.clock ?? systemClock).nowMs();
    if (!isLast && nowMs - this.#toldAtMs < TELL_EVERY_MS) return;
    this.#toldAtMs = nowMs;
    this.#toldRows = Math.max(this.#toldRows, rowsDone);
    this.#onProgress({ what, rowsDone: this.#toldRows, rowsTotal: Math.max(this.#rowsTotal, this.#toldRows) });
  }
}

/** InnoDB counts rows as they come; Aria does so at the end, and its file grows. */
function arrived(table: StoredTable, rows: number, bytes: number): number {
  const byBytes = table.bytes === 0 ? 0 : Math.floor((rowsOf(table) * bytes) / table.bytes);
  return Math.min(rowsOf(table), rows > 0 ? rows : byBytes);
}

/** Until `stop` aborts, or the server does not want to be asked: a copy does not fail for want of its progress. */
async function keepAsking(deps: SnapshotDeps, teller: Teller, signal: AbortSignal, stop: AbortSignal): Promise<void> {
  const { clock = systemClock } = deps;
  const either = AbortSignal.any([signal, stop]);
  let session: Session | undefined;
  try {
    session = await openPinned(deps, { purpose: 'progress', changes: false }, signal);
    for (;;) {
      await clock.sleep(ASK_EVERY_MS, either);
      await teller.ask(session, signal);
    }
  } catch (error) {
    if (!either.aborted && !(error instanceof Fault)) throw error;
  } finally {
    await session?.close();
  }
}
