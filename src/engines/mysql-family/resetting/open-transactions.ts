import { Fault, systemClock } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteText } from '../../wire/quote.ts';
import { records, textOf } from '../copying-snapshots/result-rows.ts';
import type { FamilyServer } from '../copying-snapshots/session-pins.ts';

/** What is about to be committed was not left open, ms. */
const GRACE_MS = 500;
const ASK_AGAIN_MS = 50;

/**
 * @throws {Fault} NOT_QUIET when a transaction that has written is open in another session that uses this database, as
 *   far as this login may see: one that it does not see is met as a lock.
 */
export async function refuseOpenTransactions(
  server: FamilyServer,
  session: Session,
  database: string,
  signal: AbortSignal,
): Promise<void> {
  const writersOf = server.flavour === 'mariadb' ? fromStatus : fromLocks;
  const untilMs = systemClock.nowMs() + GRACE_MS;
  try {
    let writers = await writersOf(session, database, signal);
    while (writers.length > 0 && systemClock.nowMs() < untilMs) {
      await systemClock.sleep(ASK_AGAIN_MS, signal);
      writers = await writersOf(session, database, signal);
    }
    if (writers.length === 0) return;
    throw new Fault('NOT_QUIET', `a transaction that wrote is still open on ${database}: ${writers.join(', ')}`, {
      hint: 'End it (COMMIT, ROLLBACK, or close the connection) before the reset: what it writes comes later.',
    });
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'PRIVILEGE_MISSING') throw error;
  }
}

/** information_schema.innodb_trx is up to a tenth of a second old; this is not. */
async function fromStatus(session: Session, database: string, signal: AbortSignal): Promise<readonly string[]> {
  const { rows } = await session.query('SHOW ENGINE INNODB STATUS', { signal });
  const text = rows[0]?.[2] ?? '';
  const ids = text
    .split('---TRANSACTION ')
    .slice(1)
    .filter((part) => /^\d+, ACTIVE/.test(part) && /\bundo log entries [1-9]/.test(part))
    .flatMap((part) => /thread id (\d+),/.exec(part)?.[1] ?? []);
  if (ids.length === 0) return [];
  const result = await session.query(
    `SELECT id, user, host FROM information_schema.processlist
     WHERE id IN (${ids.join(', ')}) AND id <> CONNECTION_ID() AND (db IS NULL OR db = ${quoteText(database)})`,
    { signal },
  );
  return records(result, ['id', 'user', 'host']).map(
    ({ id, user, host }) => `connection ${textOf(id)} of ${textOf(user)}@${textOf(host)}`,
  );
}

/** A table that was written stays locked against changes of its definition until the transaction ends. */
async function fromLocks(session: Session, database: string, signal: AbortSignal): Promise<readonly string[]> {
  const result = await session.query(
    `SELECT DISTINCT t.processlist_id, t.processlist_user, t.processlist_host
     FROM performance_schema.metadata_locks l JOIN performance_schema.threads t ON t.thread_id = l.owner_thread_id
     WHERE l.object_type = 'TABLE' AND l.object_schema = ${quoteText(database)} AND l.lock_duration = 'TRANSACTION'
       AND l.lock_type IN ('SHARED_WRITE', 'SHARED_NO_READ_WRITE', 'SHARED_WRITE_LOW_PRIO')
       AND t.processlist_id <> CONNECTION_ID()`,
    { signal },
  );
  return records(result, ['id', 'user', 'host']).map(
    ({ id, user, host }) => `connection ${textOf(id)} of ${user ?? ''}@${host ?? ''}`,
  );
}
