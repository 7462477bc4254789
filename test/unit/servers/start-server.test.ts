import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Fault } from '../../../src/kernel/index.ts';
import { findServers, startServer } from '../../../src/servers/index.ts';

const runtime = vi.hoisted(() => ({ isThere: false }));
vi.mock('testcontainers', () => ({
  getContainerRuntimeClient: async () => {
    if (!runtime.isThere) throw new Error('Could not find a working container runtime strategy');
  },
}));

let folder: string;

beforeEach(() => {
  runtime.isThere = false;
  folder = mkdtempSync(join(tmpdir(), 'bin-'));
  vi.stubEnv('TMPDIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe(findServers, () => {
  test('prefers a URL to a program, tells what a program is by what it says, and not by its name', async () => {
    const mariadb = put('fake-mariadb', 'echo "mysqld  Ver 11.4.2-MariaDB for Linux"');
    const mysql = put('fake-mysql', 'echo "mysqld  Ver 8.4.1 for Linux"');
    const url = 'mysql://root@db:6001';
    const env = { SNAPBACK_MARIADBD: mariadb, SNAPBACK_MYSQLD: mysql, SNAPBACK_TEST_MATRIXONE_URL: url };
    expect(await findServers(env)).toEqual([
      { kind: 'binary', engine: 'mariadb', path: mariadb, version: '11.4.2' },
      { kind: 'binary', engine: 'mysql', path: mysql, version: '8.4.1' },
      { kind: 'url', engine: 'matrixone', variable: 'SNAPBACK_TEST_MATRIXONE_URL', url },
    ]);
  });

  test('takes an image that is named, and no program that is there, and says so without Docker', async () => {
    const mariadb = put('fake-mariadb', 'echo "mysqld  Ver 11.4.2-MariaDB for Linux"');
    const env = { SNAPBACK_MARIADBD: mariadb, SNAPBACK_MARIADB_IMAGE: 'registry.example/mariadb:11.4' };
    runtime.isThere = true;
    const [withDocker] = await findServers(env);
    runtime.isThere = false;
    const [without] = await findServers(env);
    expect([withDocker, without?.kind === 'missing' ? without.reason : without]).toEqual([
      { kind: 'docker', engine: 'mariadb', image: 'registry.example/mariadb:11.4' },
      'SNAPBACK_MARIADB_IMAGE asks for a container, and no Docker',
    ]);
  });

  test('refuses a variable that names the program of another engine', async () => {
    const env = { SNAPBACK_MYSQLD: put('fake', 'echo "mysqld  Ver 11.4.2-MariaDB for Linux"') };
    expect(await messageOf(findServers(env))).toEqual(
      `SNAPBACK_MYSQLD names ${join(folder, 'fake')}, which is mariadb 11.4.2`,
    );
  });
});

describe(startServer, () => {
  // No program has this version, so the machine's own ones do not count.
  const version = '0.0';

  test('without URL, program and Docker it says how to install a server here', async () => {
    put('dnf', 'exit 0');
    const fault = await faultOf(startServer({ engine: 'mariadb', version, env: { PATH: folder } }));
    expect([fault.code, fault.message]).toEqual([
      'NO_SERVER',
      'no MariaDB can be started here: no mariadbd of version 0.0 on PATH, and no Docker. ' +
        'To install one: dnf install -y mariadb-server',
    ]);
  });

  test('shows the end of the log of a program that does not start, and leaves nothing behind', async () => {
    const program = put(
      'mo-service',
      '[ "$1" = -version ] && exec echo "MatrixOne\nVersion: v9.9.9"\necho boom >&2\nexit 3',
    );
    const env = { PATH: process.env['PATH'], SNAPBACK_MO_SERVICE: program };
    const fault = await faultOf(startServer({ engine: 'matrixone', env }));
    const [first = '', ...log] = fault.message.split('\n');
    expect([fault.code, first.replace(/\d+:$/, 'N:'), log]).toEqual([
      'NO_SERVER',
      `${program} did not start on port N:`,
      ['  boom'],
    ]);
    expect(readdirSync(folder)).toEqual(['mo-service']);
  });

  test('an abort ends the attempt and leaves nothing behind', async () => {
    const program = put('mo-service', '[ "$1" = -version ] && exec echo "MatrixOne\nVersion: v9.9.9"\nexec sleep 600');
    const env = { PATH: process.env['PATH'], SNAPBACK_MO_SERVICE: program };
    const stop = new AbortController();
    const reason = new Error('enough');
    const debug = (): void => stop.abort(reason);
    const log = { debug, info: debug, warn: debug, error: debug };
    const attempt = startServer({ engine: 'matrixone', env, log, signal: stop.signal });
    await expect(attempt).rejects.toThrow(reason);
    expect(readdirSync(folder)).toEqual(['mo-service']);
  });

  test('a URL that cannot be read is refused before anything is tried', async () => {
    const fault = await faultOf(startServer({ env: { SNAPBACK_TEST_MYSQL_URL: 'db.example' } }));
    expect(fault.code).toEqual('USAGE');
  });
});

test('with Docker, and without a program of that version, a container would be used', async () => {
  runtime.isThere = true;
  const { findServer } = await import('../../../src/servers/find-servers.ts');
  expect(await findServer({ engine: 'mysql', version: '8.0', env: {} })).toEqual({
    kind: 'docker',
    engine: 'mysql',
    image: 'mysql:8.0',
  });
});

async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const error = await promise.then(
    () => new Error('nothing was thrown'),
    (problem: unknown) => problem,
  );
  if (error instanceof Fault) return error;
  throw error;
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  return (await faultOf(promise)).message;
}

function put(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}
