export { RunFold, type RunState, type StatementState } from './fold.ts';
export { encodeFrame, FORMAT_VERSION } from './frame.ts';
export { createJournal, openJournal, readJournalOf, type Journal, type JournalRequest } from './journal.ts';
export { journalPathIn } from './layout.ts';
export { listRuns, type ListedRun } from './list-runs.ts';
export { readFrames, type Reading } from './reader.ts';
export type * from './record.ts';
export type { JournalDisk, RunLock, Storage } from './storage.ts';
