import { Fault, type TableRef } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteName, quoteTable } from '../../wire/quote.ts';
import { readContent } from '../fingerprint.ts';
import { refOf, type StoredTable } from '../copying-snapshots/model.ts';
import { underCreationPins, type FamilyServer } from '../copying-snapshots/session-pins.ts';
import { differsSql, putRowsBack } from './row-statements.ts';
import type { TouchedTable } from './watch.ts';

export interface PutBackDeps {
  readonly server: FamilyServer;
  /** Sessions of our own in the database; the first one does what must not be done twice at a time. */
  readonly sessions: readonly Session[];
  readonly copyDatabase: string;
  readonly isExact: boolean;
  readonly lockWaitMs: number;
}

/** A table of our own in the copy's database, with one row: whether triggers are away at the moment. */
export const STATE_TABLE = 'snapback state';

/**
 * Makes these tables hold what their copies hold.
 *
 * @returns `wroteRows`: rows were written and nothing else was done
 */
export async function putBack(
  deps: PutBackDeps,
  tables: readonly TouchedTable[],
  signal: AbortSignal,
): Promise<{ readonly wroteRows: boolean }> {
  const [first] = deps.sessions;
  if (first === undefined) return { wroteRows: true };
  const plain = tables.filter(({ isGuarded }) => !isGuarded);
  await putPlainBack(deps, first, plain, signal);
  const differing: TouchedTable[] = [];
  for (const one of tables.filter(({ isGuarded }) => isGuarded)) {
    if (await differs(deps, first, one.table, signal)) differing.push(one);
    else for (const sql of counterSql(deps, one)) await first.query(sql, { signal });
  }
  if (differing.length > 0) await withoutTriggers(deps, first, differing, signal);
  return { wroteRows: differing.length === 0 && tables.every((one) => counterSql(deps, one).length === 0) };
}

/** With GTIDs, MySQL refuses to write the others inside a transaction. */
function isTransactional({ table }: TouchedTable): boolean {
  return table.engine.toLowerCase() === 'innodb';
}

/** Everything that one session does goes out at once: a statement of its own costs more than what it does. */
async function putPlainBack(
  deps: PutBackDeps,
  first: Session,
  tables: readonly TouchedTable[],
  signal: AbortSignal,
): Promise<void> {
  const shares = sharesOf(tables, deps.sessions.length);
  const again: TouchedTable[] = [];
  const results = await Promise.allSettled(
    shares.map(async (share, place) => {
      if (share.length === 0) return;
      try {
        await runAtOnce(deps.sessions[place] ?? first, batchOf(deps, share), signal);
      } catch (error) {
        // Somebody else's lock, across a foreign key from another database perhaps: once more, when all others are
        // done.
        if (!(error instanceof Fault) || error.code !== 'DEADLOCK') throw error;
        again.push(...share);
      }
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  if (again.length > 0) await runAtOnce(first, batchOf(deps, again), signal);
}

/** Tables that foreign keys join stay together, and each in the session that has had it open before. */
function sharesOf(tables: readonly TouchedTable[], count: number): readonly (readonly TouchedTable[])[] {
  return Array.from({ length: count }, (_, place) => tables.filter(({ family }) => family % count === place));
}

function batchOf(deps: PutBackDeps, share: readonly TouchedTable[]): readonly string[] {
  const rows = (one: TouchedTable): readonly string[] => rowsSql(deps, one);
  const [inside, outside] = [share.filter(isTransactional), share.filter((one) => !isTransactional(one))];
  return [
    ...(inside.length === 0 ? [] : ['BEGIN', ...inside.flatMap(rows), 'COMMIT']),
    ...outside.flatMap(rows),
    ...share.flatMap((one) => counterSql(deps, one)),
  ];
}

async function runAtOnce(session: Session, statements: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    await session.query(statements.join(';\n'), { signal });
  } catch (error) {
    if (session.isOpen) await session.query('ROLLBACK');
    throw error;
  }
}

function rowsSql(deps: PutBackDeps, { table, state }: TouchedTable): readonly string[] {
  return putRowsBack(table, copyOf(deps, table), { touch: state?.updated === null });
}

/** After the rows: a row may raise the counter, and only this can lower it. */
function counterSql({ isExact }: PutBackDeps, { table, state }: TouchedTable): readonly string[] {
  const { autoIncrement } = table;
  if (!isExact || autoIncrement === null || state?.autoIncrement === autoIncrement) return [];
  return [`ALTER TABLE ${quoteTable(refOf(table))} AUTO_INCREMENT = ${BigInt(autoIncrement)}`];
}

async function differs(deps: PutBackDeps, session: Session, table: StoredTable, signal: AbortSignal) {
  const copy = copyOf(deps, table);
  const sql = differsSql(table, copy);
  if (sql !== undefined) return (await session.query(sql, { signal })).rows[0]?.[0] !== '0';
  const [live, kept] = [
    await readContent(session, refOf(table), table.columns, false, signal),
    await readContent(session, copy, table.columns, false, signal),
  ];
  return live.fingerprint !== kept.fingerprint || live.rowCount !== kept.rowCount;
}

/** Triggers would fire, and might change what they see. That they are away is noted where the next process looks. */
async function withoutTriggers(
  deps: PutBackDeps,
  session: Session,
  tables: readonly TouchedTable[],
  signal: AbortSignal,
): Promise<void> {
  const note = `${quoteName(deps.copyDatabase)}.${quoteName(STATE_TABLE)}`;
  await session.query(`UPDATE ${note} SET is_unfinished = 1`, { signal });
  for (const one of tables) {
    for (const { database, name } of one.triggers) {
      await session.query(`DROP TRIGGER IF EXISTS ${quoteName(database)}.${quoteName(name)}`, { signal });
    }
    const rows = rowsSql(deps, one);
    await runAtOnce(session, isTransactional(one) ? ['BEGIN', ...rows, 'COMMIT'] : rows, signal);
    for (const { definition, pins } of one.triggers) {
      await underCreationPins(deps.server, session, pins, signal, async () => {
        await session.query(definition, { signal });
      });
    }
    await session.query(lockWaits(deps.lockWaitMs), { signal });
    for (const sql of counterSql(deps, one)) await session.query(sql, { signal });
  }
  await session.query(`UPDATE ${note} SET is_unfinished = 0`, { signal });
}

/** Waits are given in whole seconds. */
export function lockWaits(lockWaitMs: number): string {
  const seconds = Math.max(1, Math.ceil(lockWaitMs / 1000));
  return `SET SESSION lock_wait_timeout=${seconds}, innodb_lock_wait_timeout=${seconds}`;
}

function copyOf({ copyDatabase }: PutBackDeps, { name }: StoredTable): TableRef {
  return { database: copyDatabase, table: name };
}
