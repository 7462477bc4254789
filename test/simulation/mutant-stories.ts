// Stories told of a mutant, wherever it stands: at a port, or in the source.

import { buildMutant } from './build-mutant.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { randomScenario } from './random-scenario.ts';
import { simulateOne } from './simulate-one.ts';

/** So many stories are told before a mutant counts as not found. */
export const STORIES_MAX = 1000;

/** Tells the story of a seed and answers with what was wrong in it. */
export type Teller = (seed: string) => Promise<readonly string[]>;

export async function tellerOf(name: string): Promise<Teller> {
  if (isAtPort(name)) {
    return async (seed) => (await simulateOne(randomScenario(seed), new Set([name]))).violations;
  }
  const mutant = await buildMutant(name);
  return async (seed) => (await mutant.simulateOne(mutant.randomScenario(seed))).violations;
}

function isAtPort(name: string): name is Mutant {
  return (MUTANTS as readonly string[]).includes(name);
}
