import { Fault, loginLabel, systemClock, type LoginName } from '../../kernel/index.ts';
import type { Logins } from '../others-port.ts';
import type { Connector } from '../wire/connector.ts';
import { quoteName } from '../wire/quote.ts';
import { isUnknownConnection } from '../wire/session.ts';
import { literal } from './literal.ts';
import { processList, sessionLabel, type ListedSession } from './process-list.ts';
import { texts, withSession } from './session.ts';

const POLL_MS = 50;

/** Users of the account that logs in: they have no hosts, and a user of another account is nobody here. */
export function matrixoneLogins(connector: Connector, account: string): Logins {
  const state: Logins['state'] = (login, signal) =>
    withSession(connector, { purpose: 'asking for a login', writes: false }, signal, async (session) => {
      const sql = `SELECT status FROM mo_catalog.mo_user WHERE user_name = ${literal(login.user)}`;
      const [row] = await texts(session, sql, signal);
      if (row === undefined) return undefined;
      return row[0] === 'unlock' ? 'open' : 'locked';
    });
  const alter = (login: LoginName, how: 'LOCK' | 'UNLOCK', signal: AbortSignal): Promise<void> =>
    withSession(connector, { purpose: 'locking logins', writes: true }, signal, async (session) => {
      try {
        await session.query(`ALTER USER ${quoteName(login.user)} ${how}`, { signal });
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'PRIVILEGE_MISSING') throw error;
        throw new Fault('PRIVILEGE_MISSING', `${loginLabel(login)} cannot be locked: ${error.message}`, {
          hint: 'Log in as an administrator of the account.',
          cause: error,
        });
      }
    });
  return {
    state,
    lock: (login, signal) => alter(login, 'LOCK', signal),
    unlock: async (login, signal) => {
      if ((await state(login, signal)) !== undefined) await alter(login, 'UNLOCK', signal);
    },
    endSessions: (login, request, signal) =>
      withSession(connector, { purpose: 'ending sessions', writes: false }, signal, async (session) => {
        const own = new Set([...request.spare, ...connector.openConnectionIds()]);
        const ended = new Set<string>();
        const deadlineMs = systemClock.nowMs() + request.timeoutMs;
        for (;;) {
          const left = (await processList(session, signal)).filter(
            (listed) => !own.has(listed.connectionId) && isSessionOf(login, account, listed),
          );
          const [first] = left;
          if (first === undefined) return ended.size;
          if (systemClock.nowMs() >= deadlineMs) {
            throw new Fault('NOT_QUIET', `${sessionLabel(first)} is still there after ${request.timeoutMs} ms`);
          }
          for (const { connectionId } of left.filter((listed) => !ended.has(listed.connectionId))) {
            await session.query(`KILL ${BigInt(connectionId)}`, { signal }).catch((error: unknown) => {
              if (!isUnknownConnection(error)) throw error;
            });
            ended.add(connectionId);
          }
          await systemClock.sleep(POLL_MS, signal);
        }
      }),
  };
}

/** The list of account `sys` holds the sessions of all accounts, which may have users of the same name. */
export function isSessionOf({ user }: LoginName, account: string, listed: ListedSession): boolean {
  return listed.user === user && listed.account === account;
}
