// Makes a failing story as small as it goes: faults and steps are left out for as long as it still fails.

import type { Mutant } from './mutants.ts';
import { withoutStep } from './random-plan.ts';
import { simulateOne } from './simulate-one.ts';
import type { Scenario } from './world.ts';

export async function minimal(scenario: Scenario, mutants: ReadonlySet<Mutant> = new Set()): Promise<Scenario> {
  let best = scenario;
  for (;;) {
    const smaller = await firstFailing(smallerThan(best), mutants);
    if (smaller === undefined) return best;
    best = smaller;
  }
}

async function firstFailing(
  scenarios: readonly Scenario[],
  mutants: ReadonlySet<Mutant>,
): Promise<Scenario | undefined> {
  for (const scenario of scenarios) {
    const { violations } = await simulateOne(scenario, mutants);
    if (violations.length > 0) return scenario;
  }
  return undefined;
}

function smallerThan(scenario: Scenario): readonly Scenario[] {
  const { plan, arms } = scenario;
  const fewer = arms.map((_, at) => ({ ...scenario, arms: arms.filter((_arm, other) => other !== at) }));
  const earlier = arms.flatMap((arm, at) =>
    arm.nth === 1 ? [] : [{ ...scenario, arms: arms.with(at, { ...arm, nth: arm.nth - 1 }) }],
  );
  const { steps, rollback = [], finally: last } = plan.compiled.plan;
  const ids = [...steps, ...steps.flatMap(({ undo }) => undo), ...rollback, ...last].map(({ id }) => id);
  const shorter = ids.flatMap((id) => {
    const without = withoutStep(plan, id);
    return without === undefined ? [] : [{ ...scenario, plan: without }];
  });
  return [...shorter, ...fewer, ...earlier];
}
