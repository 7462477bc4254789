import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { Fault, systemClock, type Clock } from '../../../src/kernel/index.ts';
import { endGroup, endStrays } from '../../../src/runtime/end-processes.ts';
import { processesOfRun } from '../../../src/runtime/processes.ts';
import { runProgram, type ProgramRequest } from '../../../src/runtime/steps/run-program.ts';

function script(text: string, changes: Partial<ProgramRequest> = {}): ProgramRequest {
  return {
    command: { kind: 'program', words: [process.execPath, '-e', text] },
    cwd: process.cwd(),
    env: process.env,
    secrets: [],
    clock: systemClock,
    onStarted: async () => undefined,
    ...changes,
  };
}

const never = new AbortController().signal;

test('a program ends with its exit code and the tail of what it said, secrets replaced', async () => {
  const request = script("console.log('password hunter22'); console.error('bye'); process.exit(3)", {
    secrets: ['hunter22'],
  });
  const { exitCode, signal, outputTail } = await runProgram(request, never);
  expect({ exitCode, signal, said: outputTail.split('\n').sort() }).toEqual({
    exitCode: 3,
    signal: null,
    said: ['', 'bye', 'password ***'],
  });
});

test('of a line that is written over and over, what it says in the end is kept', async () => {
  const frames = [1, 2, 3].map((at) => `\\u001b[2K\\u001b[1G\\u001b[36m[${at}]\\u001b[0m applying`).join('');
  const told: string[] = [];
  const request = script(`process.stdout.write('${frames}\\n10%\\r100%\\r\\nno end')`, {
    onLine: (line) => told.push(line),
  });
  const { outputTail } = await runProgram(request, never);
  expect({ outputTail, told }).toEqual({
    outputTail: '[3] applying\n100%\nno end\n',
    told: ['[3] applying', '100%', 'no end'],
  });
});

test('a daemon that keeps the output open does not hold up the end of its program', async () => {
  const run = `keeper${process.pid}`;
  const leaves = `
    const { spawn } = require('node:child_process');
    const options = { stdio: ['ignore', 'inherit', 'inherit'], detached: true };
    spawn(process.execPath, ['-e', "console.log('up'); setInterval(() => {}, 1000)"], options).unref();`;
  const env = { ...process.env, SNAPBACK_RUN: run };
  const { exitCode } = await runProgram(script(leaves, { env }), never);
  expect({ exitCode, ended: await endStrays(run, systemClock) }).toEqual({ exitCode: 0, ended: 1 });
});

test('a program that cannot be started is named', async () => {
  const request = script('', { command: { kind: 'program', words: ['no-such-program-4711'] } });
  const failure = await runProgram(request, never).catch((problem: unknown) => problem);
  expect(failure).toEqual(
    new Fault('PROGRAM_FAILED', 'no-such-program-4711 could not be started: spawn no-such-program-4711 ENOENT'),
  );
});

test('what a program leaves behind in its group ends with it', async () => {
  const leaves = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    console.log(child.pid);
    child.unref();`;
  const { outputTail } = await runProgram(script(leaves), never);
  expect(isAlive(Number(outputTail.trim()))).toEqual(false);
});

test('what made itself a daemon is found by the mark of its run, and ended', async () => {
  const run = `stray${process.pid}`;
  const leaves = `
    const { spawn } = require('node:child_process');
    const stubborn = "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)";
    const child = spawn(process.execPath, ['-e', stubborn], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    child.stdout.once('data', () => { console.log(child.pid); process.exit(0); });`;
  const env = { ...process.env, SNAPBACK_RUN: run };
  const { outputTail } = await runProgram(script(leaves, { env }), never);
  const pid = Number(outputTail.trim());
  const before = isAlive(pid);
  const ended = await endStrays(run, systemClock);
  expect({ before, ended, after: processesOfRun(run) }).toEqual({ before: true, ended: 1, after: [] });
});

test('an interruption ends a program that does not want to end', async () => {
  const stop = new AbortController();
  const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')";
  let pid = 0;
  const request = script(stubborn, {
    onStarted: async (started) => {
      pid = started;
      stop.abort(new Fault('INTERRUPTED', 'SIGINT arrived'));
    },
  });
  const failure = await runProgram(request, stop.signal).catch((problem: unknown) => problem);
  expect({ failure, alive: isAlive(pid) }).toEqual({
    failure: new Fault('INTERRUPTED', `${process.execPath} was ended`),
    alive: false,
  });
});

/** Sleeps take no time. */
function hastyClock(): Clock {
  let now = 0;
  return {
    nowMs: () => now,
    sleep: async (ms) => {
      now += ms;
    },
  };
}

if (process.getuid?.() !== 0) {
  test('not tried, for want of root', () => expect(process.getuid?.()).not.toEqual(0));
} else {
  test('a program that became another user, and may not be signalled, is said not to end', async () => {
    const child = spawn('sleep', ['100'], { detached: true, stdio: 'ignore', uid: 65_533, gid: 65_533 });
    onTestFinished(() => void child.kill('SIGKILL'));
    const { pid = 0 } = child;
    process.seteuid?.(65_534);
    const problem = await endGroup(pid, hastyClock()).catch((failure: unknown) => failure);
    process.seteuid?.(0);
    expect({ problem, alive: isAlive(pid) }).toEqual({
      problem: new Fault('NOT_QUIET', `process group ${pid} does not end`),
      alive: true,
    });
  });
}

/** A process that has ended, and that nobody has asked about, is not alive. */
function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !['Z', 'X'].includes(stat.slice(stat.lastIndexOf(')') + 2)[0] ?? '');
  } catch (problem) {
    if (!['ENOENT', 'ESRCH'].includes((problem as NodeJS.ErrnoException).code ?? '')) throw problem;
    return false;
  }
}

test('a secret at the place where a long line is cut is taken out whole', async () => {
  const secret = 'hunter22-hunter22';
  const line = `${'x'.repeat(7_990)}${secret}`;
  const told: string[] = [];
  const request = script(
    `console.log('${line}'); process.stdout.write('${line}'); process.stdout.write('${'y'.repeat(50)}')`,
    {
      secrets: [secret],
      onLine: (one) => told.push(one),
    },
  );
  await runProgram(request, never);
  expect(told.map((one) => one.replace(/x+/, 'x'))).toEqual(['x***', 'x***yyyyyyy', 'y'.repeat(43)]);
});
