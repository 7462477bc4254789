import { Fault, loginLabel, systemClock, type LoginName } from '../../kernel/index.ts';
import type { Logins } from '../others-port.ts';
import type { Flavour, Session } from '../port.ts';
import type { Connector } from '../wire/connector.ts';
import { serverErrorOf } from '../wire/errors.ts';
import { quoteText } from '../wire/quote.ts';
import { isUnknownConnection } from '../wire/session.ts';
import { withCatalogSession } from './catalog.ts';
import { processList, sessionLabel, type ListedSession } from './process-list.ts';

const NO_SUCH_LOGIN: ReadonlySet<number | undefined> = new Set([1396, 1133]);
const POLL_MS = 50;

export function mysqlLogins(connector: Connector, flavour: Flavour): Logins {
  const alter = (login: LoginName, how: 'LOCK' | 'UNLOCK', signal: AbortSignal): Promise<void> =>
    withCatalogSession(connector, { purpose: 'locking logins', writes: true }, signal, async (session) => {
      try {
        await session.query(`ALTER USER ${accountOf(login)} ACCOUNT ${how}`, { signal });
      } catch (error) {
        if (how === 'UNLOCK' && NO_SUCH_LOGIN.has(serverErrorOf(error)?.errno)) return;
        throw withGrant(error, login);
      }
    });
  return {
    state: (login, signal) =>
      withCatalogSession(connector, { purpose: 'asking for a login', writes: false }, signal, (session) =>
        stateOf(session, login, flavour, signal),
      ),
    lock: (login, signal) => alter(login, 'LOCK', signal),
    unlock: (login, signal) => alter(login, 'UNLOCK', signal),
    endSessions: (login, request, signal) =>
      withCatalogSession(connector, { purpose: 'ending sessions', writes: false }, signal, async (session) => {
        const own = new Set([...request.spare, ...connector.openConnectionIds()]);
        const ended = new Set<string>();
        const deadlineMs = systemClock.nowMs() + request.timeoutMs;
        for (;;) {
          const left = (await processList(session, signal)).filter(
            (listed) => !own.has(listed.connectionId) && isSessionOf(login, listed),
          );
          const [first] = left;
          if (first === undefined) return ended.size;
          if (systemClock.nowMs() >= deadlineMs) {
            throw new Fault('NOT_QUIET', `${sessionLabel(first)} is still there after ${request.timeoutMs} ms`);
          }
          for (const { connectionId } of left.filter((listed) => !ended.has(listed.connectionId))) {
            await end(session, connectionId, signal);
            ended.add(connectionId);
          }
          await systemClock.sleep(POLL_MS, signal);
        }
      }),
  };
}

/** Whether the login's host pattern lets that session's host in. The server lists `host:port`. */
export function isSessionOf({ user, host = '%' }: LoginName, listed: ListedSession): boolean {
  if (listed.user !== user) return false;
  const from = listed.host.replace(/:\d+$/, '');
  const pattern = host
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`^${pattern}$`, 'i').test(from);
}

async function stateOf(session: Session, login: LoginName, flavour: Flavour, signal: AbortSignal) {
  const host = quoteText(login.host ?? '%');
  const where = `WHERE user = ${quoteText(login.user)} AND host = ${host}`;
  const sql =
    flavour === 'mysql'
      ? `SELECT account_locked = 'Y' FROM mysql.user ${where}`
      : `SELECT JSON_VALUE(priv, '$.account_locked') <=> '1' FROM mysql.global_priv ${where}`;
  try {
    const [row] = (await session.query(sql, { signal })).rows;
    if (row === undefined) return undefined;
    return row[0] === '1' ? 'locked' : 'open';
  } catch (error) {
    throw withGrant(error, login);
  }
}

async function end(session: Session, connectionId: string, signal: AbortSignal): Promise<void> {
  try {
    await session.query(`KILL ${BigInt(connectionId)}`, { signal });
  } catch (error) {
    if (!isUnknownConnection(error)) throw error;
  }
}

/** `'app'@'%'`: a plain literal, for grammars that take no other one. */
function accountOf({ user, host = '%' }: LoginName): string {
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  return `${quoted(user)}@${quoted(host)}`;
}

function withGrant(error: unknown, login: LoginName): unknown {
  if (!(error instanceof Fault) || error.code !== 'PRIVILEGE_MISSING') return error;
  return new Fault('PRIVILEGE_MISSING', `${loginLabel(login)} cannot be locked: ${error.message}`, {
    hint:
      'Locking a login and ending its sessions takes CREATE USER, PROCESS, SELECT on the database mysql, and' +
      ' CONNECTION_ADMIN, or SUPER where the server does not know that.',
    cause: error,
  });
}
