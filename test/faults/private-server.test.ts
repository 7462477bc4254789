import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { silentLog } from '../../src/kernel/index.ts';
import { startServer, type RunningServer } from '../../src/servers/index.ts';
import { describeEachEngine, openClient, runStatements } from '../support/servers.ts';

const GONE_MS_MAX = 30_000;
const env = { ...process.env, SNAPBACK_TEST_MARIADB_URL: '' };

/** The process and the directory can only be looked at where the program runs on this machine. */
const OURS = { engines: ['mariadb'], origins: ['binary'] } as const;

/** What is left of a private server: its process and its directory. */
interface Traces {
  readonly pid: number;
  readonly directory: string;
}

describeEachEngine(() => {
  let server: RunningServer;
  let traces: Traces;

  beforeAll(async () => {
    const log = { ...silentLog, debug: (facts: unknown) => void (traces = facts as Traces) };
    server = await startServer({ engine: 'mariadb', env, log });
  });
  afterAll(() => server.stop());

  test('committed rows outlive a kill of the private server', async () => {
    await runStatements(server.url, [
      'CREATE DATABASE kept',
      'CREATE TABLE kept.t (a INT PRIMARY KEY) ENGINE = InnoDB',
      'INSERT INTO kept.t VALUES (1), (2)',
    ]);
    await server.kill();
    expect(isAlive(traces.pid)).toEqual(false);
    await server.restart();
    await server.restart();
    const client = await openClient(server.url);
    expect(await client.query('SELECT a FROM kept.t')).toEqual([{ a: '1' }, { a: '2' }]);
    await client.close();
  });

  test('the private server listens on the loopback address only, asks for a password, and runs no events', async () => {
    const client = await openClient(server.url);
    const [settings] = await client.query('SELECT @@bind_address AS address, @@event_scheduler AS events');
    await client.close();
    expect(settings).toEqual({ address: '127.0.0.1', events: 'OFF' });
    const withoutPassword = new URL(server.url);
    withoutPassword.password = '';
    await expect(openClient(withoutPassword.href)).rejects.toThrow('Access denied');
  });

  test('a stopped private server leaves neither process nor directory, and can be stopped again', async () => {
    await server.stop();
    await server.stop();
    expect(remainsOf(traces)).toEqual({ isAlive: false, hasDirectory: false });
    await expect(server.restart()).rejects.toThrow('the private server has been stopped');
  });
}, OURS);

describeEachEngine(() => {
  let temporary: string;
  let program: string;
  let owner: ChildProcess | undefined;

  beforeAll(async () => {
    temporary = mkdtempSync(join(tmpdir(), 'owner-'));
    program = join(temporary, 'owner.mjs');
    await bundle(program);
  }, 60_000);
  beforeEach(() => void (owner = undefined));
  afterEach(() => owner?.kill('SIGKILL'));
  afterAll(() => rmSync(temporary, { recursive: true, force: true }));

  test('the server and its directory are gone after its owner was killed', async () => {
    owner = startOwner(program, tmpdir());
    const lines = linesOf(owner);
    const traces = JSON.parse(await lines.next()) as Traces;
    expect(Object.keys(JSON.parse(await lines.next()) as object)).toEqual(['label']);
    expect(remainsOf(traces)).toEqual({ isAlive: true, hasDirectory: true });

    owner.kill('SIGKILL');

    await expect
      .poll(() => remainsOf(traces), { timeout: GONE_MS_MAX, interval: 50 })
      .toEqual({ isAlive: false, hasDirectory: false });
  });

  test('nothing is left of an owner that was killed while it made the data directory', async () => {
    const folder = mkdtempSync(join(temporary, 'tmp-'));
    owner = startOwner(program, folder);
    const hasBegun = () => readdirSync(folder).some((name) => existsSync(join(folder, name, 'server.log')));
    await expect.poll(hasBegun, { timeout: GONE_MS_MAX, interval: 5 }).toEqual(true);

    owner.kill('SIGKILL');

    await expect.poll(() => readdirSync(folder), { timeout: GONE_MS_MAX, interval: 50 }).toEqual([]);
  });
}, OURS);

/** As it is shipped: one file, in which the watchdog has no file of its own. */
async function bundle(outfile: string): Promise<void> {
  await build({
    entryPoints: ['test/support/server-owner.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    external: ['testcontainers'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
}

function startOwner(program: string, temporary: string): ChildProcess {
  return spawn(process.execPath, [program], {
    env: { ...env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function linesOf({ stdout }: ChildProcess): { next(): Promise<string> } {
  const lines = createInterface({ input: stdout! })[Symbol.asyncIterator]();
  return { next: async () => String((await lines.next()).value) };
}

function remainsOf({ pid, directory }: Traces) {
  return { isAlive: isAlive(pid), hasDirectory: existsSync(directory) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
