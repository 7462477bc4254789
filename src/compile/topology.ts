// The plan as nodes and edges, failure edges included. `machine.ts` makes it run, `graph/` draws it, `walk.ts` proves
// it safe.
//
// C1  Pure: the same plan always gives the same topology.
// C2  Every node's key carries its phase, so that no step's id can collide with a state of ours.

import { VERDICT_EXIT_CODES, type Verdict } from '../kernel/index.ts';
import type { Plan, Step } from '../plan/index.ts';

export type Phase = 'steps' | 'undo' | 'rollback' | 'auto' | 'finally';

/** What a node does. The `auto` ones are ours: the default restore, the proof, and dropping snapshots nobody keeps. */
export type NodeAction =
  | { readonly kind: 'step'; readonly step: Step; readonly undoes: Step | undefined }
  | { readonly kind: 'restore-all' }
  | { readonly kind: 'prove-all' }
  | { readonly kind: 'release' };

export interface ActionNode {
  readonly kind: 'action';
  readonly key: string;
  /** A state's name, as a sentence would use it: `step migrate`. */
  readonly state: string;
  readonly title: string;
  readonly phase: Phase;
  readonly action: NodeAction;
  readonly whenSucceeded: string;
  readonly whenFailed: string;
  /** How a failure is remembered: it decides the verdict, or it only spoils it. */
  readonly failureMeans: 'the step failed' | 'an undo failed' | 'nothing';
}

export interface VerdictNode {
  readonly kind: 'verdict';
  readonly key: string;
  readonly state: string;
  readonly verdict: Verdict;
  readonly next: string;
  /** Where to go instead when an undo failed: data first, but it is never hidden. */
  readonly unlessUndoFailed: string | undefined;
}

export type TopologyNode = ActionNode | VerdictNode;

export interface Topology {
  readonly name: string;
  /** Keyed by node key, in the order in which people would read them. */
  readonly nodes: ReadonlyMap<string, TopologyNode>;
  readonly first: string;
  /** Where a run goes when a person asks for the way back. */
  readonly wayBack: string;
}

/** The key of the node at which every run ends. It is no node: nothing happens there. */
export const ENDED = 'ended';

const verdictKey = (verdict: Verdict): string => `verdict/${verdict}`;

/**
 * Kinds that change what a snapshot covers. A snapshot only adds itself, a drop only takes one away, and a restore into
 * a new account leaves the old one alone.
 */
export function isEffectful(step: Step): boolean {
  if (step.kind === 'restore') return step.into === undefined;
  return step.kind === 'sql' || step.kind === 'run';
}

export function topologyOf(plan: Plan): Topology {
  const nodes = new Map<string, TopologyNode>();
  const add = (node: TopologyNode): void => void nodes.set(node.key, node);

  const afterRollback = needsProof(plan) ? 'auto/proof' : verdictKey('rolled-back');
  const rollback = plan.rollback ?? [];
  const restoring = rollback[0] === undefined ? 'auto/restore' : `rollback/${rollback[0].id}`;
  const wayBackFrom = (index: number): string => firstUndoAtOrBefore(plan.steps, index) ?? restoring;

  plan.steps.forEach((step, index) => {
    const next = plan.steps[index + 1];
    const onward = next === undefined ? verdictKey('committed') : `steps/${next.id}`;
    add({
      ...stepNode(step, 'steps', undefined),
      whenSucceeded: onward,
      whenFailed: afterFailure(plan, index, { onward, wayBack: wayBackFrom(index) }),
      failureMeans: step.onFailure === 'continue' ? 'nothing' : 'the step failed',
    });
  });

  for (const undo of undoChain(plan.steps, restoring)) add(undo);

  rollback.forEach((step, index) => {
    const next = rollback[index + 1];
    const key = next === undefined ? afterRollback : `rollback/${next.id}`;
    add({
      ...stepNode(step, 'rollback', undefined),
      whenSucceeded: key,
      whenFailed: step.onFailure === 'continue' ? key : verdictKey('stuck'),
      failureMeans: 'an undo failed',
    });
  });

  if (rollback.length === 0) add(autoNode('restore', 'restore-all', afterRollback));
  if (needsProof(plan)) add(autoNode('proof', 'prove-all', verdictKey('rolled-back')));
  addEndings(plan, add);

  const first = plan.steps[0];
  return {
    name: plan.name,
    nodes,
    first: first === undefined ? verdictKey('committed') : `steps/${first.id}`,
    wayBack: wayBackFrom(plan.steps.length - 1),
  };
}

