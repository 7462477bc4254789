// Quiet first: killing a client does not kill its statement. Before anything is settled, restored or proven, every
// session and every program that this run started is ended and seen gone. If that cannot be shown, the run stays open.

import type { SessionIdentity } from '../engines/index.ts';
import type { RunState } from '../journal/index.ts';
import type { Plan, Step } from '../plan/index.ts';
import type { OpenTarget, RunPorts } from './ports.ts';

/** How long a session may take to end, ms: a killed UPDATE has its work to undo first. */
const QUIET_TIMEOUT_MS = 60_000;

/** @throws {Fault} NOT_QUIET */
export async function becomeQuiet(
  plan: Plan,
  ports: RunPorts,
  targets: readonly OpenTarget[],
  signal: AbortSignal,
): Promise<void> {
  const programsEnded = await endPrograms(ports);
  let sessionsEnded = 0;
  for (const { name, engine } of targets) {
    const sessions = sessionsOf(name, ports);
    const later = laterSessions(plan, name, engine.address.user, ports);
    const spare = engine.openConnectionIds();
    const marked = { sessions, spare, run: ports.run, timeoutMs: QUIET_TIMEOUT_MS };
    const request = { ...marked, ...(later === undefined ? {} : { later }) };
    sessionsEnded += (await engine.quiet(request, signal)).ended;
  }
  await ports.append({ kind: 'quiet-reached', sessions_ended: sessionsEnded, programs_ended: programsEnded });
}

async function endPrograms({ run, history, clock, programs }: RunPorts): Promise<number> {
  if (isLeftToGoOn(history())) return 0;
  let ended = 0;
  for (const { pid, started_at: startedAt } of history().programs) {
    const now = programs.startedAt(pid);
    // Another process may carry the pid by now. A leader that is gone may still have left its group behind.
    if (now !== '' && now !== startedAt) continue;
    if (await programs.endGroup(pid, clock)) ended += 1;
  }
  return ended + (await programs.endStrays(run, clock));
}

function sessionsOf(target: string, { history }: RunPorts): readonly SessionIdentity[] {
  return history()
    .sessions.filter((session) => session.target === target)
    .map((session) => ({
      connectionId: session.connection_id,
      serverStartedAt: session.server_started_at,
      user: session.user,
    }));
}

/** Sessions that a program of ours may have opened: those of its login, since its step began. */
function laterSessions(plan: Plan, target: string, user: string, { history }: RunPorts) {
  const { intents } = history();
  if (isLeftToGoOn(history())) return undefined;
  const floors = runStepKeys(plan, target).flatMap((key) => intents.get(key)?.connection_id_floor ?? []);
  const [floor] = floors.sort((a, b) => Number(a) - Number(b));
  return floor === undefined ? undefined : { user, connectionIdFloor: floor };
}

/**
 * What a person has said to be done may have left something at work on purpose. It is ended when the data goes back,
 * and
 * not because the run goes on.
 */
function isLeftToGoOn({ settledByPerson, settled, inDoubt, isRollbackAsked }: RunState): boolean {
  if (isRollbackAsked || inDoubt.size === 0) return false;
  return [...inDoubt.keys()].every((key) => settledByPerson.get(key) === 'done' && !settled.has(key));
}

function runStepKeys({ steps, rollback = [], finally: last }: Plan, target: string): readonly string[] {
  const isMeant = ({ kind, target: own }: Step): boolean => kind === 'run' && own === target;
  return [
    ...steps.filter(isMeant).map(({ id }) => `steps/${id}`),
    ...steps.flatMap(({ id, undo }) => undo.filter(isMeant).map((step) => `undo/${id}/${step.id}`)),
    ...rollback.filter(isMeant).map(({ id }) => `rollback/${id}`),
    ...last.filter(isMeant).map(({ id }) => `finally/${id}`),
  ];
}
