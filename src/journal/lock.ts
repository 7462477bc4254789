// One process per run. The lock file is created exclusively under a name of its own and linked into place, so it
// appears
// whole or not at all; a stale one is taken over by renaming it away, which only one process can do.

import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { pid as ownPid, kill } from 'node:process';
import { readFileSync } from 'node:fs';
import { Fault, formatDuration, isoTime, systemEntropy, type Clock } from '../kernel/index.ts';
import { asFault } from './node-storage.ts';

export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** Start time of the process as the operating system counts it: a pid alone may be another process by now. */
  readonly started: string;
  readonly since: string;
}

export interface RunLock {
  release(): Promise<void>;
}

/** @throws {Fault} JOURNAL_LOCKED naming pid, host and age of the holder; JOURNAL_UNWRITABLE. */
export async function acquireLock(path: string, clock: Clock): Promise<RunLock> {
  const own: LockOwner = { pid: ownPid, host: hostname(), started: startOf(ownPid), since: isoTime(clock.nowMs()) };
  const draft = `${path}.${ownPid}.${systemEntropy.token(6)}`;
  try {
    await writeFile(draft, JSON.stringify(own), { flag: 'wx', mode: 0o600 });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      if (await linked(draft, path)) return { release: () => rm(path, { force: true }) };
      const holder = await ownerOf(path);
      if (holder !== undefined && isAlive(holder)) throw held(holder, clock);
      await rename(path, `${draft}.stale`).catch(ignoreMissing);
      await rm(`${draft}.stale`, { force: true });
    }
    throw new Fault('JOURNAL_LOCKED', `${path} is being fought over by several processes`);
  } catch (problem) {
    throw asFault(problem, path, 'JOURNAL_UNWRITABLE');
  } finally {
    await rm(draft, { force: true });
  }
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw problem;
  }
}

async function ownerOf(path: string): Promise<LockOwner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LockOwner;
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT' || problem instanceof SyntaxError) return undefined;
    throw problem;
  }
}

function isAlive({ pid, host, started }: LockOwner): boolean {
  if (host !== hostname()) return true; // Nobody can tell from here: a person decides.
  try {
    kill(pid, 0);
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ESRCH') return false;
    if ((problem as NodeJS.ErrnoException).code !== 'EPERM') throw problem;
  }
  return started === '' || startOf(pid) === started;
}

function held({ pid, host, since }: LockOwner, clock: Clock): Fault {
  const age = formatDuration(Math.max(0, clock.nowMs() - Date.parse(since)));
  return new Fault('JOURNAL_LOCKED', `process ${pid} on ${host} has been working on this run for ${age}`);
}

/** Field 22 of /proc/PID/stat, proc(5); empty where there is none. The command in parentheses may hold blanks. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch (problem) {
    if (['ENOENT', 'ESRCH'].includes((problem as NodeJS.ErrnoException).code ?? '')) return '';
    throw problem;
  }
}

function ignoreMissing(problem: NodeJS.ErrnoException): void {
  if (problem.code !== 'ENOENT') throw problem;
}
