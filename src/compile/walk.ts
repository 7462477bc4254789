// Walks the compiled plan along its edges, failures included, and finds destructive steps that can fail with nothing to
// restore from. Only a snapshot that surely exists, and surely is this run's own, counts.

import type { Diagnostic } from '../kernel/index.ts';
import type { Plan, Step } from '../plan/index.ts';
import { isEffectful, type ActionNode, type Topology } from './topology.ts';

export function walkPlan(plan: Plan, topology: Topology): readonly Diagnostic[] {
  if (plan.rollback?.some(restoresNamed) === true) return [];
  const problems = new Map<string, Diagnostic>();
  const seen = new Set<string>();
  const open: { readonly key: string; readonly held: readonly string[] }[] = [{ key: topology.first, held: [] }];

  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const node = topology.nodes.get(at.key);
    const mark = `${at.key} ${at.held.join(' ')}`;
    if (node?.kind !== 'action' || node.phase !== 'steps' || node.action.kind !== 'step' || seen.has(mark)) continue;
    seen.add(mark);
    const { step } = node.action;
    if (at.held.length === 0 && canLeaveDamage(node, step)) problems.set(step.id, nothingToRestore(step));
    open.push({ key: node.whenSucceeded, held: heldAfter(step, at.held) });
    open.push({ key: node.whenFailed, held: at.held });
  }
  return [...problems.values()];
}

function restoresNamed(step: Step): boolean {
  return step.kind === 'restore' && step.snapshot.kind === 'named';
}

/** A restore is exempt: its recovery is to run it again. `on_failure: stop` says that the damage is meant to stay. */
function canLeaveDamage(node: ActionNode, step: Step): boolean {
  return isEffectful(step) && step.kind !== 'restore' && node.whenFailed !== 'verdict/stopped';
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
