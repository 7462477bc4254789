import { readdir } from 'node:fs/promises';
import { Fault, parseRunId, type RunId } from '../kernel/index.ts';
import type { RunState } from './fold.ts';
import { readJournalOf } from './journal.ts';
import { JOURNAL_SUFFIX } from './layout.ts';
import { asFault } from './node-storage.ts';

export interface ListedRun {
  readonly run: RunId;
  /** Undefined for a journal that cannot be read; `problem` says why. */
  readonly state: RunState | undefined;
  readonly problem: Fault | undefined;
}

/**
 * Every run whose journal is in the directory, newest first; none when there is no such directory. A damaged one is
 * listed too.
 */
export async function listRuns(directory: string): Promise<readonly ListedRun[]> {
  const names = await namesIn(directory);
  const runs = names.flatMap((name) => {
    const parsed = parseRunId(name.slice(0, -JOURNAL_SUFFIX.length));
    return name.endsWith(JOURNAL_SUFFIX) && parsed.kind === 'ok' ? [parsed.value] : [];
  });
  const listed = await Promise.all(runs.map((run) => listOne(directory, run)));
  return listed.sort((a, b) => ((a.state?.startedAt ?? '') < (b.state?.startedAt ?? '') ? 1 : -1));
}

async function listOne(directory: string, run: RunId): Promise<ListedRun> {
  try {
    const { state } = await readJournalOf({ directory, run });
    return { run, state, problem: undefined };
  } catch (problem) {
    if (!(problem instanceof Fault)) throw problem;
    return { run, state: undefined, problem };
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw asFault(problem, directory, 'JOURNAL_UNREADABLE');
  }
}
