// The only file of this room that touches the disk.

import { readdir, readFile, stat } from 'node:fs/promises';
import { err, ok, type Result } from '../kernel/index.ts';

export type ReadProblem =
  | { readonly kind: 'not-found' }
  | { readonly kind: 'not-a-file' }
  | { readonly kind: 'too-large'; readonly bytes: number }
  | { readonly kind: 'not-utf8' }
  | { readonly kind: 'unreadable'; readonly why: string };

/** The disk as a port, so that a plan can be read from anywhere. */
export interface PlanFiles {
  /** The text of a UTF-8 file of at most `bytesMax` bytes. A byte order mark is left out. */
  readText(path: string, bytesMax: number): Promise<Result<string, ReadProblem>>;
  /** The names in a folder, folders with a trailing slash; empty when it is not there. */
  list(folder: string): Promise<readonly string[]>;
}

export const diskFiles: PlanFiles = {
  async readText(path, bytesMax) {
    try {
      const facts = await stat(path);
      if (facts.isDirectory()) return err({ kind: 'not-a-file' });
      if (facts.size > bytesMax) return err({ kind: 'too-large', bytes: facts.size });
      return decode(await readFile(path), bytesMax);
    } catch (problem) {
      return err(readProblemOf(problem));
    }
  },

  async list(folder) {
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
    } catch (problem) {
      readProblemOf(problem);
      return [];
    }
  },
};

/** A pipe or a device has no size to ask for, so the bound is looked at once more. */
function decode(bytes: Uint8Array, bytesMax: number): Result<string, ReadProblem> {
  if (bytes.length > bytesMax) return err({ kind: 'too-large', bytes: bytes.length });
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (problem) {
    if (problem instanceof TypeError) return err({ kind: 'not-utf8' });
    throw problem;
  }
}

function readProblemOf(problem: unknown): ReadProblem {
  const code = problem instanceof Error && 'code' in problem ? String(problem.code) : undefined;
  if (code === undefined) throw problem;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return { kind: 'not-found' };
  if (code === 'EISDIR') return { kind: 'not-a-file' };
  if (code === 'ERR_INVALID_ARG_VALUE') return { kind: 'not-found' }; // a NUL in the path
  return { kind: 'unreadable', why: code };
}

/** What to tell a person; `what` names the file: "the plan", "the SQL file". */
export function readProblemMessage(what: string, path: string, problem: ReadProblem, bytesMax: number): string {
  switch (problem.kind) {
    case 'not-found':
      return `${what} \`${path}\` is not there`;
    case 'not-a-file':
      return `${what} \`${path}\` is a folder`;
    case 'too-large':
      return `${what} \`${path}\` holds ${problem.bytes} bytes; the most is ${bytesMax}`;
    case 'not-utf8':
      return `${what} \`${path}\` is not UTF-8 text`;
    case 'unreadable':
      return `${what} \`${path}\` cannot be read: ${problem.why}`;
  }
}
