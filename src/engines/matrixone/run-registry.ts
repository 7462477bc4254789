// Owns the row per run in the catalog. Invariant: of two processes that open overlapping runs at once, one is refused:
// each holds the lock on the catalog's identity row while it looks at the others and writes its own.

import { Fault, type RunId, type SnapshotName } from '../../kernel/index.ts';
import { runLabel, scopesOverlap } from '../mysql-family/scope-overlap.ts';
import type { RunRegistry, RunRow, Scope, Session } from '../port.ts';
import { scopeLabel } from '../scope.ts';
import type { Connector } from '../wire/connector.ts';
import { catalogTable, ensureCatalog, inTransaction, readCatalog } from './catalog.ts';
import { literal } from './literal.ts';
import { isoOf, NOW, one, texts, withSession } from './session.ts';

const RUNS = catalogTable('runs');
const COLUMNS = 'run, plan_name, scope, state, snapshots, holder, opened_at';
const NAME_LENGTH_MAX = 255;

type NewRun = Parameters<RunRegistry['open']>[0];

export function matrixoneRunRegistry(connector: Connector): RunRegistry {
  const writing = (signal: AbortSignal, work: (session: Session) => Promise<void>): Promise<void> =>
    withSession(connector, { purpose: 'run registry', writes: true }, signal, work);
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
          const by = holder === undefined ? '' : `, holder = ${literal(bounded(holder))}`;
          const sql = `UPDATE ${RUNS} SET state = ${literal(state)}${by} WHERE run = ${literal(run)}`;
          await session.query(sql, { signal });
        }),
      ),
    list: (signal) =>
      withSession(connector, { purpose: 'list of runs', writes: false }, signal, (session) =>
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
  return Date.parse(isoOf(await one(session, `SELECT ${NOW}`, signal)));
}

async function register(session: Session, row: NewRun, signal: AbortSignal): Promise<void> {
  await session.query(`SELECT id FROM ${catalogTable('identity')} WHERE pin = 1 FOR UPDATE`, { signal });
  const rows = await texts(session, `SELECT ${COLUMNS} FROM ${RUNS} WHERE state IN ('open', 'stuck')`, signal);
  const [other] = blocking(rows.map(runRow), row.scope, row.run);
  if (other !== undefined) {
    const now = await serverNowMs(session, signal);
    throw new Fault('SCOPE_BUSY', `${scopeLabel(row.scope)} is covered by ${runLabel(other, now)}`);
  }
  const [scope, holder] = [JSON.stringify(row.scope), bounded(row.holder)].map(literal);
  const where = `WHERE run = ${literal(row.run)}`;
  if ((await texts(session, `SELECT run FROM ${RUNS} ${where}`, signal)).length > 0) {
    await session.query(`UPDATE ${RUNS} SET state = 'open', holder = ${holder}, scope = ${scope} ${where}`, { signal });
    return;
  }
  const values = [row.run, bounded(row.planName)].map(literal).join(', ');
  await session.query(
    `INSERT INTO ${RUNS} (${COLUMNS}) VALUES (${values}, ${scope}, 'open', '[]', ${holder}, ${NOW})`,
    { signal },
  );
  // The row that all are locked by changes with every registration, so that one who waited reads after us.
  await session.query(`UPDATE ${catalogTable('identity')} SET created_at = created_at WHERE pin = 1`, { signal });
}

async function addSnapshot(session: Session, run: RunId, name: SnapshotName, signal: AbortSignal): Promise<void> {
  const { snapshots } = await rowOf(session, run, signal);
  if (snapshots.includes(name)) return;
  const text = literal(JSON.stringify([...snapshots, name]));
  await session.query(`UPDATE ${RUNS} SET snapshots = ${text} WHERE run = ${literal(run)}`, { signal });
}

async function rowOf(session: Session, run: RunId, signal: AbortSignal): Promise<RunRow> {
  const [row] = await texts(session, `SELECT ${COLUMNS} FROM ${RUNS} WHERE run = ${literal(run)} FOR UPDATE`, signal);
  if (row === undefined) throw new Fault('RUN_UNKNOWN', `the server has no record of run ${run}`);
  return runRow(row);
}

function runRow([run, planName, scope, state, snapshots, holder, openedAt]: readonly string[]): RunRow {
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

function bounded(text: string): string {
  return text.slice(0, NAME_LENGTH_MAX);
}
