// One process per run.
//
// Owns      `<run>.lock` while this process works on the run, and for moments `<run>.lock.<digest>`.
//
// Invariants
//   L1  A lock is written under a name of its own and linked into place: it is there whole or not at all, and of all
//       who link one process gets the name.
//   L2  A stale lock is removed only by the holder of the right to remove that very lock. The right is a lock too,
//       named after what the stale one says. Without it, of two processes that find the same lock stale the slower one
//       would remove what the faster one has put in its place.

import { readFileSync } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { pid as ownPid, kill } from 'node:process';
import { Fault, formatDuration, isoTime, sha256, systemEntropy, type Clock } from '../kernel/index.ts';
import { asFault } from './node-storage.ts';
import type { RunLock } from './storage.ts';

export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** Start time of the process as the operating system counts it: a pid alone may be another process by now. */
  readonly started: string;
  readonly since: string;
  /** Random, so that no two locks say the same. */
  readonly token: string;
}

/** The lock of the run, and a file that says who we are, ready to be linked. */
interface Claim {
  readonly path: string;
  readonly draft: string;
  readonly clock: Clock;
}

/** How often the name may be lost to others between a look and a link. */
const ATTEMPTS_MAX = 5;

/** @throws {Fault} JOURNAL_LOCKED naming pid, host and age of the holder; JOURNAL_UNWRITABLE. */
export async function acquireLock(path: string, clock: Clock): Promise<RunLock> {
  const token = systemEntropy.token(12);
  const started = processOf(ownPid)?.started ?? '';
  const own: LockOwner = { pid: ownPid, host: hostname(), started, since: isoTime(clock.nowMs()), token };
  const text = JSON.stringify(own);
  const draft = `${path}.${token}.draft`;
  try {
    await writeFile(draft, text, { flag: 'wx', mode: 0o600 });
    await take(path, { path, draft, clock });
  } catch (problem) {
    throw asFault(problem, path, 'JOURNAL_UNWRITABLE');
  } finally {
    await rm(draft, { force: true });
  }
  return { release: () => removeIfSays(path, text) };
}

async function take(name: string, claim: Claim): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    if (await linked(claim.draft, name)) return;
    const text = await textOf(name);
    if (text === undefined) continue; // Let go since.
    const holder = ownerIn(text);
    if (holder !== undefined && isAlive(holder)) throw held(holder, claim);
    await removeStale(name, text, claim);
  }
  throw new Fault('JOURNAL_LOCKED', `several processes want to work on this run at once (${claim.path})`);
}

/** L2. The right itself may be that of a process which was killed at this, and then is taken over in the same way. */
async function removeStale(name: string, text: string, claim: Claim): Promise<void> {
  const right = `${claim.path}.${sha256(text).slice(0, 16)}`;
  await take(right, claim);
  try {
    await removeIfSays(name, text);
  } finally {
    await rm(right, { force: true });
  }
}

async function removeIfSays(name: string, text: string): Promise<void> {
  if ((await textOf(name)) === text) await rm(name, { force: true });
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

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw problem;
  }
}

/** Undefined where a loss of power left a file that names nobody: that process is gone too. */
function ownerIn(text: string): LockOwner | undefined {
  try {
    const value = JSON.parse(text) as Partial<LockOwner> | null;
    return typeof value?.pid === 'number' && typeof value.host === 'string' ? (value as LockOwner) : undefined;
  } catch (problem) {
    if (!(problem instanceof SyntaxError)) throw problem;
    return undefined;
  }
}

function isAlive({ pid, host, started }: LockOwner): boolean {
  if (host !== hostname()) return true; // Nobody can tell from here: a person decides.
  try {
    kill(pid, 0);
  } catch (problem) {
    const { code } = problem as NodeJS.ErrnoException;
    if (code === 'ESRCH') return false;
    if (code !== 'EPERM') throw problem;
  }
  const found = processOf(pid);
  if (found === undefined) return true; // No /proc here.
  return !found.isEnded && (started === '' || found.started === started);
}

function held({ pid, host, since }: LockOwner, { path, clock }: Claim): Fault {
  const age = formatDuration(Math.max(0, clock.nowMs() - Date.parse(since)));
  const message = `process ${pid} on ${host} has been working on this run for ${age}`;
  if (host === hostname()) return new Fault('JOURNAL_LOCKED', message);
  const hint = `When you know that it is not running any more, remove ${path} and try again.`;
  return new Fault('JOURNAL_LOCKED', message, { hint });
}

/**
 * State and start time, fields 3 and 22 of /proc/PID/stat, proc(5); undefined where there is none. The command in
 * parentheses may hold blanks. A process that has ended, and that its parent has not asked about, still has its pid.
 */
function processOf(pid: number): { readonly isEnded: boolean; readonly started: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { isEnded: ['Z', 'X'].includes(fields[0] ?? ''), started: fields[19] ?? '' };
  } catch (problem) {
    if (['ENOENT', 'ESRCH'].includes((problem as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw problem;
  }
}
