import { join } from 'node:path';
import type { RunId } from '../kernel/index.ts';

/** The names of a run's files in a journal directory. */
export function journalPaths(directory: string, run: RunId): { readonly journal: string; readonly lock: string } {
  return { journal: join(directory, `${run}.journal`), lock: join(directory, `${run}.lock`) };
}

/** Where a run's journal is. */
export function journalPathIn(directory: string, run: RunId): string {
  return journalPaths(directory, run).journal;
}

export const JOURNAL_SUFFIX = '.journal';
