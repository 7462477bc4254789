import { systemClock, type TableRef } from '../../../kernel/index.ts';
import type { Effect, Session } from '../../port.ts';
import { quoteName, quoteTable } from '../../wire/quote.ts';
import type { StoredTable } from './model.ts';
import { eachInParallel, type Workers } from './parallel.ts';
import type { SnapshotDeps } from './session-pins.ts';

export interface CopyJob {
  readonly table: StoredTable;
  readonly from: TableRef;
  readonly to: TableRef;
}

/** Copies one table's rows inside the server, history included. Returns how many. */
export async function copyRows(session: Session, { table, from, to }: CopyJob, signal: AbortSignal): Promise<number> {
  const columns = table.columns.map(({ name }) => quoteName(name)).join(', ');
  const period = table.isVersioned ? ' FOR SYSTEM_TIME ALL' : '';
  const { rowsAffected } = await session.query(
    `INSERT INTO ${quoteTable(to)} (${columns}) SELECT ${columns} FROM ${quoteTable(from)}${period}`,
    { signal },
  );
  return rowsAffected;
}

/** Copies all tables with all workers, the biggest first, so that none is left alone with a big one at the end. */
export async function copyAll(
  deps: SnapshotDeps,
  workers: Workers,
  jobs: readonly CopyJob[],
  effect: Effect,
  signal: AbortSignal,
): Promise<number> {
  const biggestFirst = [...jobs].sort((a, b) => b.table.bytes - a.table.bytes);
  const rowsTotal = jobs.reduce((sum, { table }) => sum + table.rowsEstimate, 0);
  const report = throttled(deps, effect);
  let rowsDone = 0;
  await eachInParallel(workers, biggestFirst, signal, async (session, job, either) => {
    rowsDone += await copyRows(session, job, either);
    report({ what: `${job.table.database}.${job.table.name}`, rowsDone, rowsTotal: Math.max(rowsTotal, rowsDone) });
  });
  return rowsDone;
}

const REPORT_EVERY_MS = 250;

function throttled({ clock = systemClock }: SnapshotDeps, effect: Effect): Effect['onProgress'] {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const nowMs = clock.nowMs();
    if (nowMs - lastMs < REPORT_EVERY_MS) return;
    lastMs = nowMs;
    effect.onProgress(progress);
  };
}
