// Owns one row per locked database in the catalog, which names a session. A lock is held as long as the server lists
// that session: it ends with its connection, whatever happens to this process.

import { Fault, invariant, systemClock, type Clock } from '../../kernel/index.ts';
import { runLabel } from '../mysql-family/scope-overlap.ts';
import type { Scope, ScopeLock, Session } from '../port.ts';
import { databasesOf, hintToWait, scopeLabel } from '../scope.ts';
import type { Connector } from '../wire/connector.ts';
import { catalogTable, ensureCatalog, inTransaction } from './catalog.ts';
import { literal, literals } from './literal.ts';
import { processList, sessionLabel } from './process-list.ts';
import { blocking, listRuns, serverNowMs } from './run-registry.ts';
import { NOW, texts, withSession } from './session.ts';

const LOCKS = catalogTable('locks');
/** A connection that says nothing for minutes is cut by routers on its way, ms. */
const PING_EVERY_MS = 30_000;
const HOLDER_LENGTH_MAX = 255;
/** Between the attempts to take a lock again that the server has forgotten. */
const RETAKE_PAUSES_MS = [100, 200, 400, 800, 1_600, 3_200];
/** Stands for everything that the account holds. */
const WHOLE = '*';

export interface ScopeLockRequest {
  readonly connector: Connector;
  readonly scope: Scope;
  readonly holder: string;
  /** Ends the pinging when the engine is closed. */
  readonly lifetime: AbortSignal;
  readonly clock?: Clock;
}

/** @throws {Fault} SCOPE_BUSY at once, naming who holds it. */
export async function lockScope(request: ScopeLockRequest, signal: AbortSignal): Promise<ScopeLock> {
  const { connector, scope } = request;
  await withSession(connector, { purpose: 'catalog', writes: true }, signal, (session) =>
    ensureCatalog(session, signal),
  );
  const session = await connector.open(
    { purpose: 'scope lock', database: undefined, announce: true, prologue: ["SET SESSION time_zone = '+00:00'"] },
    signal,
  );
  const subjects = lockSubjects(scope);
  let token: string;
  try {
    const listed = await processList(session, signal, request.clock);
    const own = listed.find(({ connectionId }) => connectionId === session.identity.connectionId);
    invariant(own !== undefined, 'a list of sessions with its reader in it');
    token = own.token;
    await inTransaction(session, signal, () => take(session, request, { subjects, token }, signal));
  } catch (error) {
    await session.close();
    throw error;
  }
  const released = new AbortController();
  const until = AbortSignal.any([released.signal, request.lifetime]);
  const pinging = keepAlive(session, until, request.clock ?? systemClock);
  return {
    assertHeld: () => assertHeld(session, request, { subjects, token }),
    release: async () => {
      released.abort();
      await pinging;
      await letGo(session, token);
      await session.close();
    },
  };
}

interface Lock {
  readonly subjects: readonly string[];
  /** The server's random name of the session that holds it. */
  readonly token: string;
}

/** One lock per database; names are compared without regard to case, at worst a run waits without need. */
export function lockSubjects(scope: Scope): readonly string[] {
  const databases = new Set(databasesOf(scope).map((database) => database.toLowerCase()));
  return databases.size === 0 ? [WHOLE] : [...databases].sort();
}

async function take(
  session: Session,
  { scope, holder }: ScopeLockRequest,
  { subjects, token }: Lock,
  signal: AbortSignal,
): Promise<void> {
  await session.query(`SELECT id FROM ${catalogTable('identity')} WHERE pin = 1 FOR UPDATE`, { signal });
  const where = subjects.includes(WHOLE) ? '' : ` WHERE subject IN (${literals([...subjects, WHOLE])})`;
  const taken = await texts(session, `SELECT subject, token, connection, holder FROM ${LOCKS}${where}`, signal);
  const alive = new Set((await processList(session, signal)).map((listed) => listed.token));
  const [other] = taken.filter(([, theirs = '']) => theirs !== token && alive.has(theirs));
  if (other !== undefined)
    throw await busy(session, scope, { connection: other[2] ?? '', holder: other[3] ?? '' }, signal);
  const dead = taken.filter(([, theirs = '']) => !alive.has(theirs)).map(([subject = '']) => subject);
  const gone = [...new Set([...dead, ...subjects])];
  await session.query(`DELETE FROM ${LOCKS} WHERE subject IN (${literals(gone)})`, { signal });
  const row = [token, session.identity.connectionId, holder.slice(0, HOLDER_LENGTH_MAX)].map(literal).join(', ');
  const rows = subjects.map((subject) => `(${literal(subject)}, ${row}, ${NOW})`);
  await session.query(`INSERT INTO ${LOCKS} VALUES ${rows.join(', ')}`, { signal });
}

/**
 * A server that had been killed was seen to forget the rows of a lock that was taken just after it had come back, at
 * times those of the second attempt as well (4.2.0). Nobody deletes the rows of a session that lives, and the open run
 * keeps others out of its scope: where no other holds it, the lock is taken again until it stays.
 */
async function assertHeld(session: Session, request: ScopeLockRequest, lock: Lock): Promise<void> {
  const { scope } = request;
  const signal = new AbortController().signal;
  try {
    if (await isHeld(session, lock)) return;
    for (const pauseMs of RETAKE_PAUSES_MS) {
      await inTransaction(session, signal, () => take(session, request, lock, signal));
      if (await isHeld(session, lock)) return;
      await (request.clock ?? systemClock).sleep(pauseMs, request.lifetime);
      if (await isHeld(session, lock)) return;
    }
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'CONNECTION_LOST') throw error;
    throw new Fault('SCOPE_BUSY', `the connection that held the lock on ${scopeLabel(scope)} is gone`, {
      cause: error,
    });
  }
  throw new Fault('SCOPE_BUSY', `the server no longer holds the lock on ${scopeLabel(scope)} for this run`);
}

async function isHeld(session: Session, { subjects, token }: Lock): Promise<boolean> {
  const where = `token = ${literal(token)} AND subject IN (${literals(subjects)})`;
  const { rows } = await session.query(`SELECT COUNT(*) FROM ${LOCKS} WHERE ${where}`);
  return rows[0]?.[0] === String(subjects.length);
}

/** The row would be found dead by the next one anyway: a failure here keeps nobody out. */
async function letGo(session: Session, token: string): Promise<void> {
  if (!session.isOpen) return;
  try {
    await session.query(`DELETE FROM ${LOCKS} WHERE token = ${literal(token)}`);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
}

async function keepAlive(session: Session, until: AbortSignal, clock: Clock): Promise<void> {
  for (;;) {
    const isOver = await clock.sleep(PING_EVERY_MS, until).then(
      () => false,
      () => true,
    );
    if (isOver || !session.isOpen) return;
    try {
      await session.query('SELECT 1');
    } catch (error) {
      if (error instanceof Fault) return; // `assertHeld` is where the loss is told
      throw error;
    }
  }
}

async function busy(
  session: Session,
  scope: Scope,
  other: { readonly connection: string; readonly holder: string },
  signal: AbortSignal,
): Promise<Fault> {
  const listed = (await processList(session, signal)).find(({ connectionId }) => connectionId === other.connection);
  const now = await serverNowMs(session, signal);
  const runs = blocking(await listRuns(session, signal), scope, undefined).map((row) => runLabel(row, now));
  const connection = listed === undefined ? `connection ${other.connection}` : sessionLabel(listed);
  const who = [...runs, `${connection}: ${other.holder}`].join('; ');
  return new Fault('SCOPE_BUSY', `${scopeLabel(scope)} is locked by ${who}`, { hint: hintToWait(other.connection) });
}
