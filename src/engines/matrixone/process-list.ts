import { Fault, systemClock, type Clock } from '../../kernel/index.ts';
import type { Session } from '../port.ts';
import { sessionStartOf } from '../wire/server-start.ts';
import { texts } from './session.ts';

/** A session as the server lists it. Outside of account `sys` only those of the own account are listed. */
export interface ListedSession {
  readonly connectionId: string;
  /** The server's own name of the session, never given twice. */
  readonly token: string;
  readonly user: string;
  readonly host: string;
  /** The database that it is in; empty when in none. */
  readonly database: string;
  readonly command: string;
  /** What it runs, or ran last, with the comment that leads it. */
  readonly statement: string;
  readonly account: string;
  /** The transaction in which it is; empty outside of one. */
  readonly transaction: string;
  /** As `SessionIdentity.serverStartedAt` has it on this server. */
  readonly startedAt: string;
}

/** How long the list may stay without its reader, ms: so long it is empty after a start of the server. */
const LIST_READY_MAX_MS = 30_000;
const POLL_MS = 100;

/**
 * All sessions that this login may see, its own one among them: a list without it is not to be believed.
 *
 * @throws {Fault} NOT_QUIET when the server does not list this session after half a minute.
 */
export async function processList(
  session: Session,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<readonly ListedSession[]> {
  const deadlineMs = clock.nowMs() + LIST_READY_MAX_MS;
  for (;;) {
    const listed = await readList(session, signal);
    if (listed.some(({ connectionId }) => connectionId === session.identity.connectionId)) return listed;
    if (clock.nowMs() >= deadlineMs) throw new Fault('NOT_QUIET', 'the server does not list its sessions');
    await clock.sleep(POLL_MS, signal);
  }
}

async function readList(session: Session, signal: AbortSignal): Promise<readonly ListedSession[]> {
  const rows = await texts(
    session,
    'SELECT CAST(conn_id AS CHAR), session_id, user, client_host, command, info, session_start,' +
      ' db, txn_id, account' +
      ' FROM information_schema.processlist',
    signal,
  );
  return rows.map((row) => {
    const [connectionId = '', token = '', user = '', host = '', command = '', statement = ''] = row;
    const [start = '', database = '', transaction = '', account = ''] = row.slice(6);
    const doing = { account, command, statement, database, transaction };
    return { connectionId, token, user, host, ...doing, startedAt: sessionStartOf(start) };
  });
}

/** `connection 12 of root@127.0.0.1:40112 (COM_QUERY)` */
export function sessionLabel({ connectionId, user, host, command }: ListedSession): string {
  return `connection ${connectionId} of ${user}@${host}${command === '' ? '' : ` (${command})`}`;
}
