import { expect, test } from 'vitest';
import { Fault, systemClock } from '../../../src/kernel/index.ts';
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

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code !== 'ESRCH') throw problem;
    return false;
  }
}
