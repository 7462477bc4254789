import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../../src/kernel/index.ts';
import { installHint, installServer } from '../../../src/servers/index.ts';
import { privilege } from '../../../src/servers/install-server.ts';

const isRoot = process.geteuid?.() === 0;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bin-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe(installHint, () => {
  test.each([
    ['apt-get', 'apt-get update && apt-get install -y mariadb-server'],
    ['dnf', 'dnf install -y mariadb-server'],
    ['apk', 'apk add mariadb mariadb-client'],
    ['brew', 'brew install mariadb'],
  ])('on a machine with %s says `%s`', (manager, hint) => {
    put(manager, 'exit 0');
    expect(installHint({ PATH: `/nonexistent:${folder}` })).toEqual(hint);
  });

  test('on a machine with none of them points at Docker', () => {
    expect(installHint({ PATH: folder })).toEqual('install Docker: https://docs.docker.com/get-started/get-docker/');
  });

  test('names what each engine takes', () => {
    put('dnf', 'exit 0');
    const hints = (['mariadb', 'mysql', 'matrixone'] as const).map((engine) => installHint({ PATH: folder }, engine));
    expect(hints).toEqual(['dnf install -y mariadb-server', 'dnf install -y mysql-server', 'dnf install -y docker']);
  });
});

describe(installServer, () => {
  test('runs the commands of the system, as root or through sudo, and passes their output on', async () => {
    put('apt-get', 'echo "$DEBIAN_FRONTEND: $*"');
    put('sudo', 'shift; case "$1" in *=*) export "$1"; shift;; esac; exec "$@"');
    const prefix = isRoot ? '' : 'sudo -n DEBIAN_FRONTEND=noninteractive ';
    expect(await outputOf()).toEqual([
      `$ ${prefix}apt-get update`,
      'noninteractive: update',
      `$ ${prefix}apt-get install -y mariadb-server`,
      'noninteractive: install -y mariadb-server',
    ]);
  });

  test('stops at the first command that fails, and shows the end of what it printed', async () => {
    put('apt-get', 'echo no network >&2; exit 100');
    put('sudo', 'shift; case "$1" in *=*) export "$1"; shift;; esac; exec "$@"');
    await expect(outputOf()).rejects.toThrow(/apt-get update` ended with 100:\nno network$/);
  });

  test('without a package manager that it knows it changes nothing and says so', async () => {
    await expect(outputOf()).rejects.toThrow('found none of apt-get, dnf, apk and brew to install a server with');
  });

  test('an ordinary user without sudo, or whose sudo asks for a password, is told what to run as root', async () => {
    const refusal = ['GUARD_REFUSED', 'As root: apt-get update && apt-get install -y mariadb-server'];
    expect(await refusalOf({ manager: 'apt-get', isRoot: false })).toEqual(refusal);
    put('sudo', 'exit 1');
    expect(await refusalOf({ manager: 'apt-get', isRoot: false })).toEqual(refusal);
  });

  test('brew, which refuses root, is only run by an ordinary user', async () => {
    expect(await refusalOf({ manager: 'brew', isRoot: true })).toEqual([
      'GUARD_REFUSED',
      'As an ordinary user: brew install mariadb',
    ]);
    expect(await privilege({ manager: 'brew', isRoot: false, env: { PATH: folder } })).toEqual([]);
  });
});

async function refusalOf(caller: { manager: 'apt-get' | 'brew'; isRoot: boolean }): Promise<readonly string[]> {
  const refused = await privilege({ ...caller, env: { PATH: folder } }).then(
    () => undefined,
    (problem: unknown) => problem,
  );
  if (!(refused instanceof Fault)) throw new Error('nothing was refused', { cause: refused });
  return [refused.code, refused.hint];
}

async function outputOf(): Promise<readonly string[]> {
  const lines: string[] = [];
  // Nothing but what a test has put there: the machine's own package manager must never be found.
  await installServer({ env: { PATH: folder }, onOutput: (line) => lines.push(line) });
  return lines;
}

function put(name: string, body: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, name), 0o755);
}
