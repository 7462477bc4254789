// The GitHub door: the runner's process on one side, `ActionIo` on the other. One file for both steps: post.mjs imports
// the bundle with `?stage=post`. A state that the main step had saved could not tell: it may be killed before it saves.

import { appendFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { Fault } from '../kernel/index.ts';
import type { ActionIo, RunnerFile } from './io.ts';
import { mainStep } from './main-step.ts';
import { postStep } from './post-step.ts';
import { annotationLine } from './protocol.ts';

/**
 * A cancelled step gets the first of these, then the second, and is killed then: there is nothing to add to the first.
 */
const SIGNALS = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  ...(process.platform === 'win32' ? (['SIGBREAK'] as const) : []),
] as const;

const FILES: Readonly<Record<RunnerFile, string>> = {
  output: 'GITHUB_OUTPUT',
  state: 'GITHUB_STATE',
  summary: 'GITHUB_STEP_SUMMARY',
  env: 'GITHUB_ENV',
};

const interruption = new AbortController();
for (const signal of SIGNALS) {
  process.on(signal, () => interruption.abort(new Fault('INTERRUPTED', `${signal} arrived: the step is cancelled`)));
}

const io: ActionIo = {
  env: process.env,
  cwd: process.cwd(),
  platform: process.platform,
  process: { pid: process.pid, host: hostname(), user: process.env['GITHUB_ACTOR'] ?? 'runner' },
  signal: interruption.signal,
  print: (line) => void process.stdout.write(`${line}\n`),
  append: (file, text) => {
    const path = process.env[FILES[file]] ?? '';
    if (path !== '') appendFileSync(path, text);
  },
  every: (ms, work) => {
    const timer = setInterval(work, ms);
    return () => clearInterval(timer);
  },
};

const isPost = new URL(import.meta.url).searchParams.get('stage') === 'post';
try {
  process.exitCode = await (isPost ? postStep(io) : mainStep(io));
} catch (problem) {
  const message = problem instanceof Error ? (problem.stack ?? problem.message) : String(problem);
  io.print(annotationLine({ severity: 'error', title: 'snapback met a bug of its own', message }));
  process.exitCode = 1;
}
