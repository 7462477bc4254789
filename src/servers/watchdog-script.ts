// The program of the watchdog: a second node process between us and a server. It holds the reading end of a pipe whose
// writing end only we have; when the pipe closes, for whatever reason, it ends the server and removes its directory.
// Kept as text, so that it also runs from a bundle: `node -e WATCHDOG_SCRIPT '{"directory":...}'`.
//
// Lines in:  {"do":"launch","program":..,"args":[..]} | {"do":"signal","signal":"SIGTERM"} | {"do":"end"}
// Lines out: {"kind":"launched","pid":1} | {"kind":"exited","code":0,"signal":null} | {"kind":"failed","problem":".."}
//            | {"kind":"ended"}

export interface LaunchOrder {
  readonly do: 'launch';
  readonly program: string;
  readonly args: readonly string[];
}

export type WatchdogOrder =
  LaunchOrder | { readonly do: 'signal'; readonly signal: 'SIGTERM' | 'SIGKILL' } | { readonly do: 'end' };

export type WatchdogEvent =
  | { readonly kind: 'launched'; readonly pid: number }
  | { readonly kind: 'exited'; readonly code: number | null; readonly signal: string | null }
  | { readonly kind: 'failed'; readonly problem: string }
  | { readonly kind: 'ended' };

export interface WatchdogSettings {
  /** Everything that belongs to the server; its working directory, removed at the end. */
  readonly directory: string;
  /** Takes what the server prints. */
  readonly logFile: string;
}

/** Data of a throw-away server need no clean shutdown, so it is killed, with its whole process group. */
export const WATCHDOG_SCRIPT = `
'use strict';
const { spawn } = require('node:child_process');
const { closeSync, openSync, rmSync } = require('node:fs');
const { directory, logFile } = JSON.parse(process.argv[1]);
let child;
let isEnding = false;

const tell = (event) => process.stdout.write(JSON.stringify(event) + '\\n');
process.stdout.on('error', () => {});

const signalGroup = (name) => {
  if (child === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
};

const finish = () => {
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  tell({ kind: 'ended' });
  process.exit(0);
};

const end = () => {
  if (isEnding) return;
  isEnding = true;
  if (child === undefined) finish();
  else signalGroup('SIGKILL');
};

const launch = ({ program, args }) => {
  const log = openSync(logFile, 'a');
  const started = spawn(program, args, { cwd: directory, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const gone = (event) => {
    child = undefined;
    tell(event);
    if (isEnding) finish();
  };
  started.once('error', (error) => gone({ kind: 'failed', problem: error.message }));
  if (started.pid === undefined) return;
  child = started;
  started.once('exit', (code, signal) => gone({ kind: 'exited', code, signal }));
  tell({ kind: 'launched', pid: started.pid });
};

const obey = (order) => {
  if (order.do === 'launch') launch(order);
  else if (order.do === 'signal') signalGroup(order.signal);
  else end();
};

let rest = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (text) => {
  const lines = (rest + text).split('\\n');
  rest = lines.pop();
  for (const line of lines) if (!isEnding) obey(JSON.parse(line));
});
process.stdin.on('end', end);
process.stdin.on('error', end);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, end);
process.on('uncaughtException', () => {
  signalGroup('SIGKILL');
  process.exit(1);
});
`;
