// Logins that a plan keeps out for the time of its run. Each is noted before it is locked and after it is unlocked, so
// that whoever takes the run up knows which ones to let in again; one that was locked before stays so.
// They are let in at the verdict, before `finally`. A stuck run keeps them out, as it keeps its scope: what they would
// find there is neither the old state nor the new one.

import { Fault, loginLabel, type LoginName } from '../kernel/index.ts';
import type { LoginFacts } from '../journal/index.ts';
import type { Plan } from '../plan/index.ts';
import type { OpenTarget, RunPorts } from './ports.ts';
import { ownConnections, quiescedLogins } from './writers.ts';

/** How long a session may take to end, ms: it may have its work to undo first. */
const END_TIMEOUT_MS = 60_000;

/** @throws {Fault} GUARD_REFUSED for a login that is not there, is our own, or may not be locked; NOT_QUIET. */
export async function lockLogins(
  plan: Plan,
  ports: RunPorts,
  targets: readonly OpenTarget[],
  signal: AbortSignal,
): Promise<void> {
  const logins = quiescedLogins(plan);
  if (logins.length === 0 || ports.history().verdict !== undefined) return;
  for (const login of logins) assertForeign(login, targets);
  for (const login of logins) {
    let isThere = false;
    for (const target of targets) {
      if (await lockOut(login, target, { ports, targets, signal })) isThere = true;
    }
    if (!isThere) throw new Fault('GUARD_REFUSED', `there is no login ${loginLabel(login)} to be locked`);
  }
}

/** Lets in whom the run has locked out; may be called any time. */
export async function unlockLogins(
  ports: Pick<RunPorts, 'append' | 'history'>,
  targets: readonly Pick<OpenTarget, 'name' | 'engine'>[],
): Promise<void> {
  const { signal } = new AbortController(); // An interruption must not leave anybody locked out of an ended run.
  for (const facts of ports.history().lockedLogins) {
    const target = targets.find(({ name }) => name === facts.target);
    if (target === undefined) continue;
    await target.engine.logins.unlock(loginOf(facts), signal);
    const text = `${loginLabel(loginOf(facts))} is let in again`;
    await ports.append({ kind: 'note', text, login: { ...facts, is: 'unlocked' } });
  }
}

interface Quiescing {
  readonly ports: RunPorts;
  readonly targets: readonly OpenTarget[];
  readonly signal: AbortSignal;
}

/** False where the server has no such login. */
async function lockOut(
  login: LoginName,
  { name, engine }: OpenTarget,
  { ports, targets, signal }: Quiescing,
): Promise<boolean> {
  try {
    const state = await engine.logins.state(login, signal);
    if (state === undefined) return false;
    const label = loginLabel(login);
    const host = login.host ?? null;
    const isOurs = ports.history().lockedLogins.some((one) => one.user === login.user && one.host === host);
    if (state === 'locked' && !isOurs) {
      await ports.append({ kind: 'note', text: `${label} was locked already, and stays so` });
    } else if (state === 'open') {
      const facts = { target: name, user: login.user, host, is: 'to-be-locked' } as const;
      await ports.append({ kind: 'note', text: `${label} is locked out until the verdict`, login: facts });
      await engine.logins.lock(login, signal);
    }
    const spare = ownConnections(targets);
    const ended = await engine.logins.endSessions(login, { spare, timeoutMs: END_TIMEOUT_MS }, signal);
    if (ended > 0) await ports.append({ kind: 'note', text: `sessions of ${label} that were ended: ${ended}` });
    return true;
  } catch (problem) {
    if (!(problem instanceof Fault) || problem.code !== 'PRIVILEGE_MISSING') throw problem;
    throw new Fault('GUARD_REFUSED', problem.message, { hint: problem.hint, cause: problem });
  }
}

function assertForeign(login: LoginName, targets: readonly OpenTarget[]): void {
  const own = targets.find(({ engine }) => userOf(engine.address.user) === login.user);
  if (own === undefined) return;
  throw new Fault('GUARD_REFUSED', `${loginLabel(login)} is the login of this run itself: it cannot be locked out`, {
    hint: 'Give the plan a login of its own in `target: { url: .. }`.',
  });
}

/** `acc1:admin` and `acc1#admin#role` log in as `admin`. */
function userOf(login: string): string {
  const parts = login.split(/[:#]/);
  return (parts.length > 1 ? parts[1] : parts[0]) ?? '';
}

function loginOf({ user, host }: LoginFacts): LoginName {
  return { user, host: host ?? undefined };
}
