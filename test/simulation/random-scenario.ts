import { impossible } from './coverage.ts';
import { FAULT_KINDS, MOMENTS, type Arm, type FaultKind, type Moment, type WorkKind } from './faults.ts';
import { kindOfAction, randomPlan, type RandomPlan } from './random-plan.ts';
import { Rng } from './rng.ts';
import type { Scenario } from './world.ts';

/** The moments, as often as they are worth it: what is done while acting is what is hard to know later. */
const OFTEN: readonly Moment[] = ['act', 'act', 'act', ...MOMENTS];

/** Work that few stories come to: those that do are to meet something there. */
const RARE: readonly WorkKind[] = [
  'drop',
  'run',
  'restore',
  'restore-all',
  'prove-all',
  'snapshot',
  'sql-transaction',
  'sql-alone',
];

/** Where it is hard to know what happened, and what makes it so. */
const EFFECTFUL: readonly WorkKind[] = ['sql-alone', 'sql-transaction', 'run'];
const HARD: readonly FaultKind[] = ['crash-sent', 'crash-after', 'crash-unsynced', 'cut-sent', 'cut-after'];

/** The story that a seed stands for. */
export function randomScenario(seed: string, faults: readonly FaultKind[] = FAULT_KINDS): Scenario {
  const plan = randomPlan(seed);
  const rng = new Rng(`faults ${seed}`);
  const kinds = kindsIn(plan);
  const arms = Array.from({ length: rng.between(0, 6) }, () => randomArm(rng, kinds, faults));
  const hard = HARD.filter((fault) => faults.includes(fault));
  const effectful = kinds.filter((kind) => EFFECTFUL.includes(kind));
  if (hard.length > 0 && effectful.length > 0 && rng.chance(0.6)) {
    const fault = rng.pick(hard);
    const at = { kind: rng.pick(effectful), moment: 'act' } as const;
    if (impossible(at, fault) === undefined) arms.unshift({ fault, at, nth: rng.between(1, 10) });
  }
  // Nothing is in doubt before something has been cut off.
  const doubts = arms.filter(({ at }) => at.moment === 'doubt');
  const cuts = doubts.map(({ at: { kind } }): Arm => {
    return { fault: rng.pick(HARD), at: { kind, moment: 'act' }, nth: rng.between(1, 6) };
  });
  return { seed, plan, arms: [...arms, ...cuts.filter(({ fault }) => faults.includes(fault))] };
}

function randomArm(rng: Rng, kinds: readonly WorkKind[], faults: readonly FaultKind[]): Arm {
  const rare = kinds.filter((kind) => RARE.includes(kind));
  for (;;) {
    const at = { kind: rare.length > 0 && rng.chance(0.4) ? rng.pick(rare) : rng.pick(kinds), moment: rng.pick(OFTEN) };
    const fault = rng.pick(faults);
    if (impossible(at, fault) !== undefined) continue;
    const isOnce = at.moment !== 'act' || rng.chance(0.5);
    return { fault, at, nth: isOnce ? 1 : rng.between(1, 8) };
  }
}

function kindsIn(plan: RandomPlan): readonly WorkKind[] {
  const actions = [...plan.compiled.topology.nodes.keys()].filter((key) => !key.startsWith('verdict/'));
  return [...new Set<WorkKind>(['begin', 'quiet', 'end', ...actions.map((action) => kindOfAction(plan, action))])];
}
