import { topologyOf } from '../../src/compile/topology.ts';
import type { Topology } from '../../src/compile/index.ts';
import { planOf, snapshotStep, sqlStep, verifyStep } from './plan-builder.ts';

/** The machine of the plan that the runs in `journals.ts` are of. */
export function shopTopology(): Topology {
  return topologyOf(planOf([snapshotStep('before'), sqlStep('migrate'), verifyStep('check')]));
}
