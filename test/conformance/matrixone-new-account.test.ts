// A snapshot of one account into another that is made on the way. Sources are accounts of the tests' own: what takes
// account `sys` as its source is in test/door/matrixone-examples.test.ts, on a server of its own.

import { expect, onTestFinished, test } from 'vitest';
import type { Engine, NewAccount } from '../../src/engines/index.ts';
import { Fault, Secret, type RunId, type SnapshotName } from '../../src/kernel/index.ts';
import { faultOf, never, testEngine } from '../support/engines.ts';
import { describeRecorded } from '../support/recorded.ts';
import { freshDatabase, openClient, runStatements, type TestServer } from '../support/servers.ts';
import { effect, specOf } from './store-on.ts';

function loginOf(server: TestServer, user: string, password = '111'): string {
  const url = new URL(server.url);
  url.username = encodeURIComponent(user);
  url.password = password;
  return url.href;
}

async function column(url: string, sql: string): Promise<readonly (string | null | undefined)[]> {
  const client = await openClient(url);
  try {
    return (await client.query(sql)).map((row) => Object.values(row)[0]);
  } finally {
    await client.close();
  }
}

interface Source {
  readonly account: string;
  readonly url: string;
  readonly engine: Engine;
  readonly name: SnapshotName;
}

/** An account with databases of its own, and a snapshot of it that `sys` took. */
async function source(server: TestServer, statements: readonly string[]): Promise<Source> {
  const account = freshDatabase('src');
  await runStatements(server.url, [`CREATE ACCOUNT ${account} ADMIN_NAME 'boss' IDENTIFIED BY '111'`]);
  onTestFinished(() => runStatements(server.url, [`DROP ACCOUNT IF EXISTS ${account}`]));
  const url = loginOf(server, `${account}:boss`);
  await runStatements(url, statements);
  const engine = await testEngine(server.url, { run: effect().run });
  const spec = specOf({ kind: 'account', account });
  await engine.snapshots.create(spec, effect());
  onTestFinished(() => engine.snapshots.drop(spec.name, effect()));
  return { account, url, engine, name: spec.name };
}

/** An account that is not there yet, and is dropped when the test has finished. */
function fresh(server: TestServer, admin: string): NewAccount {
  const account = freshDatabase('new');
  onTestFinished(() => runStatements(server.url, [`DROP ACCOUNT IF EXISTS ${account}`]));
  return { account, admin, password: new Secret('222') };
}

function restore({ engine, name }: Source, wanted: NewAccount, run = effect().run) {
  const { newAccounts } = engine.snapshots;
  if (newAccounts === undefined) throw new Error('a server with accounts');
  return newAccounts.restore(name, wanted, effect({ run }));
}

const FULL = [
  'CREATE DATABASE b',
  'CREATE TABLE b.t (a INT PRIMARY KEY, n VARCHAR(10), UNIQUE KEY un (n))',
  "INSERT INTO b.t VALUES (1, 'x'), (2, 'y')",
  'CREATE TABLE b.c (a INT, CONSTRAINT up FOREIGN KEY (a) REFERENCES b.t (a))',
  'INSERT INTO b.c VALUES (1)',
  'CREATE VIEW b.own AS SELECT a FROM b.t',
  'CREATE DATABASE a',
  'CREATE VIEW a.far AS SELECT a FROM b.t',
  'CREATE ROLE reader',
  "CREATE USER clerk IDENTIFIED BY '333' DEFAULT ROLE reader",
  'GRANT CONNECT ON ACCOUNT * TO reader',
  'GRANT SELECT ON TABLE b.t TO reader',
];

