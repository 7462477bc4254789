// Runs any program in a process group of its own, so that all of it can be ended: a migrator that leaves a child behind
// must not write to the database after the restore.

import { spawn } from 'node:child_process';
import { Fault, redact, type Clock } from '../../kernel/index.ts';
import { endGroup, HAS_GROUPS } from '../end-processes.ts';

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

const TAIL_CHARACTERS_MAX = 8_000;

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
  const tellLine = (line: string): void => request.onLine?.(redact(line, request.secrets));
  const streams = [child.stdout, child.stderr].map((stream) => {
    const lines = new LineCutter(tellLine);
    stream.setEncoding('utf8').on('data', (text: string) => {
      tail.add(text);
      lines.add(text);
    });
    return { stream, lines };
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Fault('PROGRAM_FAILED', `${program} could not be started: ${cause.message}`, { cause })),
    );
    child.once('exit', (code, by) => resolve({ code, signal: by }));
  });
  const { pid } = child;
  if (pid === undefined) await ended;
  const stop = (): void => void endGroup(pid ?? 0, request.clock);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await request.onStarted(pid ?? 0);
    const { code, signal: by } = await ended;
    if (signal.aborted) throw new Fault('INTERRUPTED', `${program} was ended`);
    return { exitCode: code, signal: by, outputTail: redact(tail.text(), request.secrets) };
  } finally {
    signal.removeEventListener('abort', stop);
    for (const { stream, lines } of streams) {
      stream.destroy();
      lines.end();
    }
    await endGroup(pid ?? 0, request.clock); // What it left behind ends with it.
  }
}

class OutputTail {
  #text = '';

  add(text: string): void {
    this.#text = (this.#text + text).slice(-TAIL_CHARACTERS_MAX);
  }

  text(): string {
    return this.#text;
  }
}

/** A program that never ends a line is heard in pieces of this size. */
const LINE_CHARACTERS_MAX = 8_000;

class LineCutter {
  readonly #tell: (line: string) => void;
  #rest = '';

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split(/\r\n|[\r\n]/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#tell(line.slice(0, LINE_CHARACTERS_MAX));
    if (this.#rest.length < LINE_CHARACTERS_MAX) return;
    this.#tell(this.#rest.slice(0, LINE_CHARACTERS_MAX));
    this.#rest = this.#rest.slice(LINE_CHARACTERS_MAX);
  }

  end(): void {
    if (this.#rest !== '') this.#tell(this.#rest);
    this.#rest = '';
  }
}
