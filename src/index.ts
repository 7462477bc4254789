// The library door.

export type { AppContext } from './app/context.ts';
export {
  closeRun,
  contextIn,
  findRun,
  loadCompiled,
  openTarget,
  readRun,
  resumeRun,
  rollbackRun,
  runPlan,
} from './app/index.ts';
export type { Engine, SnapshotInfo, SnapshotStore } from './engines/index.ts';
export type { JournalEntry, JournalRecord } from './journal/index.ts';
export { EXIT_CODES, Fault, FAULTS, Secret, type Diagnostic, type FaultCode, type Verdict } from './kernel/index.ts';
export { loadPlan, type Plan } from './plan/index.ts';
export type { RunReport } from './report/index.ts';
