// Invariants: 1. A session counts as ended only when the server lists it no more: a killed statement may still be
//   undoing its work. 2. Sessions of this process are never ended. 3. An id is believed only for the server process
//   that gave it.

import { Fault, systemClock, type Clock } from '../../kernel/index.ts';
import type { Engine, Session } from '../port.ts';
import type { Connector } from '../wire/connector.ts';
import { readServerStart, isSameStart } from '../wire/server-start.ts';
import { isUnknownConnection, markOf } from '../wire/session.ts';
import { withCatalogSession } from './catalog.ts';
import { processList, sessionLabel, type ListedSession } from './process-list.ts';

type QuietRequest = Parameters<Engine['quiet']>[0];

const POLL_MS = 50;

export async function mysqlQuiet(
  { connector, clock = systemClock }: { readonly connector: Connector; readonly clock?: Clock },
  request: QuietRequest,
  signal: AbortSignal,
): Promise<{ readonly ended: number }> {
  return withCatalogSession(connector, { purpose: 'ending sessions', writes: false }, signal, async (session) => {
    const serverStart = await readServerStart(session);
    const own = new Set([...request.spare, ...connector.openConnectionIds()]);
    const isUnwanted = (listed: ListedSession): boolean =>
      !own.has(listed.connectionId) &&
      (isLater(request, listed) ||
        (request.run !== undefined && listed.statement.startsWith(markOf(request.run))) ||
        request.sessions.some(
          ({ connectionId, user, serverStartedAt }) =>
            connectionId === listed.connectionId && user === listed.user && isSameStart(serverStartedAt, serverStart),
        ));
    const killed = new Set<string>();
    const deadlineMs = clock.nowMs() + request.timeoutMs;
    for (;;) {
      const left = (await processList(session, signal)).filter(isUnwanted);
      if (left.length === 0) return { ended: killed.size };
      const [first] = left;
      if (clock.nowMs() >= deadlineMs && first !== undefined) {
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

function isLater({ later }: QuietRequest, { connectionId, user }: ListedSession): boolean {
  return later !== undefined && user === later.user && BigInt(connectionId) > BigInt(later.connectionIdFloor);
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
