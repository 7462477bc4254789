// LOCK TABLES .. READ, held by a session that does nothing else: readers run, writers wait.

import { Fault, formatDuration, systemClock, tableLabel, type Clock, type TableRef } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteTable } from '../../wire/quote.ts';
import { openPinned, type SnapshotDeps } from './session-pins.ts';

export interface TableLock {
  /** Aborts when the lock has been held for too long, or was lost; the reason is a `Fault`. */
  readonly signal: AbortSignal;
  /** @throws {Fault} LOCK_WAIT when it was not held to this moment, so that what was read may not fit together. */
  release(): Promise<void>;
  /** Lets it go without asking whether it was held; may follow `release`. */
  abandon(): Promise<void>;
}

const ATTEMPT_MAX_MS = 3_000;
const PAUSE_MS = 200;
const PING_MS = 2_000;

/**
 * Waits for open writing transactions to end, in short attempts: while one attempt waits, new writers queue behind it.
 *
 * @param maxStallMs bounds the waiting, and then the holding.
 * @throws {Fault} LOCK_WAIT when writers do not end.
 */
export async function lockForReading(
  deps: SnapshotDeps,
  tables: readonly TableRef[],
  { maxStallMs, purpose }: { readonly maxStallMs: number; readonly purpose: string },
  signal: AbortSignal,
): Promise<TableLock> {
  const clock = deps.clock ?? systemClock;
  const session = await openPinned(deps, { purpose, changes: true }, signal);
  try {
    if (tables.length > 0) await acquire(session, clock, tables, maxStallMs, signal);
  } catch (error) {
    await session.close();
    throw error;
  }
  return holdLock(session, clock, maxStallMs);
}

async function acquire(
  session: Session,
  clock: Clock,
  tables: readonly TableRef[],
  maxStallMs: number,
  signal: AbortSignal,
): Promise<void> {
  const statement = `LOCK TABLES ${tables.map((table) => `${quoteTable(table)} READ`).join(', ')}`;
  const startMs = clock.nowMs();
  for (let attempt = 1; ; attempt += 1) {
    const leftMs = maxStallMs - (clock.nowMs() - startMs);
    const seconds = Math.max(1, Math.ceil(Math.min(ATTEMPT_MAX_MS, leftMs) / 1_000));
    await session.query(`SET SESSION lock_wait_timeout=${seconds}`, { signal });
    try {
      await session.query(statement, { signal });
      return;
    } catch (error) {
      if (!(error instanceof Fault) || !['LOCK_WAIT', 'DEADLOCK'].includes(error.code)) throw error;
      const waitedMs = clock.nowMs() - startMs;
      if (waitedMs >= maxStallMs) {
        const waited = formatDuration(waitedMs);
        const message = `waited ${waited} for writers of ${named(tables)} to end their transactions`;
        throw new Fault('LOCK_WAIT', message, { cause: error });
      }
      await clock.sleep(PAUSE_MS * Math.min(attempt, 5), signal);
    }
  }
}

function holdLock(session: Session, clock: Clock, maxStallMs: number): TableLock {
  const over = new AbortController();
  const released = new AbortController();
  const holding = Promise.all([
    stallLimit(clock, maxStallMs, released.signal, over),
    keepAlive(session, clock, released.signal, over),
  ]);
  const end = async (): Promise<void> => {
    released.abort(new Fault('INTERRUPTED', 'the lock was let go'));
    await holding;
  };
  return {
    signal: over.signal,
    release: async () => {
      await end();
      try {
        if (!over.signal.aborted) await session.query('UNLOCK TABLES');
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        throw lost(error);
      } finally {
        await session.close();
      }
      if (over.signal.aborted) throw over.signal.reason;
    },
    abandon: async () => {
      await end();
      await session.close();
    },
  };
}

async function stallLimit(clock: Clock, maxStallMs: number, released: AbortSignal, over: AbortController) {
  try {
    await clock.sleep(maxStallMs, released);
  } catch (error) {
    if (released.aborted) return;
    throw error;
  }
  const limit = formatDuration(maxStallMs);
  over.abort(
    new Fault('LOCK_WAIT', `copying took longer than writers may be made to wait for: ${limit}`, {
      hint: 'Raise `max_stall`, narrow the scope, or use `lock: none` when nobody writes.',
    }),
  );
}

/** An idle connection may be ended on its way; a question now and then keeps it, or shows early that it is gone. */
async function keepAlive(session: Session, clock: Clock, released: AbortSignal, over: AbortController): Promise<void> {
  const isReleased = (): boolean => released.aborted;
  while (!isReleased()) {
    try {
      await clock.sleep(PING_MS, released);
      await session.query('SELECT 1');
    } catch (error) {
      if (isReleased()) return;
      if (!(error instanceof Fault)) throw error;
      over.abort(lost(error));
      return;
    }
  }
}

/** Keeps the cause's code: a lost connection is gone into again, not taken for a lock that could not be had. */
function lost(cause: Fault): Fault {
  return new Fault(cause.code, `the session that held the tables was ended: ${cause.message}`, { cause });
}

function named(tables: readonly TableRef[]): string {
  const shown = tables.slice(0, 3).map(tableLabel).join(', ');
  return tables.length > 3 ? `${shown} and ${tables.length - 3} more` : shown;
}