function carrying(server: TestServer): void {
  test('databases are cloned in the order that their views need, under the administrator asked for', async () => {
    const from = await source(server, [...FULL, 'CREATE SEQUENCE b.counter']);
    const wanted = fresh(server, 'admin');
    const preview = await from.engine.snapshots.newAccounts?.preview(from.name, wanted, effect());
    const { declared = [], restored, row_count: rows, into } = await restore(from, wanted);
    const url = loginOf(server, `${wanted.account}:admin`, '222');
    expect({
      told: preview?.notCarried,
      way: preview?.way.startsWith('cloned database by database'),
      declared: declared.filter((one) => one.startsWith('not carried: ')).map((one) => one.slice(13)),
      evidence: { restored, rows, into },
      far: await column(url, 'SELECT a FROM a.far ORDER BY a'),
      users: await column(url, 'SELECT user_name FROM mo_catalog.mo_user'),
      source: await column(from.url, 'SELECT COUNT(*) FROM b.t'),
    }).toEqual({
      told: [
        'users: boss, clerk',
        'roles: reader',
        'rights and passwords',
        'sequences: b.counter',
        'snapshots and PITRs',
      ],
      way: true,
      declared: preview?.notCarried,
      evidence: { restored: ['b.c', 'b.t'], rows: 3, into: wanted.account },
      far: ['1', '2'],
      users: ['admin'],
      source: ['2'],
    });
  });

  test("with the source's administrator, users, roles and rights come along, and the password is new", async () => {
    const from = await source(server, FULL);
    // The record that snapback keeps in the source is not taken for the new account's.
    const own = await testEngine(from.url, { run: effect().run });
    await own.runs.open(
      { run: effect().run, planName: 'p', scope: { kind: 'databases', databases: ['b'] }, holder: 'me' },
      never,
    );
    const again = specOf({ kind: 'account', account: from.account });
    await from.engine.snapshots.create(again, effect());
    onTestFinished(() => from.engine.snapshots.drop(again.name, effect()));
    const wanted = fresh(server, 'boss');
    const { declared = [] } = await restore({ ...from, name: again.name }, wanted);
    const clerk = loginOf(server, `${wanted.account}:clerk`, '333');
    const boss = loginOf(server, `${wanted.account}:boss`, '222');
    expect({
      granted: declared.filter((one) => one.includes('granted again')),
      clerk: await column(clerk, 'SELECT a FROM b.t ORDER BY a'),
      databases: (await column(boss, 'SHOW DATABASES')).filter((name) => ['a', 'b', 'snapback'].includes(name ?? '')),
      old: await column(from.url, 'SELECT COUNT(*) FROM b.t'),
    }).toEqual({
      granted: ['1 rights on tables and databases were granted again'],
      clerk: ['1', '2'],
      databases: ['a', 'b'],
      old: ['2'],
    });
    await expect(openClient(loginOf(server, `${wanted.account}:boss`, '111'))).rejects.toThrow('password');
  });
}

