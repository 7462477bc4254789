// Walks the compiled plan along its edges, failures included, and finds destructive steps that can fail with nothing to
// restore from. Only a snapshot that surely exists, and surely is this run's own, counts.

import type { Diagnostic } from '../kernel/index.ts';
import type { Plan, Step } from '../plan/index.ts';
import { isEffectful, type ActionNode, type Topology } from './topology.ts';

export function walkPlan(plan: Plan, topology: Topology): readonly Diagnostic[] {
  if (plan.rollback?.some(restoresNamed) === true) return [];
  const problems = new Map<string, Diagnostic>();
  const seen = new Set<string>();
  const open: Place[] = [{ key: topology.first, held: [], hasChanged: false }];

  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const node = topology.nodes.get(at.key);
    const mark = `${at.key} ${String(at.hasChanged)} ${at.held.join(' ')}`;
    if (node?.kind !== 'action' || node.phase !== 'steps' || node.action.kind !== 'step' || seen.has(mark)) continue;
    seen.add(mark);
    const { step } = node.action;
    if (at.held.length === 0 && canLeaveDamage(node, step, at.hasChanged))
      problems.set(step.id, nothingToRestore(step));
    const hasChanged = at.hasChanged || isDestructive(step);
    open.push({ key: node.whenSucceeded, held: heldAfter(step, at.held), hasChanged });
    open.push({ key: node.whenFailed, held: at.held, hasChanged });
  }
  return [...problems.values()];
}

/**
 * Where a walk stands: the snapshots that surely exist there, and whether anything may have been changed on the way.
 */
interface Place {
  readonly key: string;
  readonly held: readonly string[];
  readonly hasChanged: boolean;
}

function restoresNamed(step: Step): boolean {
  return step.kind === 'restore' && step.snapshot.kind === 'named';
}

/** A restore is exempt: its recovery is to run it again. */
function isDestructive(step: Step): boolean {
  return isEffectful(step) && step.kind !== 'restore';
}

/** `on_failure: stop` says that the damage is meant to stay; `continue` hands it to the steps that follow. */
function canLeaveDamage(node: ActionNode, step: Step, hasChanged: boolean): boolean {
  if (node.whenFailed === 'verdict/stopped' || step.kind === 'restore') return false;
  return isDestructive(step) || (hasChanged && node.whenFailed !== node.whenSucceeded);
}

function heldAfter(step: Step, held: readonly string[]): readonly string[] {
  if (step.kind === 'snapshot' && !step.ifMissing) return [...held, step.id];
  if (step.kind === 'drop' && step.snapshot.kind === 'step') {
    const { step: dropped } = step.snapshot;
    return held.filter((id) => id !== dropped);
  }
  return held;
}

function nothingToRestore(step: Step): Diagnostic {
  return {
    code: 'NOTHING_TO_RESTORE_FROM',
    severity: 'error',
    message: `\`${step.id}\` can fail and there is no snapshot of this run to go back to`,
    at: step.at,
    help:
      'take a `snapshot` in an earlier step, or write `on_failure: stop` ' +
      'if the data may stay as the failure leaves them',
  };
}
