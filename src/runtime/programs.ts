// Programs of `run` steps and what is left of them, as a port: the operating system is one of the things that a run is
// given from outside.

import type { Clock } from '../kernel/index.ts';
import { endGroup, endStrays } from './end-processes.ts';
import { processStartedAt } from './processes.ts';
import { runProgram, type ProgramEnd, type ProgramRequest } from './steps/run-program.ts';

export interface Programs {
  /** @throws {Fault} PROGRAM_FAILED when it cannot be started; INTERRUPTED when `signal` ended it. */
  run(request: ProgramRequest, signal: AbortSignal): Promise<ProgramEnd>;
  /** With the pid it names one process for good; empty when nothing is known of it. */
  startedAt(pid: number): string;
  /** @returns whether anything of the group was still there. @throws {Fault} NOT_QUIET */
  endGroup(pid: number, clock: Clock): Promise<boolean>;
  /** Ends what carries the run's mark. @returns how many there were. @throws {Fault} NOT_QUIET */
  endStrays(run: string, clock: Clock): Promise<number>;
}

export const systemPrograms: Programs = { run: runProgram, startedAt: processStartedAt, endGroup, endStrays };
