export { faultRecord } from './outcomes.ts';
export type { OpenEngine, RunPorts } from './ports.ts';
export { processStartedAt } from './processes.ts';
export { systemPrograms, type Programs } from './programs.ts';
export type { ProgramEnd, ProgramRequest } from './steps/run-program.ts';
export { interruption, startRun, type RunEnd } from './run.ts';
export { unlockLogins } from './quiesce.ts';