function stepNode(step: Step, phase: Phase, undoes: Step | undefined) {
  const place = undoes === undefined ? step.id : `${undoes.id}/${step.id}`;
  const words = { steps: 'step', undo: 'undo', rollback: 'rollback step', auto: 'step', finally: 'finally' }[phase];
  return {
    kind: 'action',
    key: `${phase}/${place}`,
    state: `${words} ${place}`,
    title: step.id,
    phase,
    action: { kind: 'step', step, undoes },
  } as const;
}

function autoNode(title: string, kind: 'restore-all' | 'prove-all', next: string): ActionNode {
  return {
    kind: 'action',
    key: `auto/${title}`,
    state: title === 'restore' ? 'restore what the snapshots cover' : 'prove that it is back',
    title,
    phase: 'auto',
    action: { kind },
    whenSucceeded: next,
    whenFailed: verdictKey('stuck'),
    failureMeans: 'nothing',
  };
}

function afterFailure(plan: Plan, index: number, ways: { onward: string; wayBack: string }): string {
  const step = plan.steps[index];
  if (step?.onFailure === 'continue') return ways.onward;
  if (step?.onFailure === 'stop') return verdictKey('stopped');
  const hasChanged = plan.steps.slice(0, index + 1).some((done) => isEffectful(done) || done.undo.length > 0);
  return hasChanged ? ways.wayBack : verdictKey('failed-clean');
}

function firstUndoAtOrBefore(steps: readonly Step[], index: number): string | undefined {
  for (let at = index; at >= 0; at -= 1) {
    const step = steps[at];
    const undo = step?.undo[0];
    if (step !== undefined && undo !== undefined) return `undo/${step.id}/${undo.id}`;
  }
  return undefined;
}

function undoChain(steps: readonly Step[], restoring: string): ActionNode[] {
  const links = [...steps].reverse().flatMap((step) => step.undo.map((undo) => stepNode(undo, 'undo', step)));
  return links.map((link, at) => {
    const next = links[at + 1]?.key ?? restoring;
    return { ...link, whenSucceeded: next, whenFailed: next, failureMeans: 'an undo failed' };
  });
}

/** The plan's own rollback is proven by us unless it ends with a proof of every snapshot that the plan takes. */
function needsProof(plan: Plan): boolean {
  const last = plan.rollback?.at(-1);
  if (last?.kind !== 'verify') return true;
  const proven = last.checks.flatMap((check) =>
    check.kind === 'matches' && check.severity === 'error' && check.snapshot.kind === 'step'
      ? [check.snapshot.step]
      : [],
  );
  return plan.steps.some((step) => step.kind === 'snapshot' && !proven.includes(step.id));
}

function hasUndo({ steps, rollback = [] }: Plan): boolean {
  return rollback.length > 0 || steps.some(({ undo }) => undo.length > 0);
}

function addEndings(plan: Plan, add: (node: TopologyNode) => void): void {
  const cleaning = plan.finally[0] === undefined ? 'auto/release' : `finally/${plan.finally[0].id}`;
  for (const verdict of Object.keys(VERDICT_EXIT_CODES) as Verdict[]) {
    add({
      kind: 'verdict',
      key: verdictKey(verdict),
      state: `verdict ${verdict}`,
      verdict,
      next: verdict === 'stuck' ? ENDED : cleaning,
      unlessUndoFailed: verdict === 'rolled-back' && hasUndo(plan) ? verdictKey('stuck') : undefined,
    });
  }
  plan.finally.forEach((step, index) => {
    const following = plan.finally[index + 1];
    const next = following === undefined ? 'auto/release' : `finally/${following.id}`;
    add({ ...stepNode(step, 'finally', undefined), whenSucceeded: next, whenFailed: next, failureMeans: 'nothing' });
  });
  add({
    kind: 'action',
    key: 'auto/release',
    state: 'release the snapshots',
    title: 'release',
    phase: 'auto',
    action: { kind: 'release' },
    whenSucceeded: ENDED,
    whenFailed: ENDED,
    failureMeans: 'nothing',
  });
}
