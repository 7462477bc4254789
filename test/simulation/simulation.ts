// What a copy of the simulation is asked for.

export { randomScenario } from './random-scenario.ts';
export { simulateOne } from './simulate-one.ts';
