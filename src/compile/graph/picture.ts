// The plan's machine as boxes and arrows; of a run, with what became of each and the path that it took.

import type { Verdict } from '../../kernel/index.ts';
import type { Arrow, Box, BoxTone, Picture } from '../../drawing/index.ts';
import { ENDED, type ActionNode, type Topology, type TopologyNode } from '../topology.ts';
import { edgesOf, reachable, type Edge } from './edges.ts';

export interface Fate {
  readonly state: 'succeeded' | 'failed' | 'in-doubt';
  /** Stands below the name: how long it took. */
  readonly note: string;
}

/** What a run made of its plan. */
export interface RanPlan {
  /** By node key; what has none was not reached. */
  readonly fates: ReadonlyMap<string, Fate>;
  /** Undefined while it is open. */
  readonly verdict: Verdict | undefined;
  /** A person asked for the way back. */
  readonly wasAsked: boolean;
  readonly description: string;
}

export function toPicture(topology: Topology, ran?: RanPlan): Picture {
  const nodes = reachable(topology);
  const arrows = edgesOf(topology).map((edge): Arrow => {
    return {
      from: edge.from,
      to: edge.to,
      look: edge.label === 'fails' ? 'failure' : 'onward',
      isTaken: ran !== undefined && isTaken(edge, topology, ran),
    };
  });
  return {
    title: `The plan ${topology.name}`,
    description: ran?.description ?? `${nodes.length} states of the machine that the plan becomes.`,
    boxes: [...nodes.map((node) => boxOf(node, ran)), END],
    arrows: ran === undefined ? arrows : [...arrows, ...asked(topology, ran)],
  };
}

const END: Box = { id: ENDED, shape: 'end', group: 'end', label: '', note: '', tone: 'plain' };

const VERDICT_TONES: Readonly<Record<Verdict, BoxTone>> = {
  committed: 'good',
  'rolled-back': 'turn',
  'failed-clean': 'turn',
  stopped: 'warn',
  stuck: 'bad',
};

const FATE_TONES = { succeeded: 'good', failed: 'bad', 'in-doubt': 'warn' } as const;

function boxOf(node: TopologyNode, ran: RanPlan | undefined): Box {
  if (node.kind === 'verdict') {
    const tone = ran === undefined || ran.verdict === node.verdict ? VERDICT_TONES[node.verdict] : 'faint';
    const label = node.verdict.replace('-', ' ');
    return { id: node.key, shape: 'verdict', group: 'verdict', label, note: '', tone };
  }
  const fate = ran?.fates.get(node.key);
  const shape = node.phase === 'steps' ? 'step' : 'work';
  const kind = kindOf(node);
  return {
    id: node.key,
    shape,
    group: node.phase,
    label: node.title,
    note: fate === undefined || fate.note === '' ? kind : `${kind} · ${fate.note}`,
    tone: ran === undefined ? plainTone(node) : fate === undefined ? 'faint' : FATE_TONES[fate.state],
  };
}

/** In a plan that has not run, the way back is told apart by its colour alone. */
function plainTone({ phase, action }: ActionNode): BoxTone {
  const isWayBack = phase === 'undo' || phase === 'rollback' || (phase === 'auto' && action.kind !== 'release');
  return isWayBack ? 'turn' : 'plain';
}

function kindOf({ action, phase }: ActionNode): string {
  switch (action.kind) {
    case 'restore-all':
      return 'put back what differs';
    case 'prove-all':
      return 'compare with the snapshot';
    case 'release':
      return 'drop the snapshots';
    case 'step':
      return phase === 'undo' ? `undo, ${action.step.kind}` : action.step.kind;
  }
}

function isTaken({ from, to, label }: Edge, { nodes }: Topology, { fates, verdict }: RanPlan): boolean {
  const node = nodes.get(from);
  if (node === undefined) return false;
  const isReached = fates.has(to) || to === ENDED || to === `verdict/${verdict ?? ''}`;
  if (node.kind === 'verdict') return node.verdict === verdict && isReached && label === undefined;
  const fate = fates.get(from);
  if (fate === undefined || fate.state === 'in-doubt' || !isReached) return false;
  // Where failing and succeeding lead to the same place there is one arrow, and it is taken either way.
  if (node.whenFailed === node.whenSucceeded) return true;
  return (fate.state === 'failed') === (label === 'fails');
}

/** From the last step that was reached to the way back, which no arrow of the plan would have led to. */
function asked({ nodes, wayBack }: Topology, { fates, wasAsked }: RanPlan): readonly Arrow[] {
  if (!wasAsked || !fates.has(wayBack)) return [];
  const last = [...nodes.values()].findLast(
    (node) => node.kind === 'action' && node.phase === 'steps' && fates.has(node.key),
  );
  return last === undefined ? [] : [{ from: last.key, to: wayBack, look: 'onward', isTaken: true }];
}
