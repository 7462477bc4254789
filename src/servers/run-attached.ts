import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Fault } from '../kernel/index.ts';
import type { Environment } from './types.ts';

export interface AttachedRequest {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Environment;
  /** A terminal sends Ctrl-C to the program by itself: it is left to end in its own way. */
  readonly hearsTerminal: boolean;
  readonly signal: AbortSignal;
}

/**
 * Runs a program with the input and the output of this process, to its end; a signal to us is passed on.
 *
 * @returns its exit code, or what a shell makes of the signal that ended it
 * @throws {Fault} PROGRAM_FAILED when it cannot be started
 */
export function runAttached({ command, cwd, env, hearsTerminal, signal }: AttachedRequest): Promise<number> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: 'inherit' });
    const pass = (): void => {
      if (!hearsTerminal) child.kill('SIGTERM');
    };
    if (signal.aborted) pass();
    signal.addEventListener('abort', pass, { once: true });
    child.once('error', (cause) => {
      signal.removeEventListener('abort', pass);
      reject(new Fault('PROGRAM_FAILED', `${program} could not be started: ${cause.message}`, { cause }));
    });
    child.once('exit', (code, by) => {
      signal.removeEventListener('abort', pass);
      resolve(code ?? 128 + (by === null ? 0 : constants.signals[by]));
    });
  });
}
