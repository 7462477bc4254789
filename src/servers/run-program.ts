import { spawn } from 'node:child_process';
import { Fault } from '../kernel/index.ts';
import type { Environment } from './types.ts';

export interface ProgramRequest {
  readonly command: readonly [string, ...string[]];
  readonly env: Environment;
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface ProgramResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  /** The end of stdout and stderr together, in order of arrival. */
  readonly output: string;
}

const OUTPUT_LENGTH_MAX = 64 * 1_024;

/**
 * Runs a program to its end.
 *
 * @throws {Fault} PROGRAM_FAILED when it cannot be started; the signal's reason when that ended it
 */
export function runProgram({ command, env, onLine, signal }: ProgramRequest): Promise<ProgramResult> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal === undefined ? {} : { signal, killSignal: 'SIGKILL' }),
    });
    let output = '';
    let line = '';
    const take = (piece: string): void => {
      output = (output + piece).slice(-OUTPUT_LENGTH_MAX);
      const lines = (line + piece).split('\n');
      line = lines.pop() ?? '';
      for (const whole of lines) onLine?.(whole);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', take);
    child.on('error', (error) => {
      const reason: unknown = signal?.aborted === true ? signal.reason : undefined;
      reject(reason ?? new Fault('PROGRAM_FAILED', `cannot run ${program}: ${error.message}`, { cause: error }));
    });
    child.on('close', (exitCode) => {
      if (line !== '') onLine?.(line);
      resolve({ exitCode, output });
    });
  });
}
