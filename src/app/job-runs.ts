import { readFile } from 'node:fs/promises';
import { journalPathIn, listRuns, readFrames } from '../journal/index.ts';
import type { RunId } from '../kernel/index.ts';

export interface JobRun {
  readonly run: RunId;
  /** `decided`: its verdict is in the journal, and what is left is to tidy up. A damaged journal counts as `open`. */
  readonly state: 'open' | 'decided' | 'closed';
}

/** The runs in a directory of one step of a CI job, without those that ended before their first record. */
export async function runsOfStep(directory: string): Promise<readonly JobRun[]> {
  const runs: JobRun[] = [];
  for (const { run, state } of await listRuns(directory)) {
    if (state === undefined) {
      const reading = readFrames(await readFile(journalPathIn(directory, run)));
      const isEmpty = reading.kind !== 'corrupt' && reading.entries.length === 0;
      if (!isEmpty) runs.push({ run, state: 'open' });
      continue;
    }
    const { isClosed, verdict } = state;
    runs.push({ run, state: isClosed ? 'closed' : verdict === undefined ? 'open' : 'decided' });
  }
  return runs;
}
