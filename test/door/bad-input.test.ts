import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runNode, snapback, workFolder } from '../support/cli.ts';
import { hundredRows, upgradePlan } from '../support/hundred-rows.ts';
import { describeEachEngine, runStatements } from '../support/servers.ts';

const DRIVER = fileURLToPath(new URL('../support/run-until-record.mjs', import.meta.url));

/** A server that nobody runs: reaching for it would fail with exit 9, and not with exit 3. */
const NOBODY = { DATABASE_URL: 'mysql://root@127.0.0.1:9/shop' };
const HEAD = 'version: 1\nname: x\ntarget: { url: "${env:DATABASE_URL}" }\nsteps:\n';

describe('a plan that is wrong ends with exit 3, one clear message, and no connection', () => {
  test.each([
    ['an unknown key', `${HEAD}  - snapshot: {}\n    timout: 5m\n`, 'plan.yaml:6:5 UNKNOWN_KEY'],
    ['a misspelt kind', `${HEAD}  - snapshoot: {}\n`, 'did you mean `snapshot`?'],
    ['a duplicate id', `${HEAD}  - { id: a, snapshot: {} }\n  - { id: a, sql: DELETE FROM t }\n`, 'DUPLICATE_STEP'],
    ['nothing to restore from', `${HEAD}  - sql: DELETE FROM t\n`, 'NOTHING_TO_RESTORE_FROM'],
    ['an empty file', '', 'plan.yaml:1:1'],
    ['broken YAML', 'version: 1\nname: [x\n', 'plan.yaml:'],
  ])('%s', async (_, plan, message) => {
    const { code, stderr, stdout } = await snapback(['run', 'plan.yaml'], workFolder({ 'plan.yaml': plan }), NOBODY);
    expect({ code, stdout, says: stderr.includes(message) ? message : stderr }).toEqual({
      code: 3,
      stdout: '',
      says: message,
    });
  });

  test('a file that is not there', async () => {
    const { code, stderr } = await snapback(['run', 'nowhere.yaml'], workFolder(), NOBODY);
    expect({ code, says: stderr.includes('nowhere.yaml') }).toEqual({ code: 3, says: true });
  });

  test('a file of five megabytes', async () => {
    const folder = workFolder({ 'plan.yaml': `# ${'x'.repeat(5 * 2 ** 20)}\n` });
    expect((await snapback(['run', 'plan.yaml'], folder, NOBODY)).code).toEqual(3);
  });
});

describe('a command line that is wrong ends with exit 2', () => {
  test.each([
    ['an unknown command', ['snapshoot']],
    ['a missing plan', ['run']],
    ['a variable without a value', ['run', 'plan.yaml', '--var', 'currency']],
    ['an unknown format', ['report', '--format', 'pdf']],
  ])('%s', async (_, words) => {
    expect((await snapback(words, workFolder(), NOBODY)).code).toEqual(2);
  });
});

describe('a server that cannot be reached ends with exit 9, before any effect', () => {
  test.each([
    ['a refused port', 'mysql://root@127.0.0.1:9/shop', 'ECONNREFUSED'],
    ['an unknown host', 'mysql://root@no-such-host.invalid/shop', 'no-such-host.invalid'],
  ])('%s', async (_, url, message) => {
    const { code, stderr } = await snapback(['run', 'plan.yaml'], workFolder(upgradePlan(undefined)), {
      DATABASE_URL: url,
    });
    expect({ code, says: stderr.includes(message), untouched: stderr.includes('Nothing was changed.') }).toEqual({
      code: 9,
      says: true,
      untouched: true,
    });
  });
});

describeEachEngine((server) => {
  test('a wrong password ends with exit 9 and is written nowhere', async () => {
    const url = new URL(server.url);
    url.password = 'canary-4711';
    url.pathname = '/shop';
    const folder = workFolder(upgradePlan(undefined));
    const { code, stdout, stderr } = await snapback(['run', 'plan.yaml', '--json'], folder, { DATABASE_URL: url.href });
    expect({ code, leaks: `${stdout}${stderr}`.includes('canary-4711') }).toEqual({ code: 9, leaks: false });
  });

  test('an unknown database ends with exit 9 and names it', async () => {
    const url = new URL(server.url);
    url.pathname = '/no_such_database';
    const end = await snapback(['run', 'plan.yaml'], workFolder(upgradePlan(undefined)), { DATABASE_URL: url.href });
    expect({ code: end.code, says: end.stderr.includes('no_such_database') }).toEqual({ code: 9, says: true });
  });

  test('a second run on the scope of an open one ends with exit 8; after `close` it may run', async () => {
    const { url } = await hundredRows(server);
    const folder = workFolder(upgradePlan(undefined));
    const env = { DATABASE_URL: url };
    await runNode([DRIVER, 'run', 'plan.yaml', '.snapback/runs', '12'], folder, env);
    const open = readdirSync(join(folder, '.snapback/runs')).find((name) => name.endsWith('.journal')) ?? '';
    const run = open.replace('.journal', '');

    const second = await snapback(['run', 'plan.yaml', '--journal-dir', 'elsewhere'], folder, env);
    expect({ code: second.code, names: second.stderr.includes(`run ${run} of plan add-currency`) }).toEqual({
      code: 8,
      names: true,
    });

    const closed = await snapback(['close', run, '--because', 'a test takes over'], folder, env);
    const third = await snapback(['run', 'plan.yaml', '--journal-dir', 'elsewhere'], folder, env);
    expect({ closed: closed.code, third: third.code }).toEqual({ closed: 0, third: 0 });
  });
});

describeEachEngine(
  (server) => {
    test('a login without the privileges that it needs is told which to grant', async () => {
      const { name, url } = await hundredRows(server);
      const user = `reader_${name}`;
      await runStatements(server.url, [
        `CREATE USER '${user}'@'localhost' IDENTIFIED BY 'secret'`,
        `GRANT SELECT ON \`${name}\`.* TO '${user}'@'localhost'`,
      ]);
      const login = new URL(url);
      login.username = user;
      login.password = 'secret';
      const end = await snapback(['run', 'plan.yaml'], workFolder(upgradePlan(undefined)), {
        DATABASE_URL: login.href,
      });
      await runStatements(server.url, [`DROP USER '${user}'@'localhost'`]);
      expect({ code: end.code, says: end.stderr.includes('GRANT ') }).toEqual({ code: 4, says: true });
    });
  },
  { engines: ['mariadb', 'mysql'], origins: ['binary'] },
);
