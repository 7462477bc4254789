import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { RunningServer } from '../../src/servers/index.ts';
import { CLI } from '../support/cli.ts';
import type { Blocker } from './blocker.ts';

export interface Kill {
  /** The action whose intent starts the clock; undefined: the start of the process does. */
  readonly phase: string | undefined;
  /** The clock starts anew when a statement is seen to wait. */
  readonly afterMs: number;
  /** Holds the phase's statement up in the server. */
  readonly blocker: Blocker | undefined;
  /** Killed in place of the process, which then ends by itself. */
  readonly victim?: RunningServer;
}

/** Runs the program and kills it; tells whether a statement of it was seen to wait in the server. */
export async function runKilled(
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  kill: Kill,
): Promise<boolean> {
  const child = spawn(process.execPath, [CLI, ...words, '--json', '--journal-dir', 'journals'], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  let killing: Promise<void> | undefined;
  let holding: Promise<boolean> | undefined;
  const strike = (): void => {
    timer = setTimeout(() => {
      if (kill.victim === undefined) child.kill('SIGKILL');
      else killing = kill.victim.kill();
    }, kill.afterMs);
  };
  let run = '';
  const arrive = (): void => {
    holding = kill.blocker?.hold(kill.phase ?? '', run, () => isOver);
    if (holding === undefined) strike();
    else void holding.then(strike, strike);
  };
  if (kill.phase === undefined) strike();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { event, data } = JSON.parse(line) as { event: string; data: { run?: string; action?: string } };
    if (event === 'run-opened') run = data.run ?? '';
    if (event === 'action-intended' && data.action === kill.phase) arrive();
  });
  await new Promise<void>((resolve) => child.once('close', () => resolve()));
  isOver = true;
  clearTimeout(timer);
  await killing;
  return (await holding) ?? false;
}
