// The part of GitHub's runner that an action meets: inputs in the environment, files that are read when a step has
// ended, signals when the job is cancelled.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { INPUTS, type InputName } from '../../src/action/inputs.ts';

const ACTION = fileURLToPath(new URL('../../action', import.meta.url));
const CANCEL_AT_SYNC = new URL('cancel-at-sync.mjs', import.meta.url).href;

export type JobStatus = 'success' | 'failure' | 'cancelled';

export interface StepEnd {
  readonly code: number | null;
  /** All that was printed. */
  readonly log: string;
  /** The lines that the runner obeys; those that mask a text stand apart. */
  readonly commands: readonly string[];
  readonly masks: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** Whether it had not ended before `Cancel` came to its first signal. */
  readonly isCancelled: boolean;
}

export interface RunningStep {
  readonly process: ChildProcess;
  readonly ended: Promise<StepEnd>;
}

/** What the runner sends to a step whose job is cancelled, and what it waits between. */
export interface CancelSequence {
  readonly signals: readonly NodeJS.Signals[];
  readonly pausesMs: readonly number[];
}

/** GitHub's own. */
export const GITHUB_SEQUENCE: CancelSequence = {
  signals: ['SIGINT', 'SIGTERM', 'SIGKILL'],
  pausesMs: [7_500, 2_500],
};

/** The sequence, and after how many records of the journal it begins. */
export interface Cancel extends CancelSequence {
  readonly afterSyncs: number;
}

/** Stands in the log of a step that was sent the first signal. */
const CANCEL_TOLD = '(the job is cancelled)';

/** One job with one step that uses the action. */
export class Job {
  readonly folder: string;
  readonly env: Record<string, string>;
  readonly #state: Record<string, string> = {};
  #steps = 0;

  constructor(env: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}) {
    const root = mkdtempSync(join(tmpdir(), 'snapback-job-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    this.folder = join(root, 'workspace');
    for (const path of ['workspace', 'temp', 'files']) mkdirSync(join(root, path));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), text);
    }
    this.env = { RUNNER_TEMP: join(root, 'temp'), GITHUB_WORKSPACE: this.folder, GITHUB_ACTIONS: 'true', ...env };
  }

  /** The folder in which the action keeps the journals of its step. */
  get directory(): string {
    return this.#state['directory'] ?? '';
  }

  main(inputs: Partial<Record<InputName, string>>, cancel?: Cancel): Promise<StepEnd> {
    return this.start('main', inputs, 'success', cancel).ended;
  }

  post(inputs: Partial<Record<InputName, string>>, status: JobStatus, cancel?: Cancel): Promise<StepEnd> {
    return this.start('post', inputs, status, cancel).ended;
  }

  start(
    step: 'main' | 'post',
    inputs: Partial<Record<InputName, string>>,
    status: JobStatus,
    cancel?: Cancel,
  ): RunningStep {
    const files = this.#freshFiles();
    const defaults = INPUTS.map((input): [string, string] => [input.name, 'byDefault' in input ? input.byDefault : '']);
    const wanted: Readonly<Record<string, string>> = { ...Object.fromEntries(defaults), ...inputs };
    const given = Object.entries(wanted).map(([name, value]): [string, string] => [
      `INPUT_${name.toUpperCase()}`,
      value.replace('${{ job.status }}', status),
    ]);
    const state = Object.entries(this.#state).map(([name, value]): [string, string] => [`STATE_${name}`, value]);
    const stopping = cancel === undefined ? {} : cancelEnv(cancel);
    const child = spawn(process.execPath, [join(ACTION, `${step}.mjs`)], {
      cwd: this.folder,
      env: { ...process.env, ...this.env, ...Object.fromEntries([...given, ...state]), ...files, ...stopping },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log += text;
      });
    }
    const ended = new Promise<StepEnd>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(this.#endOf(code, log, files)));
    });
    return { process: child, ended };
  }

  #freshFiles(): Readonly<Record<'GITHUB_OUTPUT' | 'GITHUB_STATE' | 'GITHUB_STEP_SUMMARY' | 'GITHUB_ENV', string>> {
    this.#steps += 1;
    const file = (name: string): string => {
      const path = join(this.folder, '../files', `${name}-${this.#steps}`);
      writeFileSync(path, '');
      return path;
    };
    return {
      GITHUB_OUTPUT: file('output'),
      GITHUB_STATE: file('state'),
      GITHUB_STEP_SUMMARY: file('summary'),
      GITHUB_ENV: file('env'),
    };
  }

  #endOf(code: number | null, log: string, files: Readonly<Record<string, string>>): StepEnd {
    const text = (name: string): string => readFileSync(files[name] ?? '', 'utf8');
    Object.assign(this.#state, entriesOf(text('GITHUB_STATE')));
    Object.assign(this.env, entriesOf(text('GITHUB_ENV')));
    const lines = log.split(/\r\n|[\r\n]/);
    const commands = lines.filter((line) => line.trim().startsWith('::') || line.includes('##['));
    return {
      code,
      log,
      commands: commands.filter((line) => !line.startsWith(MASK)),
      masks: commands.filter((line) => line.startsWith(MASK)),
      outputs: entriesOf(text('GITHUB_OUTPUT')),
      summary: text('GITHUB_STEP_SUMMARY'),
      isCancelled: log.includes(CANCEL_TOLD),
    };
  }
}

const MASK = '::add-mask::';

function cancelEnv(cancel: Cancel): Readonly<Record<string, string>> {
  return {
    NODE_OPTIONS: `--import ${CANCEL_AT_SYNC}`,
    CANCEL: JSON.stringify({ ...cancel, told: CANCEL_TOLD }),
  };
}

/** Sends the sequence from outside, as far as the step lets it come. Gives the signals that were sent, and its end. */
export async function cancelStep(
  { process: child, ended }: RunningStep,
  { signals, pausesMs }: CancelSequence,
): Promise<{ readonly sent: readonly NodeJS.Signals[]; readonly end: StepEnd }> {
  const sent: NodeJS.Signals[] = [];
  let timer: NodeJS.Timeout | undefined;
  const send = (at: number): void => {
    const signal = signals[at];
    if (signal === undefined) return;
    sent.push(signal);
    child.kill(signal);
    timer = setTimeout(() => send(at + 1), pausesMs[at]);
  };
  send(0);
  const end = await ended;
  clearTimeout(timer);
  return { sent, end };
}

/** `NAME<<END`, lines, `END`. */
function entriesOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  const lines = text.split('\n');
  while (lines.length > 0) {
    const [, name, end] = /^([^<]+)<<(.+)$/.exec(lines.shift() ?? '') ?? [];
    if (name === undefined || end === undefined) continue;
    const at = lines.indexOf(end);
    found[name] = lines.splice(0, at).join('\n');
    lines.shift();
  }
  return found;
}
