import { journalPathIn, listRuns } from '../journal/index.ts';
import type { RunId } from '../kernel/index.ts';

export interface JobRun {
  readonly run: RunId;
  /** No verdict, and no person has closed it. */
  readonly isOpen: boolean;
  readonly journal: string;
}

/** The runs of a directory that holds those of one step of a CI job. A damaged journal counts as an open run. */
export async function runsOfStep(directory: string): Promise<readonly JobRun[]> {
  const runs = await listRuns(directory);
  return runs.map(({ run, state }) => ({
    run,
    isOpen: state?.isClosed !== true,
    journal: journalPathIn(directory, run),
  }));
}
