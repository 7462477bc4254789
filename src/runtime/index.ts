export { faultRecord } from './outcomes.ts';
export type { OpenEngine, RunPorts } from './ports.ts';
export { processStartedAt } from './processes.ts';
export { interruption, startRun, type RunEnd } from './run.ts';
