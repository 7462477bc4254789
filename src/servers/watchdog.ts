import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { execPath } from 'node:process';
import { Fault, invariant, systemClock } from '../kernel/index.ts';
import type { Environment } from './types.ts';
import { WATCHDOG_SCRIPT, type WatchdogEvent, type WatchdogOrder, type WatchdogSettings } from './watchdog-script.ts';

/** How a launched program ended. */
export interface ProgramExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why it could not even be started. */
  readonly problem?: string;
}

/** `SIGKILL` is obeyed at once; the rest is for a machine that is very busy. */
const REPLY_TIMEOUT_MS = 30_000;

/**
 * Owns: the pipe to a watchdog process, and what the watchdog has said. Leaves: what is launched, and when it is ready.
 * Invariants: (1) one program at a time; (2) once the pipe is closed, by us or by our death, the program and its
 * directory go; (3) neither the pipe nor the process keeps our event loop alive.
 */
export class Watchdog {
  readonly #process: ChildProcess;
  #running: { readonly pid: number } | undefined;
  #lastExit: ProgramExit | undefined;
  #isGone = false;
  /** Called, and forgotten, at the next event. */
  #wakers: (() => void)[] = [];

  constructor(settings: WatchdogSettings, env: Environment) {
    // Of its own session, so that Ctrl-C in our terminal does not reach it before we have.
    this.#process = spawn(execPath, ['-e', WATCHDOG_SCRIPT, JSON.stringify(settings)], {
      detached: true,
      env: withoutNodeSettings(env),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#process.unref();
    const { stdin, stdout } = this.#process;
    invariant(stdin !== null && stdout !== null, 'both pipes were asked for');
    for (const pipe of this.#process.stdio) if (pipe instanceof Socket) pipe.unref();
    stdin.on('error', () => this.#leave()); // it is gone; whoever waits is told below
    this.#process.on('error', () => this.#leave());
    this.#process.on('exit', () => this.#leave());
    readLines(stdout.setEncoding('utf8'), (line) => this.#take(JSON.parse(line) as WatchdogEvent));
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** The launched program while it runs. */
  get running(): { readonly pid: number } | undefined {
    return this.#running;
  }

  /** @throws {Fault} NO_SERVER when the program cannot be started */
  async launch(program: string, args: readonly string[]): Promise<{ readonly pid: number }> {
    invariant(this.#running === undefined, 'one program at a time');
    this.#lastExit = undefined;
    this.#order({ do: 'launch', program, args });
    await this.#until(() => this.isRunning || this.exited !== undefined, REPLY_TIMEOUT_MS);
    const { running, exited } = this;
    if (running !== undefined) return running;
    // It may have started and ended before we looked; then the exit is for `exit()` to tell.
    const problem = exited?.problem;
    if (problem === undefined) return { pid: 0 };
    throw new Fault('NO_SERVER', `cannot run ${program}: ${problem}`);
  }

  /** The end of the launched program. @throws {Fault} TIMEOUT; the signal's reason */
  async exit(timeoutMs: number, signal?: AbortSignal): Promise<ProgramExit> {
    await this.#until(() => this.#lastExit !== undefined, timeoutMs, signal);
    invariant(this.#lastExit !== undefined, 'waited for it');
    return this.#lastExit;
  }

  /** The end of the launched program if it has ended. */
  get exited(): ProgramExit | undefined {
    return this.#lastExit;
  }

  /** To the program and its whole process group. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#order({ do: 'signal', signal });
  }

  /** Kills the program, removes the directory, and sees the watchdog gone. May be called twice. */
  async end(): Promise<void> {
    if (this.#isGone) return;
    this.#process.stdin?.end(`${JSON.stringify({ do: 'end' } satisfies WatchdogOrder)}\n`);
    await this.#until(() => this.#isGone, REPLY_TIMEOUT_MS);
  }

  #order(order: WatchdogOrder): void {
    if (this.#isGone) throw new Fault('NO_SERVER', 'the private server has been stopped', { hint: 'Start another.' });
    this.#process.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  #take(event: WatchdogEvent): void {
    if (event.kind === 'launched') this.#running = { pid: event.pid };
    if (event.kind === 'exited') this.#lastExit = { code: event.code, signal: event.signal };
    if (event.kind === 'failed') this.#lastExit = { code: null, signal: null, problem: event.problem };
    if (event.kind === 'exited' || event.kind === 'failed') this.#running = undefined;
    this.#wake();
  }

  #leave(): void {
    this.#isGone = true;
    this.#running = undefined;
    this.#lastExit ??= { code: null, signal: null, problem: 'its watchdog process is gone' };
    this.#wake();
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }

  async #until(isDone: () => boolean, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const deadline = systemClock.nowMs() + timeoutMs;
    while (!isDone()) {
      const leftMs = deadline - systemClock.nowMs();
      if (leftMs <= 0) throw new Fault('TIMEOUT', `the private server did not react within ${timeoutMs / 1_000} s`);
      const woken = new AbortController();
      this.#wakers.push(() => woken.abort(woken));
      const stop = signal === undefined ? woken.signal : AbortSignal.any([woken.signal, signal]);
      try {
        await systemClock.sleep(leftMs, stop); // the timer also keeps our event loop alive
      } catch (error) {
        if (error !== woken) throw error;
      }
    }
  }
}

/** NODE_OPTIONS and the like are meant for us, and could keep the watchdog from starting. */
function withoutNodeSettings(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('NODE_')));
}

function readLines(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = '';
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
}
