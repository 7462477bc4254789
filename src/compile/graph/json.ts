import type { Topology, TopologyNode } from '../topology.ts';
import { edgesOf, reachable } from './edges.ts';

/** The plan's machine as plain data: nodes and edges, a versioned contract. */
export function toGraphJson(topology: Topology): unknown {
  return {
    version: 1,
    plan: topology.name,
    first: topology.first,
    way_back: topology.wayBack,
    nodes: reachable(topology).map(nodeJson),
    edges: edgesOf(topology).map(({ from, to, label }) => ({
      from,
      to,
      when: label === 'fails' ? 'failed' : 'succeeded',
    })),
  };
}

function nodeJson(node: TopologyNode): unknown {
  if (node.kind === 'verdict') return { key: node.key, kind: 'verdict', title: node.verdict };
  const kind = node.action.kind === 'step' ? node.action.step.kind : node.action.kind;
  return { key: node.key, kind, phase: node.phase, title: node.title };
}
