import type { Topology, TopologyNode } from '../topology.ts';
import { ENDED } from '../topology.ts';
import { edgesOf, reachable } from './edges.ts';

/** How a node fared, for colouring a finished run. */
export type NodeState = 'succeeded' | 'failed' | 'in-doubt' | 'not-reached';

const COLOURS: Readonly<Record<NodeState, string>> = {
  succeeded: 'fill:#d7f0dd,stroke:#1a7f37,color:#0b2e13',
  failed: 'fill:#ffd9d6,stroke:#b3261e,color:#410e0b',
  'in-doubt': 'fill:#fff1c2,stroke:#8a6100,color:#332400',
  'not-reached': 'fill:#f2f2f2,stroke:#9a9a9a,color:#555555',
};

/** The plan's machine as a Mermaid flowchart, coloured by what happened where that is given. */
export function toMermaid(topology: Topology, fates?: ReadonlyMap<string, NodeState>): string {
  const nodes = reachable(topology);
  const lines = ['flowchart TD'];
  for (const node of nodes) lines.push(`  ${idOf(node.key)}${shapeOf(node)}`);
  lines.push(`  ${idOf(ENDED)}((end))`);
  for (const { from, to, label } of edgesOf(topology)) {
    const arrow = label === 'fails' ? '-.->' : '-->';
    lines.push(`  ${idOf(from)} ${arrow}${label === undefined ? '' : `|${label}|`} ${idOf(to)}`);
  }
  if (fates !== undefined) lines.push(...colouring(nodes, fates));
  return `${lines.join('\n')}\n`;
}

function colouring(nodes: readonly TopologyNode[], fates: ReadonlyMap<string, NodeState>): string[] {
  const classes = Object.entries(COLOURS).map(([name, style]) => `  classDef ${name} ${style}`);
  return [...classes, ...nodes.map((node) => `  class ${idOf(node.key)} ${fates.get(node.key) ?? 'not-reached'}`)];
}

// Mermaid reads some words, `end` among them, as syntax: every id gets a prefix and keeps letters and digits only.
function idOf(key: string): string {
  return `n_${key.replace(/[^A-Za-z0-9]/g, (char) => `_${char.codePointAt(0)?.toString(16) ?? ''}_`)}`;
}

function shapeOf(node: TopologyNode): string {
  if (node.kind === 'verdict') return `(["${node.verdict}"])`;
  const kind = node.action.kind === 'step' ? node.action.step.kind : undefined;
  const text = kind === undefined ? node.state : `${kind}: ${node.title}`;
  return node.phase === 'steps' ? `["${text}"]` : `[/"${text}"/]`;
}
