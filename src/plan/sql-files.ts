import { join } from 'node:path';
import { matchesPattern, type Diagnostic } from '../kernel/index.ts';
import { isRecord, type Draft } from './drafts.ts';
import { locate } from './locate.ts';
import type { PlanTree } from './parse-yaml.ts';
import { readProblemMessage, type PlanFiles } from './read-plan.ts';
import { pointerOf, problem, shown, type PlanPath } from './source-text.ts';
import { didYouMean } from './suggest.ts';
import { sqlShape } from './sql-text.ts';
import type { SqlSource } from './types.ts';

/** The largest `.sql` file: it is kept in memory, and its bytes are part of the plan's digest. */
export const SQL_FILE_BYTES_MAX = 64 * 1024 * 1024;
/** The most files that one pattern may name. */
const MATCHES_MAX = 1_000;
/** How far `**` goes down. */
const DEPTH_MAX = 8;

export interface SqlFiles {
  /** By the pointer of the `file:` that names them, in the order in which they run. */
  readonly byPlace: ReadonlyMap<string, readonly SqlSource[]>;
  readonly diagnostics: readonly Diagnostic[];
}

interface Reading {
  readonly tree: PlanTree;
  readonly files: PlanFiles;
  /** The plan's folder: paths are relative to it. */
  readonly folder: string;
  readonly unknown: ReadonlySet<string>;
}

/** Reads every `.sql` file that a plan names. Names that match a pattern come in the order of their letters. */
export async function readSqlFiles(drafts: readonly Draft[], reading: Reading): Promise<SqlFiles> {
  const byPlace = new Map<string, readonly SqlSource[]>();
  const diagnostics: Diagnostic[] = [];
  for (const { raw, path } of drafts) {
    const file = isRecord(raw['sql']) ? raw['sql']['file'] : undefined;
    if (file === undefined) continue;
    const place = [...path, 'sql', 'file'];
    const named: readonly (readonly [unknown, PlanPath])[] = Array.isArray(file)
      ? file.map((name: unknown, index) => [name, [...place, index]] as const)
      : [[file, place]];
    const sources: SqlSource[] = [];
    for (const [name, at] of named) {
      if (typeof name !== 'string' || name === '' || reading.unknown.has(pointerOf(at))) continue;
      const read = await readNamed(name, at, reading);
      sources.push(...read.sources);
      diagnostics.push(...read.diagnostics);
    }
    byPlace.set(pointerOf(place), sources);
  }
  return { byPlace, diagnostics };
}

async function readNamed(name: string, place: PlanPath, reading: Reading) {
  const at = locate(reading.tree, place);
  const sources: SqlSource[] = [];
  const diagnostics: Diagnostic[] = [];
  const isPattern = name.includes('*');
  const paths = isPattern ? await matching(name, reading) : [name];
  if (paths.length === 0) {
    diagnostics.push(problem('SQL_FILE_NOT_FOUND', at, `no file matches \`${shown(name)}\``, relativeHelp()));
  }
  if (paths.length > MATCHES_MAX) {
    diagnostics.push(problem('SQL_TOO_MANY_FILES', at, `\`${shown(name)}\` matches more than ${MATCHES_MAX} files`));
    return { sources, diagnostics };
  }
  for (const path of paths) {
    const read = await reading.files.readText(inFolder(reading.folder, path), SQL_FILE_BYTES_MAX);
    if (read.kind === 'err') {
      const message = readProblemMessage('the SQL file', path, read.problem, SQL_FILE_BYTES_MAX);
      const isMissing = read.problem.kind === 'not-found';
      const help = isMissing ? await nearbyHelp(path, reading) : undefined;
      diagnostics.push(problem(isMissing ? 'SQL_FILE_NOT_FOUND' : 'SQL_FILE_UNREADABLE', at, message, help));
    } else if (sqlShape(read.value).statementCount === 0) {
      diagnostics.push(problem('SQL_EMPTY', at, `the SQL file \`${shown(path)}\` holds no statement`));
    } else {
      sources.push({ path, text: read.value, at });
    }
  }
  return { sources, diagnostics };
}

export function inFolder(folder: string, path: string): string {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path) ? path : join(folder, path);
}

function relativeHelp(): string {
  return 'paths are relative to the plan';
}

async function nearbyHelp(path: string, { files, folder }: Reading): Promise<string> {
  const cut = path.lastIndexOf('/') + 1;
  const names = await files.list(inFolder(folder, path.slice(0, cut) === '' ? '.' : path.slice(0, cut)));
  const near = didYouMean(
    path,
    names.filter((name) => !name.endsWith('/')).map((name) => path.slice(0, cut) + name),
  );
  return near ?? relativeHelp();
}

async function matching(pattern: string, { files, folder }: Reading): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (prefix: string, rest: readonly string[], depth: number): Promise<void> => {
    const [segment, ...more] = rest;
    if (segment === undefined || found.length > MATCHES_MAX || depth > DEPTH_MAX) return;
    if (segment === '**') await walk(prefix, more, depth);
    const names = await files.list(inFolder(folder, prefix === '' ? '.' : prefix));
    for (const name of [...names].sort()) {
      const isFolder = name.endsWith('/');
      const bare = isFolder ? name.slice(0, -1) : name;
      if (bare.startsWith('.') && !segment.startsWith('.')) continue;
      if (segment === '**') {
        if (isFolder) await walk(prefix + name, rest, depth + 1);
      } else if (matchesPattern(segment, bare)) {
        if (isFolder) await walk(prefix + name, more, depth + 1);
        else if (more.length === 0) found.push(prefix + name);
      }
    }
  };
  const isAbsolute = pattern.startsWith('/');
  const [first = '', ...others] = pattern.split('/').filter((part) => part !== '.' && part !== '');
  const fixed = [first, ...others].findIndex((part) => part.includes('*'));
  const prefix = [first, ...others]
    .slice(0, fixed)
    .map((part) => `${part}/`)
    .join('');
  await walk((isAbsolute ? '/' : '') + prefix, [first, ...others].slice(fixed), 0);
  return [...new Set(found)].sort();
}
