// One action: replayed, settled, or performed for the first time.
//
//   recorded outcome?  -> return it, touch nothing                           (replay)
//   intent, no outcome -> ask the server through `probe`, then settle or run (in doubt)
//   neither            -> record the intent, run, record the outcome         (first time)
//
// R1  The outcome is recorded here, before the machine hears of it.
// R2  A failure whose effect is known is a value. This rejects only when the outcome cannot be known or recorded, or
//     when this process may not go on; the run then stays open and `resume` continues.

import { isEffectful, type ActionNode, type CompiledPlan } from '../compile/index.ts';
import { Fault, type StepOutcome } from '../kernel/index.ts';
import type { RunState } from '../journal/index.ts';
import { fillStep, type Plan, type Step, type StepKind, type StepOf } from '../plan/index.ts';
import { assertGoingOn, withDeadline } from './deadline.ts';
import { asFailure, failed, nothing, succeeded } from './outcomes.ts';
import { nameOfRef, ownSnapshots } from './own-snapshots.ts';
import type { ActionScope, RunPorts } from './ports.ts';
import { releaseAll } from './release.ts';
import { delayBeforeNextMs } from './retry.ts';
import type { Finding, StepDriver } from './step-driver.ts';
import { STEP_DRIVERS } from './steps/index.ts';
import type { Targets } from './targets.ts';
import { proveAll, restoreAll } from './way-back.ts';
import { heedWriters } from './writers.ts';

export interface ActionDeps {
  readonly compiled: CompiledPlan;
  readonly ports: RunPorts;
  readonly targets: Targets;
  /** Ends, and sees gone, whatever this run started and has not ended. @throws {Fault} NOT_QUIET */
  readonly becomeQuiet: () => Promise<void>;
}

export async function performAction(node: ActionNode, deps: ActionDeps, signal: AbortSignal): Promise<StepOutcome> {
  const { ports } = deps;
  const recorded = ports.history().settled.get(node.key)?.outcome;
  if (recorded !== undefined) return recorded;
  if (needsQuiet(node)) await deps.becomeQuiet();
  const skipped = skipReason(node, deps);
  const startedMs = ports.clock.nowMs();
  const settle = async (outcome: StepOutcome, attempt: number): Promise<StepOutcome> => {
    const durationMs = ports.clock.nowMs() - startedMs;
    await ports.append({ kind: 'action-settled', action: node.key, attempt, outcome, duration_ms: durationMs });
    return outcome;
  };
  if (skipped !== undefined) return settle(nothing(skipped), 0);

  const { inDoubt, isTailCut } = ports.history();
  const doubt = inDoubt.get(node.key) ?? (isTailCut ? { attempt: 0 } : undefined);
  if (doubt !== undefined) {
    const settled = await settleDoubt(node, scopeOf(node, deps, signal), deps);
    if (settled !== undefined) return settle(settled, doubt.attempt);
  }
  return performAttempts(node, deps, settle, (doubt?.attempt ?? 0) + 1, signal);
}

/** Before anything is undone, restored or proven, wherever in the plan that is asked for. */
function needsQuiet({ phase, action }: ActionNode): boolean {
  if (phase === 'undo' || phase === 'rollback' || action.kind === 'restore-all' || action.kind === 'prove-all')
    return true;
  if (action.kind !== 'step') return false;
  const { step } = action;
  return step.kind === 'restore' || (step.kind === 'verify' && step.checks.some(({ kind }) => kind === 'matches'));
}

/** An undo takes back only what was begun, and a plan's own rollback needs something to have been. */
function skipReason(node: ActionNode, { compiled: { plan }, ports }: ActionDeps): string | undefined {
  if (node.action.kind !== 'step') return undefined;
  if (node.phase === 'rollback') {
    const isUntouched = !hasChanged(plan, ports.history()) && ownSnapshots(plan, ports.history()).length === 0;
    return isUntouched ? 'nothing had been changed' : undefined;
  }
  if (node.action.undoes === undefined) return undefined;
  const { id } = node.action.undoes;
  return ports.history().intents.has(`steps/${id}`) ? undefined : `${id} had not begun`;
}

async function performAttempts(
  node: ActionNode,
  deps: ActionDeps,
  settle: (outcome: StepOutcome, attempt: number) => Promise<StepOutcome>,
  firstAttempt: number,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const { ports } = deps;
  for (let attempt = firstAttempt; ; attempt += 1) {
    assertGoingOn(signal);
    await ports.append(await intentOf(node, deps, attempt, signal));
    assertGoingOn(signal); // Nothing begins once somebody has interrupted.
    const outcome = assertWritable(await attemptOnce(node, deps, signal), node);
    if (outcome.kind === 'succeeded' || node.action.kind !== 'step') return settle(outcome, attempt);
    const mayRepeat = outcome.effect === 'none';
    const policy = node.action.step.retry;
    const delayMs = mayRepeat ? delayBeforeNextMs(policy, attempt - firstAttempt + 1, outcome.fault.code) : undefined;
    if (delayMs === undefined) return settle(outcome, attempt);
    await ports.append({ kind: 'attempt-failed', action: node.key, attempt, fault: outcome.fault, delay_ms: delayMs });
    await ports.clock.sleep(delayMs, signal);
  }
}

async function intentOf(node: ActionNode, { targets }: ActionDeps, attempt: number, signal: AbortSignal) {
  const intent = { kind: 'action-intended', action: node.key, attempt } as const;
  if (node.action.kind !== 'step') return intent;
  const { engine } = targets.get(node.action.step.target);
  if (node.action.step.kind === 'run')
    return { ...intent, connection_id_floor: await engine.newestConnectionId(signal) };
  if (node.action.step.kind === 'snapshot') return { ...intent, server_time: await engine.serverTime(signal) };
  return intent;
}

