// Invariants: 1. A session counts as ended only when the server lists it no more: it goes on with the statement of a
//   client that is gone, and commits it. 2. Sessions of this process are never ended. 3. A number is believed only
//   together with the time at which its session began: a restarted server gives the same numbers again. 4. What carries
//   the mark of the run is the run's, whoever remembers its session. 5. A user of the same name in another account is
//   another login.

import { Fault, systemClock, type Clock } from '../../kernel/index.ts';
import type { Engine, Session } from '../port.ts';
import type { Connector } from '../wire/connector.ts';
import { isSameStart, START_UNKNOWN } from '../wire/server-start.ts';
import { isUnknownConnection, markOf } from '../wire/session.ts';
import { processList, sessionLabel, type ListedSession } from './process-list.ts';
import { withSession } from './session.ts';
import { isSameAccount, loginParts } from './tenant.ts';

type QuietRequest = Parameters<Engine['quiet']>[0];

const POLL_MS = 50;

export async function matrixoneQuiet(
  { connector, clock = systemClock }: { readonly connector: Connector; readonly clock?: Clock },
  request: QuietRequest,
  signal: AbortSignal,
): Promise<{ readonly ended: number }> {
  return withSession(connector, { purpose: 'ending sessions', writes: false }, signal, async (session) => {
    const own = new Set([...request.spare, ...connector.openConnectionIds()]);
    const isUnwanted = (listed: ListedSession): boolean => !own.has(listed.connectionId) && isMeant(request, listed);
    const killed = new Set<string>();
    const deadlineMs = clock.nowMs() + request.timeoutMs;
    for (;;) {
      const left = (await processList(session, signal, clock)).filter(isUnwanted);
      const [first] = left;
      if (first === undefined) return { ended: killed.size };
      if (clock.nowMs() >= deadlineMs) {
        throw new Fault('NOT_QUIET', `${sessionLabel(first)} is still there after ${request.timeoutMs} ms`);
      }
      for (const { connectionId } of left.filter((listed) => !killed.has(listed.connectionId))) {
        await kill(session, connectionId, signal);
        killed.add(connectionId);
      }
      await clock.sleep(POLL_MS, signal);
    }
  });
}

function isMeant({ sessions, later, run }: QuietRequest, listed: ListedSession): boolean {
  const { connectionId, startedAt, statement } = listed;
  if (run !== undefined && statement.trimStart().startsWith(markOf(run))) return true;
  if (later !== undefined && isOf(later.user, listed) && BigInt(connectionId) > BigInt(later.connectionIdFloor)) {
    return true;
  }
  return sessions.some(
    (one) =>
      one.connectionId === connectionId &&
      loginParts(one.user).user === listed.user && // the server names no account here
      (one.serverStartedAt === START_UNKNOWN || isSameStart(one.serverStartedAt, startedAt)),
  );
}

/** The list of account `sys` holds the sessions of all accounts. */
function isOf(login: string, listed: ListedSession): boolean {
  const { account, user } = loginParts(login);
  return user === listed.user && isSameAccount(account, listed.account);
}

async function kill(session: Session, connectionId: string, signal: AbortSignal): Promise<void> {
  try {
    await session.query(`KILL ${BigInt(connectionId)}`, { signal });
  } catch (error) {
    if (isUnknownConnection(error)) return;
    if (!(error instanceof Fault) || error.code !== 'STATEMENT_FAILED') throw error;
    throw new Fault('NOT_QUIET', `connection ${connectionId} cannot be ended: ${error.message}`, { cause: error });
  }
}
