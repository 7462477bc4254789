import type { Topology, TopologyNode } from '../topology.ts';

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly label: 'fails' | undefined;
}

/** Every edge between nodes that can be reached from the first step or on the way back, in reading order. */
export function edgesOf(topology: Topology): readonly Edge[] {
  return reachable(topology).flatMap(edgesFrom);
}

export function reachable(topology: Topology): readonly TopologyNode[] {
  const found = new Set<string>();
  const open = [topology.first];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    const node = topology.nodes.get(key);
    if (node === undefined || found.has(key)) continue;
    found.add(key);
    open.push(...edgesFrom(node).map(({ to }) => to));
  }
  return [...topology.nodes.values()].filter(({ key }) => found.has(key));
}

function edgesFrom(node: TopologyNode): Edge[] {
  if (node.kind === 'verdict') {
    const spoiled = node.unlessUndoFailed;
    const onward: Edge = { from: node.key, to: node.next, label: undefined };
    return spoiled === undefined ? [onward] : [onward, { from: node.key, to: spoiled, label: 'fails' }];
  }
  const done: Edge = { from: node.key, to: node.whenSucceeded, label: undefined };
  if (node.whenFailed === node.whenSucceeded) return [done];
  return [done, { from: node.key, to: node.whenFailed, label: 'fails' }];
}
