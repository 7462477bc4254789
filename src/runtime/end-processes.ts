// Ends processes and sees them gone: SIGTERM, a grace period, SIGKILL.

import { spawnSync } from 'node:child_process';
import { kill, platform } from 'node:process';
import { Fault, type Clock } from '../kernel/index.ts';
import { isGroupRunning, processesOfRun } from './processes.ts';

/** Windows has no process groups that a signal reaches, but knows who started whom. */
export const HAS_GROUPS = platform !== 'win32';
/** How long a program may take to end by itself after SIGTERM. */
const GRACE_MS = 2_000;
/** How long SIGKILL may take. */
const KILL_MS = 5_000;

/**
 * @returns whether anything of the group was still there.
 * @throws {Fault} NOT_QUIET when it outlives SIGKILL by five seconds.
 */
export async function endGroup(pid: number, clock: Clock): Promise<boolean> {
  if (pid <= 0 || !isThere(pid)) return false;
  if (!HAS_GROUPS) spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true });
  else if (!send(-pid, 'SIGTERM')) return false;
  if (await isWithin(GRACE_MS, clock, () => !isThere(pid))) return true;
  send(HAS_GROUPS ? -pid : pid, 'SIGKILL');
  if (await isWithin(KILL_MS, clock, () => !isThere(pid))) return true;
  throw new Fault('NOT_QUIET', `process group ${pid} does not end`);
}

/**
 * Ends what programs of a run left behind outside of their groups, where the system tells of it: a program that made
 * itself a daemon, or one whose start was not recorded any more.
 *
 * @returns how many there were.
 * @throws {Fault} NOT_QUIET when one outlives SIGKILL by five seconds.
 */
export async function endStrays(run: string, clock: Clock): Promise<number> {
  const strays = processesOfRun(run);
  for (const pid of strays) send(pid, 'SIGTERM');
  if (strays.length === 0 || (await isWithin(GRACE_MS, clock, () => processesOfRun(run).length === 0))) {
    return strays.length;
  }
  const isGone = (): boolean => {
    const left = processesOfRun(run);
    for (const pid of left) send(pid, 'SIGKILL'); // Those, too, that were started meanwhile.
    return left.length === 0;
  };
  if (await isWithin(KILL_MS, clock, isGone)) return strays.length;
  throw new Fault('NOT_QUIET', `processes ${processesOfRun(run).join(', ')} of this run do not end`);
}

/** Processes that have ended, and that nobody asked about, still take signals: the system is asked where it tells. */
function isThere(pid: number): boolean {
  const isRunning = HAS_GROUPS ? isGroupRunning(pid) : undefined;
  return isRunning ?? send(HAS_GROUPS ? -pid : pid, 0);
}

async function isWithin(waitMs: number, clock: Clock, holds: () => boolean): Promise<boolean> {
  const until = clock.nowMs() + waitMs;
  while (!holds()) {
    if (clock.nowMs() >= until) return false;
    await clock.sleep(20);
  }
  return true;
}

/** False when nobody is there to take it. Who may not be sent anything is there: programs may change their user. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return kill(pid, signal);
  } catch (problem) {
    const { code } = problem as NodeJS.ErrnoException;
    if (code === 'ESRCH') return false;
    if (code === 'EPERM') return true;
    throw problem;
  }
}
