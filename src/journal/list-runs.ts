import { readdir, stat } from 'node:fs/promises';
import { Fault, parseRunId, type RunId } from '../kernel/index.ts';
import type { RunState } from './fold.ts';
import { readJournalOf } from './journal.ts';
import { JOURNAL_SUFFIX, journalPaths } from './layout.ts';
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
  const dated: { readonly listed: ListedRun; readonly startedAt: string }[] = [];
  // One after the other: a folder may hold more journals than a process may have files open.
  for (const run of runs) {
    const listed = await listOne(directory, run);
    dated.push({ listed, startedAt: listed.state?.startedAt ?? (await writtenAt(directory, run)) });
  }
  return dated.sort((a, b) => compare(b.startedAt, a.startedAt)).map(({ listed }) => listed);
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** When a journal that does not tell was written last. */
async function writtenAt(directory: string, run: RunId): Promise<string> {
  try {
    return (await stat(journalPaths(directory, run).journal)).mtime.toISOString();
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw asFault(problem, directory, 'JOURNAL_UNREADABLE');
  }
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
