import type { Engine } from '../../src/engines/index.ts';
import { Fault } from '../../src/kernel/index.ts';
import type { ServerSession } from './memory-server.ts';
import type { Link } from './scripted-engine.ts';

type QuietRequest = Parameters<Engine['quiet']>[0];

const POLL_MS = 500;

/** Ends sessions and sees them gone. */
export async function quietOf(link: Link, request: QuietRequest, signal: AbortSignal): Promise<{ ended: number }> {
  link.world.isQuieting = true;
  try {
    return await endAll(link, request, signal);
  } finally {
    link.world.isQuieting = false;
  }
}

async function endAll(link: Link, request: QuietRequest, signal: AbortSignal): Promise<{ ended: number }> {
  const { world, life } = link;
  if (world.mutants.has('nothing is made quiet')) return { ended: 0 };
  const killed = new Set<number>();
  const clock = world.time.clockOf(life);
  const deadlineMs = clock.nowMs() + request.timeoutMs;
  for (;;) {
    const left = await link.ask({ label: 'SHOW PROCESSLIST', apply: () => unwanted(link, request) }, signal);
    if (left.length === 0) return { ended: killed.size };
    if (clock.nowMs() >= deadlineMs) throw new Fault('NOT_QUIET', `session ${left[0]?.id ?? 0} is still there`);
    for (const { id } of left.filter((session) => !killed.has(session.id))) {
      const undoMs = world.rng.chance(0.01) ? 70_000 : world.rng.between(0, 20_000);
      if (undoMs === 70_000) world.tell('a session takes very long to end');
      const isTooFar = world.rng.chance(0.5);
      await link.ask({ label: `KILL ${id}`, apply: (server) => server.kill(id, undoMs, isTooFar) }, signal);
      killed.add(id);
    }
    if (world.mutants.has('sessions are ended and not seen gone')) return { ended: killed.size };
    await clock.sleep(POLL_MS, signal);
  }
}

function unwanted(link: Link, request: QuietRequest): readonly ServerSession[] {
  const { server, mutants } = link.world;
  const own = new Set([...request.spare, ...link.ids()]);
  const { later } = request;
  const isLater = ({ user, id }: ServerSession): boolean =>
    later !== undefined &&
    !mutants.has('sessions of programs are left alone') &&
    user === later.user &&
    id > Number(later.connectionIdFloor);
  return [...server.sessions.values()].filter(
    (session) =>
      !own.has(String(session.id)) &&
      (isLater(session) ||
        (request.run !== undefined && session.mark === request.run && session.busy !== undefined) ||
        request.sessions.some(
          ({ connectionId, user, serverStartedAt }) =>
            connectionId === String(session.id) && user === session.user && serverStartedAt === server.startedAt,
        )),
  );
}
