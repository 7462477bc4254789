// The three worked examples of MatrixOne's manual as it types them, with `snapback` in place of `./mo_br` (and `--yes`,
// because nobody answers here), and the same as plans.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { ownMatrixone } from '../support/own-matrixone.ts';
import { describeEachEngine } from '../support/servers.ts';

const PLANS = fileURLToPath(new URL('../../plans/', import.meta.url));
const statementsOf = (path: string): readonly string[] =>
  readFileSync(join(PLANS, path), 'utf8')
    .split(/;\s*\n/)
    .filter((statement) => statement.trim() !== '');

const ACCOUNT = ['--account', 'sys'];
const TABLES = ['snapshot_read.test_snapshot_read', 'snapshot_read.students'];

function examples(): void {
  const server = ownMatrixone();

  beforeEach(async () => {
    await server.run(['DROP DATABASE IF EXISTS snapshot_read', 'DROP ACCOUNT IF EXISTS acc2']);
    await server.run(statementsOf('matrixone/sql/snapshot_read.sql'));
  });

  const typed = async (...words: readonly string[]) => {
    const [command = '', ...rest] = words;
    const { code, stdout, stderr } = await snapback(['snapshot', command, ...server.login(), ...rest], workFolder());
    return { code, stdout, stderr };
  };
  const counts = async (url = server.url()) => {
    const found: (string | null)[] = [];
    for (const table of TABLES) found.push(...(await server.column(`SELECT COUNT(*) FROM ${table}`, url)));
    return found;
  };
  const taken = async (name: string): Promise<void> => {
    const { code } = await typed('create', '--level', 'account', '--sname', name, ...ACCOUNT);
    expect(code).toEqual(0);
  };
  const dropped = async (name: string): Promise<void> => {
    expect((await typed('drop', '--sname', name, '--yes')).code).toEqual(0);
  };

  test('(a) a table has 50 of its 100 rows left, and all of them after its restore', async () => {
    await taken('sp_01');
    const shown = await typed('show', ...ACCOUNT);
    await server.run(['DELETE FROM snapshot_read.test_snapshot_read WHERE a <= 50']);
    const before = await counts();
    const part = ['--db', 'snapshot_read', '--table', 'test_snapshot_read'];
    const restored = await typed('restore', ...ACCOUNT, ...part, '--sname', 'sp_01', '--yes');
    expect({ shown: shown.stdout, before, code: restored.code, after: await counts() }).toEqual({
      shown: expect.stringMatching(
        /^SNAPSHOT NAME\tTIMESTAMP\t.*\nsp_01\t\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\taccount\tsys\t\t\n$/,
      ) as string,
      before: ['50', '200'],
      code: 0,
      after: ['100', '200'],
    });
    await dropped('sp_01');
  });

  test('(b) two tables of 200 and 100 rows come back with their database', async () => {
    await taken('sp_02');
    await server.run([
      'DELETE FROM snapshot_read.students WHERE id <= 100',
      'DELETE FROM snapshot_read.test_snapshot_read WHERE a <= 51',
    ]);
    const before = await counts();
    const { code } = await typed('restore', ...ACCOUNT, '--db', 'snapshot_read', '--sname', 'sp_02', '--yes');
    expect({ before, code, after: await counts() }).toEqual({ before: ['49', '100'], code: 0, after: ['100', '200'] });
    await dropped('sp_02');
  });

  test('(c) a dropped database comes back with its account', async () => {
    await taken('sp_03');
    await server.run(['DROP DATABASE snapshot_read']);
    const { code } = await typed('restore', ...ACCOUNT, '--sname', 'sp_03', '--yes');
    expect({ code, after: await counts() }).toEqual({ code: 0, after: ['100', '200'] });
    await dropped('sp_03');
  });

  test('(c) into a new account: its administrator finds the rows, and sys is untouched', async () => {
    await taken('sp_03');
    await server.run(['CREATE DATABASE later', 'DELETE FROM snapshot_read.students WHERE id <= 10']);
    const before = await server.column('SHOW DATABASES');
    const into = ['--new_account', 'acc2', '--new_admin_name', 'admin', '--new_admin_password', '111'];
    const { code, stderr } = await typed('restore', ...ACCOUNT, '--sname', 'sp_03', ...into, '--yes');
    const fresh = server.url('acc2:admin', '111');
    expect({
      code,
      told: stderr.split('not carried: rights and passwords').length,
      fresh: await counts(fresh),
      sys: await counts(),
      databases: await server.column('SHOW DATABASES'),
    }).toEqual({ code: 0, told: 3, fresh: ['100', '200'], sys: ['100', '190'], databases: before });
    const other = ['--newaccount', 'acc2', '--newaccountadmin', 'admin', '--newaccountpwd', '111'];
    const again = await typed('restore', ...ACCOUNT, '--sname', 'sp_03', ...other, '--yes');
    expect([again.code, again.stderr.includes('an account acc2 is there already')]).toEqual([4, true]);
    await server.run(['DROP DATABASE later']);
    await dropped('sp_03');
  });

  describe('as plans', () => {
    const plan = async (name: string, env: Readonly<Record<string, string>> = {}) => {
      const words = ['run', join(PLANS, 'matrixone', name)];
      const { code, stderr } = await snapback(words, workFolder(), { DATABASE_URL: server.url(), ...env });
      return { code, last: stderr.split('\n').find((line) => line.startsWith('Committed: ')) ?? stderr };
    };
    const committed = (what: string) => ({ code: 0, last: `Committed: ${what} is as the plan intends. (exit 0)` });

    test.each(['01-table.yaml', '02-database.yaml', '03-account.yaml'])('%s commits', async (name) => {
      expect(await plan(name)).toEqual(committed('account sys'));
      expect(await counts()).toEqual(['100', '200']);
    });

    test('04-new-account.yaml makes the account, and no journal holds the password', async () => {
      const folder = workFolder();
      const env = { DATABASE_URL: server.url(), ADMIN_PASSWORD: 'secret-of-acc2' };
      const words = ['run', join(PLANS, 'matrixone/04-new-account.yaml'), '--json'];
      const { code, stdout } = await snapback(words, folder, env);
      const fresh = await counts(server.url('acc2:admin', 'secret-of-acc2'));
      expect([code, fresh, stdout.includes('secret-of-acc2')]).toEqual([0, ['100', '200'], false]);
    });

    test('05-two-logins.yaml: sys holds the way back of what a tenant migrates', async () => {
      await server.run(["CREATE ACCOUNT IF NOT EXISTS acc1 ADMIN_NAME 'admin' IDENTIFIED BY '111'"]);
      const tenant = server.url('acc1#admin');
      await server.run(['DROP DATABASE IF EXISTS shop', 'CREATE DATABASE shop', 'USE shop'], tenant);
      const shop = `${tenant}shop`;
      await server.run(statementsOf('sql/shop.sql'), shop);
      const end = await plan('05-two-logins.yaml', { SYS_URL: server.url('root'), TENANT_URL: shop });
      expect(end).toEqual(committed('account acc1 and shop'));
      await server.run(['DROP ACCOUNT acc1']);
    });

    test('06-tenant-restore.yaml: sys brings an account back, and the tenant sees its orders', async () => {
      await server.run(["CREATE ACCOUNT IF NOT EXISTS acc1 ADMIN_NAME 'admin' IDENTIFIED BY '111'"]);
      const tenant = server.url('acc1:admin');
      await server.run(['DROP DATABASE IF EXISTS shop', 'CREATE DATABASE shop', 'USE shop'], tenant);
      await server.run(statementsOf('sql/shop.sql'), `${tenant}shop`);
      const taken = await typed('create', '--level', 'account', '--sname', 'acc1_nightly', '--account', 'acc1');
      const before = await server.column('SELECT id FROM shop.orders ORDER BY id', tenant);
      await server.run(['DELETE FROM shop.orders', 'CREATE TABLE shop.later (a INT)'], tenant);
      const end = await plan('06-tenant-restore.yaml', { SYS_URL: server.url(), TENANT_URL: tenant });
      expect({
        taken: taken.code,
        end,
        orders: await server.column('SELECT id FROM shop.orders ORDER BY id', tenant),
        tables: await server.column('SHOW TABLES FROM shop', tenant),
      }).toEqual({ taken: 0, end: committed('account acc1'), orders: before, tables: ['customers', 'orders'] });
      await dropped('acc1_nightly');
      await server.run(['DROP ACCOUNT acc1']);
    });
  });
}

describeEachEngine(examples, { engines: ['matrixone'], origins: ['binary'] });
