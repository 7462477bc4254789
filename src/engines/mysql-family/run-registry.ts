// Owns the row per run in the catalog. Invariant: of two processes that open overlapping runs at once, one is refused:
// each holds the lock on the catalog's identity row while it looks at the others and writes its own.

import { Fault, type RunId, type SnapshotName } from '../../kernel/index.ts';
import type { Cell, RunRegistry, RunRow, Scope, Session } from '../port.ts';
import { scopeLabel } from '../scope.ts';
import type { Connector } from '../wire/connector.ts';
import { quoteText } from '../wire/quote.ts';
import { catalogTable, ensureCatalog, readCatalog, withCatalogSession, withGrant } from './catalog.ts';
import { runLabel, scopesOverlap } from './scope-overlap.ts';

const RUNS = catalogTable('runs');
const COLUMNS = 'run, plan_name, scope, state, snapshots, holder, opened_at';
const NAME_LENGTH_MAX = 255;

type NewRun = Parameters<RunRegistry['open']>[0];

export function mysqlRunRegistry(connector: Connector): RunRegistry {
  const writing = (signal: AbortSignal, work: (session: Session) => Promise<void>): Promise<void> =>
    withCatalogSession(connector, { purpose: 'run registry', writes: true }, signal, work);
  return {
    open: (row, signal) =>
      writing(signal, async (session) => {
        await ensureCatalog(session, signal);
        await inTransaction(session, signal, () => register(session, row, signal));
      }),
    addSnapshot: (run, name, signal) =>
      writing(signal, (session) => inTransaction(session, signal, () => addSnapshot(session, run, name, signal))),
    setState: (run, state, signal, holder) =>
      writing(signal, (session) =>
        inTransaction(session, signal, async () => {
          await rowOf(session, run, signal);
          const by = holder === undefined ? '' : `, holder = ${quoteText(bounded(holder))}`;
          const sql = `UPDATE ${RUNS} SET state = ${quoteText(state)}${by} WHERE run = ${quoteText(run)}`;
          await session.query(sql, { signal });
        }),
      ),
    list: (signal) =>
      withCatalogSession(connector, { purpose: 'list of runs', writes: false }, signal, (session) =>
        listRuns(session, signal),
      ),
  };
}

/** Newest first; empty without a catalog. */
export async function listRuns(session: Session, signal: AbortSignal): Promise<readonly RunRow[]> {
  const rows = await readCatalog(session, `SELECT ${COLUMNS} FROM ${RUNS} ORDER BY opened_at DESC, run`, signal);
  return rows.map(runRow);
}

/** Open and stuck runs, other than `run`, that cover any part of the scope. */
export function blocking(rows: readonly RunRow[], scope: Scope, run: RunId | undefined): readonly RunRow[] {
  return rows.filter(
    (row) => row.run !== run && (row.state === 'open' || row.state === 'stuck') && scopesOverlap(row.scope, scope),
  );
}

/** The server's clock, ms: ages are told by the clock that wrote the times. */
export async function serverNowMs(session: Session, signal: AbortSignal): Promise<number> {
  const { rows } = await session.query('SELECT UTC_TIMESTAMP(3)', { signal });
  return Date.parse(isoOf(rows[0]?.[0]));
}

/** `2026-01-31 07:41:22.000000` -> `2026-01-31T07:41:22.000000Z` */
export function isoOf(cell: Cell | undefined): string {
  return `${(cell ?? '').replace(' ', 'T')}Z`;
}

async function register(session: Session, row: NewRun, signal: AbortSignal): Promise<void> {
  await session.query(`SELECT id FROM ${catalogTable('identity')} WHERE pin = 1 FOR UPDATE`, { signal });
  const { rows } = await session.query(
    `SELECT ${COLUMNS} FROM ${RUNS} WHERE state IN ('open', 'stuck') ORDER BY opened_at FOR UPDATE`,
    { signal },
  );
  const [other] = blocking(rows.map(runRow), row.scope, row.run);
  if (other !== undefined) {
    const now = await serverNowMs(session, signal);
    throw new Fault('SCOPE_BUSY', `${scopeLabel(row.scope)} is covered by ${runLabel(other, now)}`);
  }
  const values = [row.run, bounded(row.planName), JSON.stringify(row.scope), 'open', '[]', bounded(row.holder)];
  await session.query(
    `INSERT INTO ${RUNS} (${COLUMNS}) VALUES (${values.map(quoteText).join(', ')}, UTC_TIMESTAMP(6))` +
      " ON DUPLICATE KEY UPDATE state = 'open', holder = VALUES(holder), scope = VALUES(scope)",
    { signal },
  );
}

async function addSnapshot(session: Session, run: RunId, name: SnapshotName, signal: AbortSignal): Promise<void> {
  const { snapshots } = await rowOf(session, run, signal);
  if (snapshots.includes(name)) return;
  const text = quoteText(JSON.stringify([...snapshots, name]));
  await session.query(`UPDATE ${RUNS} SET snapshots = ${text} WHERE run = ${quoteText(run)}`, { signal });
}

async function rowOf(session: Session, run: RunId, signal: AbortSignal): Promise<RunRow> {
  const { rows } = await session.query(`SELECT ${COLUMNS} FROM ${RUNS} WHERE run = ${quoteText(run)} FOR UPDATE`, {
    signal,
  });
  const [row] = rows;
  if (row === undefined) throw new Fault('RUN_UNKNOWN', `the server has no record of run ${run}`);
  return runRow(row);
}

function runRow(cells: readonly Cell[]): RunRow {
  const [run, planName, scope, state, snapshots, holder, openedAt] = cells.map((cell) => cell ?? '');
  return {
    run: run as RunId,
    planName: planName ?? '',
    scope: JSON.parse(scope ?? '') as Scope,
    state: state as RunRow['state'],
    snapshots: JSON.parse(snapshots ?? '') as SnapshotName[],
    holder: holder ?? '',
    openedAt: isoOf(openedAt),
  };
}

async function inTransaction(session: Session, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  await session.query('START TRANSACTION', { signal });
  try {
    await work();
    await session.query('COMMIT', { signal });
  } catch (error) {
    if (session.isOpen) await session.query('ROLLBACK');
    throw await withGrant(error, session);
  }
}

function bounded(text: string): string {
  return text.slice(0, NAME_LENGTH_MAX);
}
