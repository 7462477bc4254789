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

/** Makes these tables hold what their copies hold. */
export async function putBack(deps: PutBackDeps, tables: readonly TouchedTable[], signal: AbortSignal): Promise<void> {
  const [first] = deps.sessions;
  if (first === undefined) return;
  const plain = tables.filter(({ isGuarded }) => !isGuarded);
  await shareOut(deps.sessions, plain, async (session, share) => {
    const write = async ({ table, state }: TouchedTable): Promise<void> =>
      rows(deps, session, table, state?.updated === null, signal);
    await inTransaction(session, signal, async () => {
      for (const one of share) if (isTransactional(one)) await write(one);
    });
    for (const one of share) if (!isTransactional(one)) await write(one);
  });
  await putCountersBack(deps, first, plain, signal);
  const differing: TouchedTable[] = [];
  for (const one of tables.filter(({ isGuarded }) => isGuarded)) {
    if (await differs(deps, first, one.table, signal)) differing.push(one);
    else await counter(deps, first, one, signal);
  }
  if (differing.length > 0) await withoutTriggers(deps, first, differing, signal);
}

/** With GTIDs, MySQL refuses to write the others inside a transaction. */
function isTransactional({ table }: TouchedTable): boolean {
  return table.engine.toLowerCase() === 'innodb';
}

/** Each session takes every n-th table. */
async function shareOut(
  sessions: readonly Session[],
  tables: readonly TouchedTable[],
  work: (session: Session, share: readonly TouchedTable[]) => Promise<void>,
): Promise<void> {
  const shares = sessions.map((session, place) => ({
    session,
    share: tables.filter((_, index) => index % sessions.length === place),
  }));
  const results = await Promise.allSettled(
    shares.filter(({ share }) => share.length > 0).map(({ session, share }) => work(session, share)),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function inTransaction(session: Session, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  await session.query('BEGIN', { signal });
  try {
    await work();
  } catch (error) {
    if (session.isOpen) await session.query('ROLLBACK');
    throw error;
  }
  await session.query('COMMIT', { signal });
}

async function rows(
  deps: PutBackDeps,
  session: Session,
  table: StoredTable,
  touch: boolean,
  signal: AbortSignal,
): Promise<void> {
  for (const sql of putRowsBack(table, copyOf(deps, table), { touch })) await session.query(sql, { signal });
}

/**
 * When no row waits any more. Changing two tables at a time that a foreign key joins can be a deadlock, which is told
 * at once: the loser is changed again when it is alone.
 */
async function putCountersBack(
  deps: PutBackDeps,
  first: Session,
  tables: readonly TouchedTable[],
  signal: AbortSignal,
): Promise<void> {
  const again: TouchedTable[] = [];
  await shareOut(deps.sessions, tables, async (session, share) => {
    for (const one of share) {
      try {
        await counter(deps, session, one, signal);
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'DEADLOCK') throw error;
        again.push(one);
      }
    }
  });
  for (const one of again) await counter(deps, first, one, signal);
}

/** After the rows: a row may raise the counter, and only this can lower it. */
async function counter(
  { isExact }: PutBackDeps,
  session: Session,
  { table, state }: TouchedTable,
  signal: AbortSignal,
): Promise<void> {
  const { autoIncrement } = table;
  if (!isExact || autoIncrement === null || state?.autoIncrement === autoIncrement) return;
  await session.query(`ALTER TABLE ${quoteTable(refOf(table))} AUTO_INCREMENT = ${BigInt(autoIncrement)}`, { signal });
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
    const write = (): Promise<void> => rows(deps, session, one.table, one.state?.updated === null, signal);
    await (isTransactional(one) ? inTransaction(session, signal, write) : write());
    for (const { definition, pins } of one.triggers) {
      await underCreationPins(deps.server, session, pins, signal, async () => {
        await session.query(definition, { signal });
      });
    }
    await session.query(lockWaits(deps.lockWaitMs), { signal });
    await counter(deps, session, one, signal);
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
