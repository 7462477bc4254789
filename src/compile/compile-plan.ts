import { err, ok, type Diagnostic, type Result } from '../kernel/index.ts';
import type { Plan } from '../plan/index.ts';
import { topologyOf, type Topology } from './topology.ts';
import { walkPlan } from './walk.ts';

/** A plan that may run: its topology, proven to have a way back wherever it may need one. */
export interface CompiledPlan {
  readonly plan: Plan;
  readonly topology: Topology;
  /** Names the machine: plan name and digest, so that two versions of a plan are never taken for one another. */
  readonly id: string;
}

export function compilePlan(plan: Plan): Result<CompiledPlan, readonly Diagnostic[]> {
  const topology = topologyOf(plan);
  const problems = walkPlan(plan, topology);
  if (problems.length > 0) return err(problems);
  return ok({ plan, topology, id: `${plan.name}@${plan.digest.slice(0, 12)}` });
}
