// `lock: brief`: writers wait until every worker has its consistent snapshot, and no longer. The copies then read one
// moment, whatever is written meanwhile. Each copy is compared with what its worker saw.

import { Fault } from '../../../kernel/index.ts';
import type { Effect, Session } from '../../port.ts';
import { quoteTable } from '../../wire/quote.ts';
import { readContent, type TableContent } from '../fingerprint.ts';
import type { Contents } from './contents.ts';
import { callSql } from './copy-procedures.ts';
import { withProgress } from './copy-progress.ts';
import type { CopyJob } from './copy-rows.ts';
import { labelOf } from './model.ts';
import { eachInParallel, type Workers } from './parallel.ts';
import type { SnapshotDeps } from './session-pins.ts';

/** A join of MySQL takes 61 tables. */
const TABLES_MAX = 50;

/** How long one who alters a table may keep a worker from opening it, while writers wait. */
const OPEN_WAIT_SECONDS = 2;

/**
 * Begins a snapshot on every worker, and opens every table in it: who alters one waits until the worker commits, as
 * nothing else would tell that the table under a name is another one by now (RENAME is not seen by a snapshot).
 *
 * All show the same moment if no write is committed from the first to the last.
 *
 * @returns `false` when somebody who waits to alter a table is in the way, and would be for as long as the lock is
 * held.
 */
export async function beginSnapshots(
  { sessions }: Workers,
  jobs: readonly CopyJob[],
  signal: AbortSignal,
): Promise<boolean> {
  const begun = await Promise.all(sessions.map((session) => beginSnapshot(session, jobs, signal)));
  return begun.every((isBegun) => isBegun);
}

async function beginSnapshot(session: Session, jobs: readonly CopyJob[], signal: AbortSignal): Promise<boolean> {
  await session.query(`SET SESSION lock_wait_timeout=${OPEN_WAIT_SECONDS}`, { signal });
  await session.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ', { signal });
  await session.query('START TRANSACTION WITH CONSISTENT SNAPSHOT', { signal });
  try {
    for (let from = 0; from < jobs.length; from += TABLES_MAX) {
      const tables = jobs.slice(from, from + TABLES_MAX).map((job) => quoteTable(job.from));
      await session.query(`SELECT 1 FROM ${tables.join(', ')} WHERE FALSE`, { signal });
    }
    return true;
  } catch (error) {
    if (error instanceof Fault && ['LOCK_WAIT', 'DEADLOCK'].includes(error.code)) return false;
    throw error;
  }
}

/** Lets the tables go; the copies are to be made anew. */
export async function abandonSnapshots({ sessions }: Workers, signal: AbortSignal): Promise<void> {
  for (const session of sessions) if (session.isOpen) await session.query('ROLLBACK', { signal });
}

/**
 * Copies all tables as the workers' snapshots show them, and commits.
 *
 * @returns what each table held at the moment, by label.
 * @throws {Fault} SNAPSHOT_REFUSED for rows that no variable can carry.
 */
export async function copySnapshots(
  deps: SnapshotDeps,
  workers: Workers,
  jobs: readonly CopyJob[],
  effect: Effect,
): Promise<Contents> {
  const { signal } = effect;
  const biggestFirst = [...jobs].sort((a, b) => b.table.bytes - a.table.bytes);
  const contents = new Map<string, TableContent>();
  await withProgress(deps, jobs, effect, (progress) =>
    eachInParallel(workers, biggestFirst, signal, async (session, job, either) => {
      progress.begun(job);
      await session.query(callSql(job), { signal: either });
      const content = await comparedCopy(session, job, either);
      contents.set(labelOf(job.table), content);
      progress.ended(job, content.rowCount);
    }),
  );
  for (const session of workers.sessions) await session.query('COMMIT', { signal });
  return contents;
}

async function comparedCopy(session: Session, { table, from, to }: CopyJob, signal: AbortSignal) {
  const seen = await readContent(session, from, table.columns, table.isVersioned, signal);
  const copied = await readContent(session, to, table.columns, table.isVersioned, signal);
  if (seen.fingerprint === copied.fingerprint && seen.rowCount === copied.rowCount) return copied;
  throw new Fault(
    'SNAPSHOT_REFUSED',
    `the rows of table ${labelOf(table)} cannot be copied exactly by \`lock: brief\``,
    {
      hint: 'Nothing was changed. Use `lock: held`.',
    },
  );
}
