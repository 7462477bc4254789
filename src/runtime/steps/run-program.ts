// Runs any program in a process group of its own, so that all of it can be ended: a migrator that leaves a child behind
// must not write to the database after the restore.

import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { Fault, formsOf, redact, type Clock } from '../../kernel/index.ts';
import { endGroup, HAS_GROUPS } from '../end-processes.ts';
import { LineCutter, OutputTail } from './program-output.ts';

export interface ProgramRequest {
  readonly command:
    { readonly kind: 'program'; readonly words: readonly string[] } | { readonly kind: 'shell'; readonly text: string };
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Replaced by `***` in the output that is kept. */
  readonly secrets: readonly string[];
  readonly clock: Clock;
  /** Hears the output line by line, secrets replaced, while the program runs. */
  readonly onLine?: (line: string) => void;
  /** Told, and awaited, before anything is made of the program's end. */
  readonly onStarted: (pid: number) => Promise<void>;
}

export interface ProgramEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly outputTail: string;
}

/** A daemon that took the output along may hold it open; nobody waits longer for its end than this, ms. */
const LAST_WORDS_MS = 500;

/**
 * @throws {Fault} PROGRAM_FAILED when it cannot be started; INTERRUPTED when `signal` ended it, its whole group gone.
 */
export async function runProgram(request: ProgramRequest, signal: AbortSignal): Promise<ProgramEnd> {
  const [program = '', ...words] = request.command.kind === 'shell' ? [request.command.text] : request.command.words;
  const child = spawn(program, words, {
    cwd: request.cwd,
    env: request.env,
    shell: request.command.kind === 'shell',
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: HAS_GROUPS,
  });
  const tail = new OutputTail();
  const tellLine = (line: string): void => {
    tail.add(line);
    request.onLine?.(line);
  };
  const secretMax = formsOf(request.secrets)[0]?.length ?? 0;
  const clean = { redact: (line: string) => redact(line, request.secrets), secretMax };
  const streams = [child.stdout, child.stderr].map(
    (stream) => new HeardStream(stream, new LineCutter(tellLine, clean)),
  );
  const { pid } = child;
  const listening = new AbortController();
  const ended = new Promise<{ code: number | null; by: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Fault('PROGRAM_FAILED', `${program} could not be started: ${cause.message}`, { cause })),
    );
    child.once('exit', (code, by) => resolve({ code, by }));
    // One that outlives this never exits, as far as we are concerned.
    const stop = (): void => void endGroup(pid ?? 0, request.clock).catch(reject);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true, signal: listening.signal });
  });
  if (pid === undefined) await ended;
  let end: Awaited<typeof ended>;
  try {
    await request.onStarted(pid ?? 0);
    end = await ended;
    if (signal.aborted) throw new Fault('INTERRUPTED', `${program} was ended`);
  } finally {
    listening.abort();
    try {
      await endGroup(pid ?? 0, request.clock); // What it left behind ends with it.
    } finally {
      await lastWords(streams, request.clock);
    }
  }
  return { exitCode: end.code, signal: end.by, outputTail: tail.text() };
}

class HeardStream {
  readonly #stream: Readable;
  readonly #lines: LineCutter;
  readonly closed: Promise<unknown>;

  constructor(stream: Readable, lines: LineCutter) {
    this.#stream = stream;
    this.#lines = lines;
    this.closed = new Promise((resolve) => stream.once('close', resolve));
    stream.setEncoding('utf8').on('data', (text: string) => this.#lines.add(text));
  }

  end(): void {
    this.#stream.destroy();
    this.#lines.end();
  }
}

/** What a program said before it ended may still be on its way. */
async function lastWords(streams: readonly HeardStream[], clock: Clock): Promise<void> {
  const heard = new AbortController();
  const patience = clock.sleep(LAST_WORDS_MS, heard.signal);
  const closed = Promise.all(streams.map((stream) => stream.closed));
  await Promise.race([closed, patience]);
  patience.catch(() => undefined);
  heard.abort();
  for (const stream of streams) stream.end();
}
