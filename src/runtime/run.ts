// One run from its start, or from its history, to its verdict. Owns the root actor and its only error subscriber.

import { createActor } from 'xstate';
import type { CompiledPlan, Performers, VerdictInput } from '../compile/index.ts';
import { Fault, type Verdict } from '../kernel/index.ts';
import type { Plan } from '../plan/index.ts';
import { faultRecord } from './outcomes.ts';
import { hasChanged, performAction, type ActionDeps } from './perform-action.ts';
import { noteImprints } from './imprint.ts';
import type { RunPorts } from './ports.ts';
import { becomeQuiet } from './quiet.ts';
import { lockLogins, unlockLogins } from './quiesce.ts';
import { scopeOfPlan } from './resolve-scope.ts';
import { openTargets, type Targets } from './targets.ts';
import { verdictSentence } from './verdict-sentence.ts';
import { heedWriters } from './writers.ts';

export type RunEnd =
  | { readonly kind: 'ended'; readonly verdict: Verdict }
  /** The run stays open, or was never begun; the fault says why and what to type next. */
  | {
      readonly kind: 'open';
      readonly fault: Fault;
      /** Whether a server's record may keep others out for it. */
      readonly mayBeEntered: boolean;
    };

/**
 * Runs a compiled plan on, from whatever the journal holds, until it has a verdict or cannot go on.
 *
 * Everything that happens is in the journal before this resolves. A bug rejects.
 */
export async function startRun(compiled: CompiledPlan, ports: RunPorts, signal: AbortSignal): Promise<RunEnd> {
  let targets: Targets | undefined;
  const entry = { mayStand: false };
  try {
    const { hasIntents, isTailCut, sessions } = ports.history();
    const isResumed = hasIntents || isTailCut || sessions.length > 0;
    entry.mayStand = isResumed; // What an earlier process sent may have entered it, or may do so until it is quiet.
    targets = await openTargets(
      compiled.plan,
      ports,
      (open) => (isResumed ? becomeQuiet(compiled.plan, ports, open, signal) : Promise.resolve()),
      entry,
      signal,
    );
    await guardTheStart(compiled.plan, ports, targets, signal);
    await lockLogins(compiled.plan, ports, targets.all, signal);
    const verdict = await playMachine(compiled, ports, targets, signal);
    await closeRows(targets, ports, verdict);
    await ports.append({ kind: 'run-closed', verdict, because: undefined });
    return { kind: 'ended', verdict };
  } catch (problem) {
    if (!(problem instanceof Fault)) throw problem;
    if (!ports.history().hasIntents && targets !== undefined) entry.mayStand = !(await isWithdrawn(targets, ports));
    return { kind: 'open', fault: problem, mayBeEntered: entry.mayStand };
  } finally {
    await targets?.close();
  }
}

/** What a run that stays open leaves in its journal, best effort: the disk may be the very thing that failed. */
export function interruption(fault: Fault) {
  return { kind: 'interrupted', fault: faultRecord(fault) } as const;
}

function playMachine(compiled: CompiledPlan, ports: RunPorts, targets: Targets, signal: AbortSignal): Promise<Verdict> {
  const deps: ActionDeps = {
    compiled,
    ports,
    targets,
    becomeQuiet: () => becomeQuiet(compiled.plan, ports, targets.all, signal),
  };
  const performers: Performers = {
    perform: (node) => performAction(node, deps, signal),
    record: async (input) => {
      const { plan } = compiled;
      if (isCommitted(input, plan, ports)) await noteImprints(plan, ports, targets, signal);
      await recordVerdict(input, compiled, ports);
      if (input.verdict !== 'stuck') await unlockLogins(ports, targets.all);
    },
  };
  const entry = ports.history().isRollbackAsked ? 'the way back' : 'the beginning';
  return new Promise((resolve, reject) => {
    const actor = createActor(compiled.machine(), { input: { entry, performers } });
    actor.subscribe({
      complete: () => {
        const { verdict } = actor.getSnapshot().context;
        if (verdict === undefined) reject(new Error('the machine ended without a verdict'));
        else resolve(verdict);
      },
      error: reject,
    });
    actor.start();
  });
}

/** For the first time, by steps that changed something: only then is there something to be taken back. */
function isCommitted({ verdict }: VerdictInput, plan: Plan, { history }: RunPorts): boolean {
  return verdict === 'committed' && history().verdict !== verdict && hasChanged(plan, history());
}

async function recordVerdict(input: VerdictInput, compiled: CompiledPlan, ports: RunPorts): Promise<undefined> {
  if (ports.history().verdict === input.verdict) return undefined;
  await ports.append({
    kind: 'verdict-reached',
    verdict: input.verdict,
    failed_action: input.failedAction,
    sentence: verdictSentence(input, compiled.plan, ports.history()),
  });
  return undefined;
}

/** What a guard would refuse later is refused before anything is done. */
async function guardTheStart(plan: Plan, ports: RunPorts, targets: Targets, signal: AbortSignal): Promise<void> {
  if (ports.history().hasIntents) return;
  const isRestoring = plan.steps.some(({ kind }) => kind === 'restore');
  if (plan.guards.writers !== 'refuse' && !isRestoring) return;
  for (const target of targets.all) {
    const scope = await scopeOfPlan(plan, target.name, target.engine, signal);
    const moment = isRestoring ? 'before a restore' : 'while a snapshot is taken';
    const guard = { plan, ports, targets: targets.all };
    if (scope !== undefined) await heedWriters(guard, target, scope, moment, signal);
  }
}

/** False where that could not be done, or not be known: then the run stays open, and why it did is told already. */
async function isWithdrawn(targets: Targets, ports: RunPorts): Promise<boolean> {
  try {
    await unlockLogins(ports, targets.all);
    await closeRows(targets, ports, 'failed-clean');
    return true;
  } catch (problem) {
    if (!(problem instanceof Fault)) throw problem;
    return false;
  }
}

async function closeRows(targets: Targets, { run }: RunPorts, verdict: Verdict): Promise<void> {
  const { signal } = new AbortController(); // An interruption must not leave the row of an ended run open.
  for (const { engine, lock } of targets.all) {
    if (lock === undefined) continue;
    await engine.runs.setState(run, verdict, signal);
    if (verdict !== 'stuck') await engine.markers.clear(run, signal);
  }
}
