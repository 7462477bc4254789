#!/usr/bin/env node
// The command-line door: the process on one side, `Io` on the other. The only place that exits.

import { hostname, userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { setFlagsFromString } from 'node:v8';
import type { Io } from './io.ts';
import { outliveTerminal } from './lost-terminal.ts';
import { runProgram } from './program.ts';
import { abortOnSignals } from './signals.ts';

// Most of what a long run makes is garbage at once, and V8 lets it pile up: the heap stays near to what is alive. Both
// are read whenever the heap is to grow. Newer versions of V8 may have other names for them, and say so on stderr.
if (Number.parseInt(process.versions.v8, 10) <= 13) {
  for (const flag of ['--semi-space-growth-factor=1', '--heap-growing-percent=30']) setFlagsFromString(flag);
}

const interruption = new AbortController();
abortOnSignals(interruption, (text) => void process.stderr.write(text));

const io: Io = {
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  hasColor: process.stderr.isTTY && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb',
  isInteractive: process.stdin.isTTY && process.stderr.isTTY,
  ask: async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await lines.question(question, { signal: interruption.signal });
    } finally {
      lines.close();
    }
  },
  env: process.env,
  cwd: process.cwd(),
  process: { pid: process.pid, host: hostname(), user: userName() },
  signal: interruption.signal,
  every: (ms, work) => {
    const timer = setInterval(work, ms);
    return () => clearInterval(timer);
  },
};

// A closed pipe (`snapback report | head`) or a closed terminal ends output, not the run.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (problem: NodeJS.ErrnoException) => {
    if (problem.code !== 'EPIPE' && problem.code !== 'EIO') throw problem;
  });
}
outliveTerminal((work) => process.once('exit', work));

process.exitCode = await runProgram(process.argv.slice(2), io);

function outputOf(stream: NodeJS.WriteStream): Io['stdout'] {
  return {
    write: (text) => void stream.write(text),
    isTty: stream.isTTY,
    get columns() {
      return stream.columns > 0 ? stream.columns : 100;
    },
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch (problem) {
    // A container may run under a number that has no name.
    if ((problem as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw problem;
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
