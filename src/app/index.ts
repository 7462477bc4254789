export { closeRun } from './close-run.ts';
export { contextIn } from './default-context.ts';
export type { AppContext } from './context.ts';
export { findRun } from './find-run.ts';
export { loadCompiled } from './load-compiled.ts';
export { openTarget } from './open-target.ts';
export { resumeRun, rollbackRun } from './resume-run.ts';
export { runPlan } from './run-plan.ts';
export { readRun } from './run-status.ts';