async function attemptOnce(node: ActionNode, deps: ActionDeps, signal: AbortSignal): Promise<StepOutcome> {
  const { action } = node;
  try {
    switch (action.kind) {
      case 'restore-all':
        return await restoreAll(scopeOf(node, deps, signal));
      case 'prove-all':
        return await proveAll(scopeOf(node, deps, signal));
      case 'release':
        return await releaseAll(deps.compiled.plan, scopeOf(node, deps, signal));
      case 'step':
        return await withDeadline(action.step.timeoutMs, deps.ports.clock, signal, (limited) =>
          execute(filled(action.step, deps), scopeOf(node, deps, limited)),
        );
    }
  } catch (problem) {
    return asFailure(problem, 'unknown');
  }
}

/** A server that takes no writes for now has not shown that there is no way back: the run waits until it does. */
function assertWritable(outcome: StepOutcome, { phase, action }: ActionNode): StepOutcome {
  const isOurs = action.kind !== 'step' || (phase === 'rollback' && action.step.kind === 'restore');
  if (!isOurs || outcome.kind !== 'failed' || outcome.fault.code !== 'READ_ONLY_SERVER') return outcome;
  const hint = 'Run `snapback resume` when the server takes writes again; it goes on from here.';
  throw new Fault('READ_ONLY_SERVER', outcome.fault.message, { hint });
}

async function settleDoubt(node: ActionNode, scope: ActionScope, deps: ActionDeps): Promise<StepOutcome | undefined> {
  if (node.action.kind !== 'step') return undefined; // Ours can all be run again.
  const { step } = node.action;
  const { ports } = deps;
  const isHers = step.kind === 'sql' || step.kind === 'run'; // Of all others the server tells.
  const person = isHers ? ports.history().settledByPerson.get(node.key) : undefined;
  if (person === 'done') return succeeded({ kind: 'nothing', why: 'a person said that it is done' });
  if (person === 'undone') return undefined;
  const finding = await probe(filled(step, deps), scope);
  if (finding.kind === 'done') {
    await ports.append({ kind: 'note', text: `${node.title} was in doubt: the server says that it is done` });
    return finding.outcome;
  }
  if (finding.kind === 'not-done') {
    await ports.append({ kind: 'note', text: `${node.title} was in doubt: ${finding.why}` });
    return undefined;
  }
  if (step.inDoubt === 'rerun') return undefined;
  const isCovered = scope.snapshots.some(({ target, isReused }) => target === step.target && !isReused);
  const goesBack = isCovered && node.phase === 'steps' && step.onFailure === 'rollback';
  const message = `${node.title} is in doubt: ${finding.why}`;
  if (step.inDoubt === 'ask' || !goesBack) {
    // Where its intent was cut off with the tail, it has to be in doubt by name before a person can answer.
    if (!ports.history().inDoubt.has(node.key)) await ports.append(await intentOf(node, deps, 1, scope.signal));
    throw new Fault('STEP_IN_DOUBT', message);
  }
  const hint = 'Nobody could tell, so the run goes back. `in_doubt: ask` on the step leaves the choice to you.';
  return failed(new Fault('STEP_IN_DOUBT', message, { hint }), 'unknown');
}

/** `${run:id}` and `${step:ID.snapshot}` are known only now. */
function filled(step: Step, { compiled, ports }: ActionDeps): Step {
  const snapshots = ownSnapshots(compiled.plan, ports.history());
  const snapshotOf = (id: string): string => nameOfRef({ kind: 'step', step: id as Step['id'] }, snapshots);
  return fillStep(step, { run: ports.run, snapshotOf });
}

function execute<Kind extends StepKind>(step: StepOf<Kind>, scope: ActionScope): Promise<StepOutcome> {
  return driverOf(step).execute(step, scope);
}

function probe<Kind extends StepKind>(step: StepOf<Kind>, scope: ActionScope): Promise<Finding> {
  return driverOf(step).probe(step, scope);
}

function driverOf<Kind extends StepKind>(step: StepOf<Kind>): StepDriver<Kind> {
  return STEP_DRIVERS[(step as Step).kind] as unknown as StepDriver<Kind>;
}

/** What was refused before its first change, or taken back by the server, has changed nothing. */
export function hasChanged({ steps }: Plan, { intents, settled }: RunState): boolean {
  return steps.some((step) => {
    const outcome = settled.get(`steps/${step.id}`)?.outcome;
    const isNone = outcome?.kind === 'failed' && outcome.effect === 'none';
    return isEffectful(step) && intents.has(`steps/${step.id}`) && !isNone;
  });
}

function scopeOf(node: ActionNode, { compiled, ports, targets }: ActionDeps, signal: AbortSignal): ActionScope {
  const name = node.action.kind === 'step' ? node.action.step.target : undefined;
  const target = name === undefined ? targets.first : targets.get(name);
  return {
    key: node.key,
    ports,
    target,
    targetOf: targets.get,
    signal,
    snapshots: ownSnapshots(compiled.plan, ports.history()),
    hasChanged: (history) => hasChanged(compiled.plan, history),
    heedWriters: (meant, scope, moment) =>
      heedWriters({ plan: compiled.plan, ports, targets: targets.all }, meant, scope, moment, signal),
    effect: {
      run: ports.run,
      signal,
      onProgress: (progress) => ports.onProgress(node.key, progress),
      assertLocked: async () => target.lock?.assertHeld(),
    },
  };
}
