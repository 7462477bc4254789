export { compilePlan, type CompiledPlan } from './compile-plan.ts';
export { toGraphJson } from './graph/json.ts';
export { toPicture, type Fate, type RanPlan } from './graph/picture.ts';
export { toMermaid, type NodeState } from './graph/mermaid.ts';
export { machineOf, type Entry, type Performers, type PlanMachine, type VerdictInput } from './machine.ts';
export {
  ENDED,
  isEffectful,
  type ActionNode,
  type NodeAction,
  type Phase,
  type Topology,
  type TopologyNode,
} from './topology.ts';
