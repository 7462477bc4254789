// The test runners' door.

export { Fault } from '../kernel/index.ts';
export type { RunningServer } from '../servers/index.ts';
export { baseline } from './baseline.ts';
export type { Baseline, BaselineOptions, ResetResult, Seed } from './options.ts';
export { planMatchers } from './plan-matchers.ts';
export { planTest, type PlanOutcome, type PlanTestOptions } from './plan-test.ts';
export { startServer, type StartServerOptions } from './start-server.ts';
export { removeWorkers } from './workers.ts';
