// Owns named locks on a connection of its own: they end with it, whatever happens to this process.

import { Fault, sha256, systemClock, type Clock, type RunId } from '../../kernel/index.ts';
import type { Scope, ScopeLock, Session } from '../port.ts';
import { databasesOf, hintToWait, scopeLabel } from '../scope.ts';
import type { Connector } from '../wire/connector.ts';
import { quoteText } from '../wire/quote.ts';
import { processList, sessionLabel } from './process-list.ts';
import { blocking, listRuns, serverNowMs } from './run-registry.ts';
import { runLabel } from './scope-overlap.ts';

/** A connection that says nothing for minutes is cut by routers on its way, ms. */
const PING_EVERY_MS = 30_000;

const PROLOGUE: readonly string[] = ['SET SESSION wait_timeout=31536000, autocommit=1'];

export interface ScopeLockRequest {
  readonly connector: Connector;
  readonly scope: Scope;
  readonly run: RunId | undefined;
  /** Ends the pinging when the engine is closed. */
  readonly lifetime: AbortSignal;
  readonly clock?: Clock;
}

/** @throws {Fault} SCOPE_BUSY at once, naming who holds it. */
export async function lockScope(request: ScopeLockRequest, signal: AbortSignal): Promise<ScopeLock> {
  const { connector, scope } = request;
  const names = lockNames(scope);
  const session = await connector.open(
    { purpose: 'scope lock', database: undefined, announce: true, prologue: PROLOGUE },
    signal,
  );
  try {
    for (const name of names) {
      const { rows } = await session.query(`SELECT GET_LOCK(${quoteText(name)}, 0)`, { signal });
      if (rows[0]?.[0] !== '1') throw await busy(session, name, request, signal);
    }
  } catch (error) {
    await session.close();
    throw error;
  }
  const released = new AbortController();
  const pinging = keepAlive(
    session,
    AbortSignal.any([released.signal, request.lifetime]),
    request.clock ?? systemClock,
  );
  return {
    assertHeld: () => assertHeld(session, names, scope),
    release: async () => {
      released.abort();
      await pinging;
      await session.close();
    },
  };
}

/** One lock per database, in an order that all processes share; hashed, because lock names are short. */
export function lockNames(scope: Scope): readonly string[] {
  const databases = new Set(databasesOf(scope).map((database) => database.toLowerCase()));
  const subjects = databases.size === 0 ? ['*'] : [...databases].sort();
  return subjects.map((subject) => `snapback:${sha256(subject).slice(0, 40)}`);
}

async function assertHeld(session: Session, names: readonly string[], scope: Scope): Promise<void> {
  const held = names.map((name) => `IFNULL(IS_USED_LOCK(${quoteText(name)}) = CONNECTION_ID(), 0)`).join(' + ');
  try {
    const { rows } = await session.query(`SELECT ${held}`);
    if (rows[0]?.[0] === String(names.length)) return;
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'CONNECTION_LOST') throw error;
    throw new Fault('SCOPE_BUSY', `the connection that held the lock on ${scopeLabel(scope)} is gone`, {
      cause: error,
    });
  }
  throw new Fault('SCOPE_BUSY', `the server no longer holds the lock on ${scopeLabel(scope)} for this run`);
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

async function busy(session: Session, name: string, request: ScopeLockRequest, signal: AbortSignal): Promise<Fault> {
  const { scope, run } = request;
  const { rows } = await session.query(`SELECT IS_USED_LOCK(${quoteText(name)})`, { signal });
  const holder = rows[0]?.[0] ?? undefined;
  const listed = (await processList(session, signal)).find(({ connectionId }) => connectionId === holder);
  const now = await serverNowMs(session, signal);
  const runs = blocking(await listRuns(session, signal), scope, undefined);
  const names = [
    ...runs.map((row) => (row.run === run ? `another process of ${runLabel(row, now)}` : runLabel(row, now))),
    ...(listed === undefined ? [] : [sessionLabel(listed)]),
    ...(listed === undefined && holder !== undefined ? [`connection ${holder}`] : []),
  ];
  const who = names.length === 0 ? 'a connection that has just ended' : names.join('; ');
  return new Fault('SCOPE_BUSY', `${scopeLabel(scope)} is locked by ${who}`, { hint: hintToWait(holder) });
}