function refusing(server: TestServer): void {
  const FAR_KEY = [
    'CREATE DATABASE p',
    'CREATE TABLE p.t (a INT PRIMARY KEY)',
    'CREATE DATABASE c',
    'CREATE TABLE c.t (a INT, CONSTRAINT far FOREIGN KEY (a) REFERENCES p.t (a))',
  ];

  test('a foreign key between databases is refused, with the administrator who could have it', async () => {
    const from = await source(server, FAR_KEY);
    const wanted = fresh(server, 'admin');
    const { code, message, hint } = await faultOf(restore(from, wanted));
    expect({ code, names: message.includes('foreign key far of c.t points into database p'), hint }).toEqual({
      code: 'SNAPSHOT_REFUSED',
      names: true,
      hint: 'Nothing was changed. With boss as administrator the whole account can be restored.',
    });
    expect((await restore(from, { ...wanted, admin: 'boss' })).restored).toEqual(['c.t', 'p.t']);
  });

  test('an account that is there is never overwritten, and neither is the source', async () => {
    const from = await source(server, ['CREATE DATABASE b']);
    const wanted = fresh(server, 'admin');
    const create = `CREATE ACCOUNT ${wanted.account} ADMIN_NAME 'own' IDENTIFIED BY '111'`;
    await runStatements(server.url, [create]);
    const taken = await faultOf(restore(from, wanted));
    const itself = await faultOf(restore(from, { ...wanted, account: from.account }));
    const sys = await faultOf(restore(from, { ...wanted, account: 'SYS' }));
    expect([taken.code, itself.code, sys.code]).toEqual(Array(3).fill('SNAPSHOT_REFUSED'));
    const own = loginOf(server, `${wanted.account}:own`);
    expect(await column(own, 'SELECT user_name FROM mo_catalog.mo_user')).toEqual(['own']);
  });

  test('only sys can make an account, and the refusal says which login can', async () => {
    const from = await source(server, ['CREATE DATABASE b']);
    const engine = await testEngine(from.url, { run: effect().run });
    const fault = await faultOf(restore({ ...from, engine }, fresh(server, 'admin')));
    expect([fault.code, fault.hint.includes('sys:root')]).toEqual(['SNAPSHOT_REFUSED', true]);
  });

  test('a snapshot of a database is no account, and the refusal says which level is', async () => {
    const from = await source(server, ['CREATE DATABASE b']);
    const database = freshDatabase('one');
    await runStatements(server.url, [`CREATE DATABASE ${database}`]);
    onTestFinished(() => runStatements(server.url, [`DROP DATABASE ${database}`]));
    const spec = specOf({ kind: 'databases', databases: [database] });
    await from.engine.snapshots.create(spec, effect());
    onTestFinished(() => from.engine.snapshots.drop(spec.name, effect()));
    const fault = await faultOf(restore({ ...from, name: spec.name }, fresh(server, 'admin')));
    expect([fault.code, fault.hint.includes('--level account')]).toEqual(['SNAPSHOT_REFUSED', true]);
  });
}

function cutting(server: TestServer): void {
  /** A restore that ends with this fault right before it fills the account. */
  async function cut(from: Source, wanted: NewAccount, fault: Fault, run: RunId) {
    const { newAccounts } = from.engine.snapshots;
    const assertLocked = (): Promise<void> => Promise.reject(fault);
    return faultOf(newAccounts?.restore(from.name, wanted, effect({ run, assertLocked })) ?? Promise.resolve());
  }

  test('what fails on the way takes its half-made account away again', async () => {
    const from = await source(server, FULL);
    const wanted = fresh(server, 'admin');
    const { code } = await cut(from, wanted, new Fault('LOCK_WAIT', 'cut by the test'), effect().run);
    const left = await column(
      server.url,
      `SELECT account_name FROM mo_catalog.mo_account WHERE account_name = '${wanted.account}'`,
    );
    expect([code, left]).toEqual(['RESTORE_FAILED', []]);
  });

  test('what was cut is made anew by the next try, because the record says that it was ours', async () => {
    const from = await source(server, FULL);
    const wanted = fresh(server, 'admin');
    await cut(from, wanted, new Fault('INTERRUPTED', 'cut by the test'), 'cutrun1' as RunId);
    const half = loginOf(server, `${wanted.account}:admin`, '222');
    const left = await column(half, "SELECT datname FROM mo_catalog.mo_database WHERE datname IN ('a', 'b')");
    const { restored } = await restore(from, wanted, 'cutrun2' as RunId);
    expect([left, restored, await column(half, 'SELECT COUNT(*) FROM b.t')]).toEqual([[], ['b.c', 'b.t'], ['2']]);
  });

  test('a half-made account that somebody else made since is not ours to drop', async () => {
    const from = await source(server, FULL);
    const wanted = fresh(server, 'admin');
    await cut(from, wanted, new Fault('INTERRUPTED', 'cut by the test'), 'cutrun3' as RunId);
    await runStatements(server.url, [
      `DROP ACCOUNT ${wanted.account}`,
      `CREATE ACCOUNT ${wanted.account} ADMIN_NAME 'own' IDENTIFIED BY '111'`,
    ]);
    expect((await faultOf(restore(from, wanted))).code).toEqual('SNAPSHOT_REFUSED');
    const own = loginOf(server, `${wanted.account}:own`);
    expect(await column(own, 'SELECT current_account_name()')).toEqual([wanted.account]);
  });
}

describeRecorded((server) => {
  carrying(server);
  refusing(server);
  cutting(server);
});
