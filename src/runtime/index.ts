export { faultRecord } from './outcomes.ts';
export type { OpenEngine, RunPorts } from './ports.ts';
export { processStartedAt } from './process-identity.ts';
export { interruption, startRun, type RunEnd } from './run.ts';
