// What accounts, clones and limits of a MatrixOne do: the facts that the program is built on.

import { expect, test } from 'vitest';
import type { Fault } from '../../src/kernel/index.ts';
import { faultOf } from '../support/engines.ts';
import { account, asking, factOn, loginOf, named, numberOf, snapshotName } from '../support/matrixone-facts.ts';
import { describeRecorded } from '../support/recorded.ts';
import { createDatabase, freshDatabase, type TestServer } from '../support/servers.ts';
import { effect, specOf } from './store-on.ts';
import { testEngine } from '../support/engines.ts';

async function refusedLogin(server: TestServer, user: string): Promise<string> {
  const { code, message }: Fault = await faultOf(asking(loginOf(server, user)));
  return `${code} ${message.replace(/^.*HY000\): /, '')}`;
}

function restoring(server: TestServer): void {
  test('RESTORE ACCOUNT takes later users and databases away, and the old password opens it', async () => {
    const sys = await factOn(server);
    const { name, url } = await account(sys, server);
    const tenant = await asking(url);
    const s = freshDatabase('s');
    await tenant.run('CREATE DATABASE d', 'CREATE TABLE d.t (a INT)', `CREATE SNAPSHOT ${s} FOR ACCOUNT`);
    await tenant.run("CREATE USER u2 IDENTIFIED BY '111'", 'CREATE DATABASE x');
    await tenant.run(sys.restore.account(name, s));
    const again = await asking(url);
    const users = (await again.rows('SELECT user_name FROM mo_catalog.mo_user')).flat();
    const databases = (await again.rows('SHOW DATABASES')).flat();
    expect([users.includes('u2'), databases.includes('x'), databases.includes('d')]).toEqual([false, false, true]);
  });

  test('RESTORE ACCOUNT .. TO ACCOUNT brings the users of the source, and the new administrator is gone', async () => {
    const sys = await factOn(server);
    const [source, s] = [await account(sys, server), snapshotName(sys)];
    const into = named(sys, 'acc', (name) => `DROP ACCOUNT IF EXISTS ${name}`);
    await sys.run(`CREATE SNAPSHOT ${s} FOR ACCOUNT ${source.name}`);
    await sys.run(`DROP ACCOUNT IF EXISTS ${into}`, `CREATE ACCOUNT ${into} ADMIN_NAME 'chief' IDENTIFIED BY '222'`);
    await sys.run(sys.restore.accountInto({ source: source.name, snapshot: s, into }));
    const asSource = await (await asking(loginOf(server, `${into}:boss`))).value('SELECT current_account_name()');
    expect([await refusedLogin(server, `${into}:chief`), asSource]).toEqual([
      'LOGIN_REFUSED internal error: there is no user chief',
      into,
    ]);
  });

  test('CLONE into another account carries tables and rows, and no sequence', async () => {
    const sys = await factOn(server);
    const [into, s] = [await account(sys, server), snapshotName(sys)];
    await sys.run('CREATE TABLE t (a INT)', 'INSERT INTO t VALUES (1), (2)', 'CREATE SEQUENCE q');
    await sys.run(`CREATE SNAPSHOT ${s} FOR ACCOUNT`);
    await sys.run(`CREATE DATABASE ${sys.db} CLONE ${sys.db} {SNAPSHOT = '${s}'} TO ACCOUNT ${into.name}`);
    const tenant = await asking(into.url);
    expect([
      await tenant.rows(`SHOW TABLES FROM ${sys.db}`),
      await tenant.value(`SELECT COUNT(*) FROM ${sys.db}.t`),
    ]).toEqual([[['t']], '2']);
  });

  test('CLONE drops a view on a database that is not there yet, without a word', async () => {
    const sys = await factOn(server);
    const base = await createDatabase(server, 'base');
    const [into, s] = [await account(sys, server), snapshotName(sys)];
    await sys.run(`CREATE TABLE ${base.name}.t (a INT)`, `CREATE VIEW v AS SELECT a FROM ${base.name}.t`);
    await sys.run('CREATE TABLE own (a INT)', `CREATE SNAPSHOT ${s} FOR ACCOUNT`);
    await sys.run(`CREATE DATABASE ${sys.db} CLONE ${sys.db} {SNAPSHOT = '${s}'} TO ACCOUNT ${into.name}`);
    expect(await (await asking(into.url)).rows(`SHOW TABLES FROM ${sys.db}`)).toEqual([['own']]);
  });

  test('an account that was dropped comes back from a snapshot of sys, under another number', async () => {
    const sys = await factOn(server);
    const [{ name, url }, s] = [await account(sys, server), snapshotName(sys)];
    const tenant = await asking(url);
    await tenant.run('CREATE DATABASE d', 'CREATE TABLE d.t (a INT)', 'INSERT INTO d.t VALUES (1)');
    const number = (): Promise<unknown> =>
      sys.value(`SELECT CAST(account_id AS CHAR) FROM mo_catalog.mo_account WHERE account_name = '${name}'`);
    const before = await number();
    await sys.run(`CREATE SNAPSHOT ${s} FOR ACCOUNT ${name}`, `DROP ACCOUNT ${name}`, sys.restore.account(name, s));
    const after = await number();
    expect([after === before, await (await asking(url)).value('SELECT COUNT(*) FROM d.t')]).toEqual([false, '1']);
  });
}

function filing(server: TestServer): void {
  test('a snapshot of a database whose name another account has too is of our own database', async () => {
    const sys = await factOn(server);
    const { url } = await account(sys, server);
    await (await asking(url)).run(`CREATE DATABASE ${sys.db}`, `CREATE TABLE ${sys.db}.t (a INT)`);
    await sys.run('CREATE TABLE t (a INT)', 'INSERT INTO t VALUES (1)');
    const plain = snapshotName(sys);
    await sys.run(`CREATE SNAPSHOT ${plain} FOR DATABASE ${sys.db}`);
    const filedAs = (name: string): string =>
      `SELECT level, CAST(obj_id AS CHAR) FROM mo_catalog.mo_snapshots WHERE sname = '${name}'`;
    const own = await numberOf(sys, sys.db);
    const [, wrong] = (await sys.rows(filedAs(plain)))[0] ?? [];
    const engine = await testEngine(server.url, { run: effect().run });
    const spec = specOf({ kind: 'databases', databases: [sys.db] });
    await engine.snapshots.create(spec, effect());
    const [level, id] = (await sys.rows(filedAs(spec.name)))[0] ?? [];
    await engine.snapshots.drop(spec.name, effect());
    expect({ isWrong: wrong !== own, isOurs: level === 'account' || id === own }).toEqual({
      isWrong: true,
      isOurs: true,
    });
  });

  test('version 4 lets a tenant take 50 snapshots of its account, version 3 as many as it likes', async () => {
    const sys = await factOn(server);
    const tenant = await asking((await account(sys, server)).url);
    for (let at = 0; at < 50; at += 1) await tenant.run(`CREATE SNAPSHOT s${at} FOR ACCOUNT`);
    const last = 'CREATE SNAPSHOT s50 FOR ACCOUNT';
    const said = sys.isOld ? await tenant.run(last).then(() => 'taken') : await tenant.refusal(last);
    expect(said).toEqual(
      sys.isOld ? 'taken' : '20101 internal error: feature SNAPSHOT with scope account has reached the limit of 50',
    );
  });
}

describeRecorded((server) => {
  restoring(server);
  filing(server);
});
