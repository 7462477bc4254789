export type { Baseline, Baselines } from './baselines.ts';
export type { CheckScope } from './check-scope.ts';
export { runChecks } from './run-check.ts';
