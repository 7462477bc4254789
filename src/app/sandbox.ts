// A private server for as long as somebody wants it, or for one command.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Fault, newRunId, Secret } from '../kernel/index.ts';
import { runAttached, SERVER_ENGINES, startServer, URL_VARIABLES } from '../servers/index.ts';
import type { RunningServer, ServerEngine } from '../servers/index.ts';
import type { AppContext } from './context.ts';

export const ENGINES = SERVER_ENGINES;

export interface SandboxRequest {
  /** Left out: the first that can be started. */
  readonly engine: ServerEngine | undefined;
  readonly version: string | undefined;
  /** Created before anything else. */
  readonly database: string;
  /** Scripts, as for the `mysql` client, run in this order. */
  readonly seeds: readonly string[];
  /** Empty: until somebody interrupts. */
  readonly command: readonly string[];
  /** Whether Ctrl-C reaches the command too. */
  readonly isInteractive: boolean;
  /** Told once the database is ready. */
  readonly onReady: (server: { readonly label: string; readonly url: string }) => void;
}

/**
 * A server that the environment names by URL is somebody's own: it is never taken for a sandbox.
 *
 * @returns the exit code of the command, 130 when it was interrupted before it began; without a command, 0
 * @throws {Fault} NO_SERVER with the command that installs one here; USAGE for a seed that cannot be read, or does not
 *   run, and for a command that cannot be started
 */
export async function sandbox(request: SandboxRequest, context: AppContext): Promise<number> {
  const { env, log, signal } = context;
  const scripts = await Promise.all(request.seeds.map((path) => readScript(resolve(context.cwd, path), path)));
  try {
    const server = await startServer({
      env: { ...env, ...Object.fromEntries(Object.values(URL_VARIABLES).map((name) => [name, ''])) },
      log,
      signal,
      ...(request.engine === undefined ? {} : { engine: request.engine }),
      ...(request.version === undefined ? {} : { version: request.version }),
    });
    try {
      const url = `${server.url}/${encodeURIComponent(request.database)}`;
      await fill(server, { database: request.database, scripts }, context);
      request.onReady({ label: server.label, url });
      return await stay(request, url, context);
    } finally {
      await server.stop();
    }
  } catch (error) {
    if (signal.aborted) return request.command.length === 0 ? 0 : 130;
    if (!(error instanceof Fault) || !OURS_TO_SAY.has(error.code)) throw error;
    // Nobody's data are at stake here: what these codes promise elsewhere says nothing.
    throw new Fault('USAGE', error.message, { cause: error, hint: 'The server that was started is gone again.' });
  }
}

const OURS_TO_SAY: ReadonlySet<string> = new Set(['STATEMENT_FAILED', 'PROGRAM_FAILED', 'PRIVILEGE_MISSING']);

async function stay({ command, isInteractive }: SandboxRequest, url: string, context: AppContext): Promise<number> {
  const { env, cwd, signal } = context;
  const [program, ...words] = command;
  if (program !== undefined) {
    const own = { ...env, DATABASE_URL: url };
    return runAttached({ command: [program, ...words], cwd, env: own, hearsTerminal: isInteractive, signal });
  }
  for (;;) await context.clock.sleep(LOOK_MS, signal);
}

/** A timer has to run, or the process would end for want of work. */
const LOOK_MS = 3_600_000;

async function fill(
  server: RunningServer,
  { database, scripts }: { readonly database: string; readonly scripts: readonly string[] },
  { openEngine, entropy, signal }: AppContext,
): Promise<void> {
  const options = { onSessionOpened: () => Promise.resolve(), run: newRunId(entropy) };
  const engine = await openEngine(new Secret(server.url), options, signal);
  try {
    const session = await engine.openSession('the sandbox', undefined, signal);
    try {
      const name = `\`${database.replaceAll('`', '``')}\``;
      await session.query(`CREATE DATABASE IF NOT EXISTS ${name}`, { signal });
      await session.query(`USE ${name}`, { signal });
      for (const { text } of scripts.flatMap((script) => engine.splitStatements(script))) {
        await session.query(text, { signal });
      }
    } finally {
      await session.close();
    }
  } finally {
    await engine.close();
  }
}

async function readScript(path: string, given: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Fault('USAGE', `the seed ${given} cannot be read`, { cause: error });
  }
}
