import { Fault, type TableRef } from '../../../kernel/index.ts';
import type { Effect, Session } from '../../port.ts';
import { quoteName, quoteTable } from '../../wire/quote.ts';
import { withProgress } from './copy-progress.ts';
import { labelOf, type StoredTable } from './model.ts';
import { eachInParallel, type Workers } from './parallel.ts';
import { readCommitted, type SnapshotDeps } from './session-pins.ts';

export interface CopyJob {
  readonly table: StoredTable;
  readonly from: TableRef;
  readonly to: TableRef;
}

export interface Copied {
  readonly rowCount: number;
  /** By label: `shop.orders`. */
  readonly rowCounts: ReadonlyMap<string, number>;
  /** Where server or storage could have changed a value on its way. Everywhere else a copy is exact. */
  readonly doubtful: readonly StoredTable[];
}

/** Copies one table's rows inside the server, history included. */
async function copyRows(session: Session, { table, from, to }: CopyJob, signal: AbortSignal) {
  const columns = table.columns.map(({ name }) => quoteName(name)).join(', ');
  const period = table.isVersioned ? ' FOR SYSTEM_TIME ALL' : '';
  const { rowsAffected } = await session.query(
    `INSERT INTO ${quoteTable(to)} (${columns}) SELECT ${columns} FROM ${quoteTable(from)}${period}`,
    { signal },
  );
  const { rows } = await session.query('SELECT @@warning_count', { signal });
  return { rowCount: rowsAffected, hasWarnings: rows[0]?.[0] !== '0' };
}

/** What a table allows to stand in it, it need not allow to be written: an empty VECTOR, left by INSERT IGNORE. */
function withTable(error: unknown, { table }: CopyJob): unknown {
  if (!(error instanceof Fault) || error.code !== 'STATEMENT_FAILED') return error;
  return new Fault(error.code, `the rows of table ${labelOf(table)} cannot be copied: ${error.message}`, {
    cause: error,
  });
}

/** Copies all tables with all workers, the biggest first, so that none is left alone with a big one at the end. */
export async function copyAll(
  deps: SnapshotDeps,
  workers: Workers,
  jobs: readonly CopyJob[],
  effect: Effect,
  signal: AbortSignal,
): Promise<Copied> {
  const biggestFirst = [...jobs].sort((a, b) => b.table.bytes - a.table.bytes);
  const rowCounts = new Map<string, number>();
  const doubtful: StoredTable[] = [];
  let rowsDone = 0;
  for (const session of workers.sessions) await readCommitted(session, signal);
  await withProgress(deps, jobs, { ...effect, signal }, (progress) =>
    eachInParallel(workers, biggestFirst, signal, async (session, job, either) => {
      progress.begun(job);
      const { rowCount, hasWarnings } = await copyRows(session, job, either).catch((error: unknown) => {
        throw withTable(error, job);
      });
      if (hasWarnings || job.table.engine.toLowerCase() !== 'innodb') doubtful.push(job.table);
      rowCounts.set(labelOf(job.table), rowCount);
      rowsDone += rowCount;
      progress.ended(job, rowCount);
    }),
  );
  return { rowCount: rowsDone, rowCounts, doubtful };
}
