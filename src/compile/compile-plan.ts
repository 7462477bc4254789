import { err, ok, type Diagnostic, type Result } from '../kernel/index.ts';
import type { Plan } from '../plan/index.ts';
import { machineOf, type PlanMachine } from './machine.ts';
import { topologyOf, type Topology } from './topology.ts';
import { walkPlan } from './walk.ts';

/** A plan that may run: its topology, proven to have a way back wherever it may need one. */
export interface CompiledPlan {
  readonly plan: Plan;
  readonly topology: Topology;
  /** Names the machine: plan name and digest, so that two versions of a plan are never taken for one another. */
  readonly id: string;
  /** Built when it is first asked for: who only draws a plan needs none. */
  readonly machine: () => PlanMachine;
}

export function compilePlan(plan: Plan): Result<CompiledPlan, readonly Diagnostic[]> {
  const topology = topologyOf(plan);
  const problems = walkPlan(plan, topology);
  if (problems.length > 0) return err(problems);
  const id = `${plan.name}@${plan.digest.slice(0, 12)}`;
  let machine: PlanMachine | undefined;
  return ok({ plan, topology, id, machine: () => (machine ??= machineOf(topology, id)) });
}
