// What the operating system tells of processes, read from /proc, proc(5). Without one, nothing is known: empty answers.

import { readdirSync, readFileSync } from 'node:fs';
import { pid as ownPid } from 'node:process';

/** The variable that every program of a run inherits, and what it starts in turn: how strays are found. */
export const RUN_VARIABLE = 'SNAPBACK_RUN';

interface ProcessFacts {
  readonly pid: number;
  /** It has ended, and its parent has not asked about it yet. */
  readonly isEnded: boolean;
  readonly parent: number;
  readonly group: number;
  /** In the kernel's own ticks since boot. */
  readonly startedAt: string;
}

/**
 * When a process started, in the kernel's own ticks since boot: with the pid it names one process for good.
 *
 * Empty where the system has no `/proc`, or when the process is gone.
 */
export function processStartedAt(pid: number): string {
  return factsOf(pid)?.startedAt ?? '';
}

/** Whether a process of that group still runs; undefined where the system does not tell. */
export function isGroupRunning(group: number): boolean | undefined {
  const processes = runningProcesses();
  return processes.length === 0 ? undefined : processes.some((one) => one.group === group);
}

/**
 * Running processes that carry the mark of that run in their environment, as far as this user may look. This process
 * and those that it descends from are never among them, whatever they carry.
 */
export function processesOfRun(run: string): readonly number[] {
  const mark = `${RUN_VARIABLE}=${run}`;
  const kin = new Set<number>();
  for (let pid = ownPid; pid > 0 && !kin.has(pid); pid = factsOf(pid)?.parent ?? 0) kin.add(pid);
  return runningProcesses()
    .filter(({ pid }) => !kin.has(pid) && (textOf(pid, 'environ') ?? '').split('\0').includes(mark))
    .map(({ pid }) => pid);
}

function runningProcesses(): readonly ProcessFacts[] {
  return pids().flatMap((pid) => {
    const facts = factsOf(pid);
    return facts === undefined || facts.isEnded ? [] : [facts];
  });
}

function pids(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw problem;
  }
}

/** Fields 3, 4, 5 and 22. The command in parentheses may hold blanks: fields are counted from its end. */
function factsOf(pid: number): ProcessFacts | undefined {
  const stat = textOf(pid, 'stat');
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent = '', group = ''] = fields;
  const isEnded = state === 'Z' || state === 'X';
  return { pid, isEnded, parent: Number(parent), group: Number(group), startedAt: fields[19] ?? '' };
}

/** Undefined where the process is gone, or is none of this user's business. */
function textOf(pid: number, file: 'stat' | 'environ'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (problem) {
    const { code = '' } = problem as NodeJS.ErrnoException;
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) return undefined;
    throw problem;
  }
}
