import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { err, Fault, ok, type Log, type Result } from '../kernel/index.ts';
import type { ServerBinary } from './find-binaries.ts';
import { logTail } from './log-tail.ts';
import { awaitLogin } from './log-in.ts';
import { LOG_FILE } from './mysql-family-launch.ts';
import { prepareServer, type PreparedServer } from './prepare-server.ts';
import type { Environment, RunningServer } from './types.ts';
import { Watchdog } from './watchdog.ts';

const READY_TIMEOUT_MS = 180_000;
const SHUTDOWN_TIMEOUT_MS = 60_000;

export interface LocalRequest {
  readonly binary: ServerBinary;
  readonly env: Environment;
  readonly log: Log;
}

/**
 * Starts a program of this machine as a private server: temporary directory, loopback port, ready when a login works.
 *
 * @throws {Fault} NO_SERVER with the end of its log when it does not start; TIMEOUT
 */
export async function startLocalServer(request: LocalRequest, signal?: AbortSignal): Promise<RunningServer> {
  const first = await attempt(request, signal);
  if (first.kind === 'ok') return first.value;
  // Between finding a port free and listening on it, another process can be quicker. Twice in a row is something else.
  request.log.debug({ problem: first.problem.message }, 'private server is tried once more, on another port');
  const second = await attempt(request, signal);
  if (second.kind === 'ok') return second.value;
  throw second.problem;
}

/** The problem: the server ended before anyone could log in. */
async function attempt(request: LocalRequest, signal?: AbortSignal): Promise<Result<RunningServer, Fault>> {
  const { binary, env, log } = request;
  const directory = await mkdtemp(join(tmpdir(), 'snapback-'));
  const watchdog = new Watchdog({ directory, logFile: join(directory, LOG_FILE) }, env);
  const abandon = async (): Promise<void> => {
    await watchdog.end();
    await rm(directory, { recursive: true, force: true }); // in case the watchdog itself could not start
  };
  try {
    const prepared = await prepareServer({ binary, directory, env }, watchdog, signal);
    const local: Local = { binary, prepared, directory, watchdog, log };
    const launched = await launch(local, signal);
    if (launched.kind === 'ok') return ok(runningServer(local, launched.value));
    await abandon();
    return launched;
  } catch (error) {
    await abandon();
    throw error;
  }
}

interface Local {
  readonly binary: ServerBinary;
  readonly prepared: PreparedServer;
  readonly directory: string;
  readonly watchdog: Watchdog;
  readonly log: Log;
}

async function launch(
  { prepared: { program, args, port, url }, directory, watchdog, log }: Local,
  signal?: AbortSignal,
): Promise<Result<string, Fault>> {
  const { pid } = await watchdog.launch(program, args);
  log.debug({ pid, directory, port }, 'private server launched');
  const hasEnded = (): boolean => !watchdog.isRunning;
  const label = await awaitLogin({ url, timeoutMs: READY_TIMEOUT_MS, hasEnded }, signal);
  if (label !== undefined) return ok(label);
  const tail = await logTail(join(directory, LOG_FILE));
  const hint = 'The end of its log is in the message.';
  return err(new Fault('NO_SERVER', `${program} did not start on port ${port}:\n${tail}`, { hint }));
}

function runningServer(local: Local, label: string): RunningServer {
  const { binary, prepared, watchdog } = local;
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (!watchdog.isRunning) return;
    watchdog.signal(signal);
    await watchdog.exit(SHUTDOWN_TIMEOUT_MS);
  };
  return {
    engine: binary.engine,
    label,
    url: prepared.url,
    origin: 'binary',
    stop: () => watchdog.end(),
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGTERM');
      const launched = await launch(local);
      if (launched.kind === 'err') throw launched.problem;
    },
  };
}
