import { readFileSync } from 'node:fs';

/**
 * When a process started, in the kernel's own ticks since boot: with the pid it names one process for good.
 *
 * Empty where the system has no `/proc`, or when the process is gone.
 */
export function processStartedAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command in parentheses may hold blanks: fields are counted from its end. Start time is field 22, proc(5).
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch (problem) {
    const { code } = problem as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw problem;
  }
}
