// The guard against others who write: asked when a snapshot is taken, and before a restore, which takes away what they
// have just written.

import type { Scope, Writers } from '../engines/index.ts';
import { Fault, parseLogin, type LoginName } from '../kernel/index.ts';
import type { Plan } from '../plan/index.ts';
import type { GuardedMoment, OpenTarget, RunPorts } from './ports.ts';

/** How long a restore waits for others to end what they are in the middle of, ms; then it is refused. */
const PATIENCE_MS = 5_000;
const POLL_MS = 250;

export interface WritersGuard {
  readonly plan: Plan;
  readonly ports: RunPorts;
  readonly targets: readonly OpenTarget[];
}

/**
 * What the plan says, and left out: a warning when a snapshot is taken, and before a restore a refusal of writers that
 * have not come to an end after some seconds.
 *
 * @throws {Fault} GUARD_REFUSED
 */
export async function heedWriters(
  { plan, ports, targets }: WritersGuard,
  { engine }: OpenTarget,
  scope: Scope,
  moment: GuardedMoment,
  signal: AbortSignal,
): Promise<void> {
  const { writers: asked } = plan.guards;
  if (asked === 'ignore') return;
  const request = { scope, spare: ownConnections(targets), except: quiescedLogins(plan) };
  const first = await engine.writers(request, signal);
  if (asked === 'refuse' && (first.busy.length > 0 || first.events.length > 0)) throw refusal(first, moment);
  const told = inWords(first);
  const verb = first.busy.length + first.events.length === 0 ? 'who else writes' : 'others write';
  if (told !== undefined) await ports.append({ kind: 'note', text: `${moment}, ${verb}: ${told}` });
  if (asked !== undefined || moment === 'while a snapshot is taken') return;
  const untilMs = ports.clock.nowMs() + PATIENCE_MS;
  let { busy } = first;
  while (busy.length > 0) {
    if (ports.clock.nowMs() >= untilMs) throw refusal({ ...first, busy, events: [] }, moment);
    await ports.clock.sleep(POLL_MS, signal);
    const now = await engine.writers(request, signal);
    busy = busy.filter(({ id }) => now.busy.some((other) => other.id === id));
  }
}

/** Logins that the run locks out: what they are doing now is ended before the first step. */
export function quiescedLogins({ quiesce }: Plan): readonly LoginName[] {
  return (quiesce?.lockUsers ?? []).flatMap((text) => {
    const login = parseLogin(text);
    return login.kind === 'ok' ? [login.value] : [];
  });
}

export function ownConnections(targets: readonly OpenTarget[]): readonly string[] {
  return targets.flatMap(({ engine }) => engine.openConnectionIds());
}

function refusal(writers: Writers, moment: GuardedMoment): Fault {
  const before =
    moment === 'before a restore' ? 'the restore would take away what they write' : 'the plan refuses that';
  return new Fault('GUARD_REFUSED', `others write (${inWords(writers) ?? ''}); ${before}`, {
    hint:
      'End them, or lock their logins for the time of the run with `quiesce: { lock_users: [..] }`;' +
      ' `guards: { writers: warn }` goes on all the same.',
  });
}

const SHOWN_MAX = 5;

function inWords({ busy, events, unseen }: Writers): string | undefined {
  const labels = busy.map(({ label }) => label);
  const more = labels.length > SHOWN_MAX ? [`${labels.length - SHOWN_MAX} more`] : [];
  const scheduled = events.length === 0 ? [] : [`enabled events: ${events.slice(0, SHOWN_MAX).join(', ')}`];
  const parts = [...labels.slice(0, SHOWN_MAX), ...more, ...scheduled, ...unseen];
  return parts.length === 0 ? undefined : parts.join('; ');
}
