import { Fault, FAULTS } from '../kernel/index.ts';
import type { Io } from './io.ts';

/** Prints what ended the command and gives its exit code. What is no Fault is a bug of ours: exit 1, with its stack. */
export function exitCodeOf(problem: unknown, io: Io): number {
  if (problem instanceof Fault) {
    io.stderr.write(faultText(problem));
    return FAULTS[problem.code].exitCode;
  }
  const text = problem instanceof Error ? (problem.stack ?? problem.message) : String(problem);
  io.stderr.write(`snapback met a bug of its own; the journal is intact. Please report this:\n${text}\n`);
  return 1;
}

export function faultText({ code, message, hint }: Pick<Fault, 'code' | 'message' | 'hint'>): string {
  return `${code}: ${message}\n  ${hint}\n`;
}
