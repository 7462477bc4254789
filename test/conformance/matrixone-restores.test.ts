// Restores that the server would answer with OK and not do, or do less of: each is found before anything is sent, with
// what to do instead, or goes another way that works. The snapshots are taken by hand, as others than snapback would.

import { expect, onTestFinished, test } from 'vitest';
import type { Engine, ScopePart } from '../../src/engines/index.ts';
import type { SnapshotName } from '../../src/kernel/index.ts';
import { faultOf, testEngine } from '../support/engines.ts';
import { describeRecorded } from '../support/recorded.ts';
import { createDatabase, freshDatabase, openClient, runStatements } from '../support/servers.ts';
import type { TestServer } from '../support/servers.ts';
import { effect, specOf } from './store-on.ts';

interface Made {
  readonly database: string;
  readonly name: SnapshotName;
  readonly engine: Engine;
}

/** A database, and a snapshot of it (or of the whole login's account) that was made by hand. */
async function made(server: TestServer, statements: readonly string[], later: readonly string[] = []): Promise<Made> {
  const { name: database, url } = await createDatabase(server, 'said_ok');
  const name = freshDatabase('hand') as SnapshotName;
  await runStatements(url, [...statements, `CREATE SNAPSHOT ${name} FOR DATABASE ${database}`, ...later]);
  onTestFinished(() => runStatements(server.url, [`DROP SNAPSHOT IF EXISTS ${name}`]));
  return { database, name, engine: await testEngine(server.url, { run: effect().run }) };
}

async function rowsOf(server: TestServer, table: string): Promise<readonly (string | null | undefined)[]> {
  const client = await openClient(server.url);
  try {
    return (await client.query(`SELECT * FROM ${table} ORDER BY 1`)).map((row) => Object.values(row)[0]);
  } finally {
    await client.close();
  }
}

async function refusal({ engine, name, database }: Made, part?: ScopePart): Promise<string> {
  const { code, message } = await faultOf(engine.snapshots.restore(name, part, effect()));
  return `${code} ${message}`.replaceAll(database, 'DB');
}

const FAMILY = [
  'CREATE TABLE p (a INT PRIMARY KEY)',
  'CREATE TABLE c (a INT PRIMARY KEY, CONSTRAINT up FOREIGN KEY (a) REFERENCES p (a))',
  'INSERT INTO p VALUES (1), (2)',
  'INSERT INTO c VALUES (1)',
];

function foreignKeys(server: TestServer): void {
  test('a parent table alone is refused, and comes back together with its child', async () => {
    const from = await made(server, FAMILY, ['DELETE FROM p WHERE a = 2', 'INSERT INTO p VALUES (3)']);
    const { database } = from;
    const p = { database, table: 'p' };
    expect(await refusal(from, { tables: [p] })).toEqual(
      'SNAPSHOT_REFUSED this server could not put everything back: foreign key up of DB.c points at DB.p from' +
        ' outside: cover that table too',
    );
    await from.engine.snapshots.restore(from.name, { tables: [p, { database, table: 'c' }] }, effect());
    expect([await rowsOf(server, `${database}.p`), await rowsOf(server, `${database}.c`)]).toEqual([['1', '2'], ['1']]);
  });

  test('a table that points at itself comes back, its key with it', async () => {
    const from = await made(
      server,
      [
        'CREATE TABLE t (a INT PRIMARY KEY, b INT, CONSTRAINT own FOREIGN KEY (b) REFERENCES t (a))',
        'INSERT INTO t VALUES (1, NULL), (2, 1)',
      ],
      ['DELETE FROM t WHERE a = 2'],
    );
    const part = { tables: [{ database: from.database, table: 't' }] };
    await from.engine.snapshots.restore(from.name, part, effect());
    expect((await from.engine.snapshots.prove(from.name, part, effect())).differences).toEqual([]);
    await expect(runStatements(server.url, [`INSERT INTO ${from.database}.t VALUES (9, 8)`])).rejects.toThrow(
      'child row',
    );
  });

  test('a database with a table that points at itself comes back whole', async () => {
    const from = await made(
      server,
      [
        'CREATE TABLE t (a INT PRIMARY KEY, b INT, CONSTRAINT own FOREIGN KEY (b) REFERENCES t (a))',
        'INSERT INTO t VALUES (1, NULL), (2, 1)',
      ],
      ['DELETE FROM t WHERE a = 2', 'CREATE TABLE later (a INT)'],
    );
    const { removed } = await from.engine.snapshots.restore(from.name, undefined, effect());
    expect([removed, await rowsOf(server, `${from.database}.t`)]).toEqual([[`${from.database}.later`], ['1', '2']]);
  });

  test('a child whose parent is gone is refused with the name of the parent, and both together come back', async () => {
    const from = await made(server, FAMILY, ['DROP TABLE c', 'DROP TABLE p']);
    const { database } = from;
    const c = { database, table: 'c' };
    expect(await refusal(from, { tables: [c] })).toEqual(
      'SNAPSHOT_REFUSED this server could not put everything back: foreign key up of DB.c points at DB.p, which is' +
        ' gone: restore that table too',
    );
    await from.engine.snapshots.restore(from.name, { tables: [c, { database, table: 'p' }] }, effect());
    expect(await rowsOf(server, `${database}.c`)).toEqual(['1']);
  });

  test('a database that another one points at is refused with the name of the key', async () => {
    const from = await made(server, FAMILY, ['INSERT INTO p VALUES (7)']);
    const other = await createDatabase(server, 'outside');
    const key = `CONSTRAINT far FOREIGN KEY (a) REFERENCES ${from.database}.p (a)`;
    await runStatements(other.url, [`CREATE TABLE o (a INT, ${key})`]);
    expect((await refusal(from)).replaceAll(other.name, 'OTHER')).toContain(
      'foreign key far of OTHER.o points at DB.p from outside: cover that table too',
    );
    expect(await rowsOf(server, `${from.database}.p`)).toEqual(['1', '2', '7']);
    await runStatements(other.url, ['DROP TABLE o']);
  });
}

function lost(server: TestServer): void {
  test.each([
    ['sequence', 'CREATE SEQUENCE x', 'sequence DB.x would be lost: restore the other tables by name'],
    [
      'external table',
      `CREATE EXTERNAL TABLE x (a INT) INFILE {'filepath'='/nowhere/x.csv'}`,
      'external table DB.x would be lost: restore the other tables by name',
    ],
  ])(
    'a %s in a snapshot is named before the restore, and the tables beside it come back by name',
    async (_, sql, told) => {
      const from = await made(server, ['CREATE TABLE t (a INT)', 'INSERT INTO t VALUES (1)', sql], ['DELETE FROM t']);
      expect(await refusal(from)).toContain(told);
      await from.engine.snapshots.restore(from.name, { tables: [{ database: from.database, table: 't' }] }, effect());
      expect(await rowsOf(server, `${from.database}.t`)).toEqual(['1']);
    },
  );

  test('a view that the snapshot cannot resolve is named before the restore, and nothing has changed', async () => {
    const from = await made(
      server,
      ['CREATE TABLE gone (a INT)', 'CREATE VIEW v AS SELECT a FROM gone', 'DROP TABLE gone', 'CREATE TABLE t (a INT)'],
      ['INSERT INTO t VALUES (5)'],
    );
    expect(await refusal(from)).toContain('view DB.v cannot be resolved');
    expect(await rowsOf(server, `${from.database}.t`)).toEqual(['5']);
  });

  test('a view that reads a database that is gone since is named, and comes back once that is there', async () => {
    const other = await createDatabase(server, 'read');
    await runStatements(other.url, ['CREATE TABLE base (a INT)']);
    const view = `CREATE VIEW v AS SELECT a FROM ${other.name}.base`;
    const from = await made(server, ['CREATE TABLE t (a INT)', view], ['INSERT INTO t VALUES (5)']);
    await runStatements(server.url, [`DROP DATABASE ${other.name}`]);
    expect((await refusal(from)).replaceAll(other.name, 'OTHER')).toContain(
      'view DB.v reads OTHER.base, which is gone: restore that first',
    );
    await runStatements(server.url, [`CREATE DATABASE ${other.name}`, `CREATE TABLE ${other.name}.base (a INT)`]);
    await from.engine.snapshots.restore(from.name, undefined, effect());
    expect(await rowsOf(server, `${from.database}.t`)).toEqual([]);
  });

  test('a publication made since the snapshot is named before a restore that would delete it', async () => {
    const publication = freshDatabase('pub');
    const from = await made(server, ['CREATE TABLE t (a INT)'], ['INSERT INTO t VALUES (5)']);
    await runStatements(server.url, [`CREATE PUBLICATION ${publication} DATABASE ${from.database} ACCOUNT ALL`]);
    onTestFinished(() => runStatements(server.url, [`DROP PUBLICATION IF EXISTS ${publication}`]));
    expect((await refusal(from)).replaceAll(publication, 'PUB')).toContain(
      'publication PUB of DB would be lost: drop it first',
    );
    const part = { tables: [{ database: from.database, table: 't' }] };
    expect(await refusal(from, part)).toContain('would be lost');
    await runStatements(server.url, [`DROP PUBLICATION ${publication}`]);
  });

  test('a snapshot that a person takes may hold what cannot come back, and says so', async () => {
    const { name, url } = await createDatabase(server, 'anyway');
    await runStatements(url, ['CREATE SEQUENCE s']);
    const engine = await testEngine(server.url, { run: effect().run });
    const spec = specOf({ kind: 'databases', databases: [name] }, { mayLose: true });
    onTestFinished(() => engine.snapshots.drop(spec.name, effect()));
    expect((await engine.snapshots.create(spec, effect())).declared).toEqual([
      `a restore of all of it would be refused: sequence ${name}.s would be lost:` +
        ' drop it, or keep it in another database',
    ]);
  });
}

/** Who may do what with which snapshot. */
function accounts(server: TestServer): void {
  async function tenant(statements: readonly string[]) {
    const account = freshDatabase('acc');
    await runStatements(server.url, [`CREATE ACCOUNT ${account} ADMIN_NAME 'boss' IDENTIFIED BY '111'`]);
    onTestFinished(() => runStatements(server.url, [`DROP ACCOUNT IF EXISTS ${account}`]));
    const login = new URL(server.url);
    login.username = encodeURIComponent(`${account}#boss`);
    login.password = '111';
    const own = { ...server, url: login.href };
    await runStatements(own.url, statements);
    return { account, own };
  }

  const DATA = ['CREATE DATABASE d', 'CREATE TABLE d.t (a INT)', 'INSERT INTO d.t VALUES (1)'];

  test('sys takes a snapshot of an account, restores it and proves it, users included', async () => {
    const { account, own } = await tenant(DATA);
    const engine = await testEngine(server.url, { run: effect().run });
    const spec = specOf({ kind: 'account', account });
    onTestFinished(() => engine.snapshots.drop(spec.name, effect()));
    const taken = await engine.snapshots.create(spec, effect());
    await runStatements(own.url, ['DELETE FROM d.t', 'CREATE DATABASE later', "CREATE USER u2 IDENTIFIED BY '111'"]);
    const differences = await engine.snapshots.compare(spec.name, undefined, effect());
    const restored = await engine.snapshots.restore(spec.name, undefined, effect());
    const proof = await engine.snapshots.prove(spec.name, undefined, effect());
    expect({
      taken: [taken.account, taken.tableCount],
      differences: differences.map(({ object, name, what }) => `${object} ${name} ${what}`),
      restored: [restored.restored, restored.removed, restored.row_count],
      proof: [proof.is_equal, proof.tables.map(({ table }) => table)],
      rows: await rowsOf(own, 'd.t'),
    }).toEqual({
      taken: [account, 1],
      differences: ['database later extra', 'table d.t rows', 'user u2 extra'],
      restored: [['d.t'], ['later', 'u2'], 1],
      proof: [true, ['d.t']],
      rows: ['1'],
    });
  });

  test('an account that was dropped comes back from the snapshot that sys took of it', async () => {
    const { account, own } = await tenant(DATA);
    const engine = await testEngine(server.url, { run: effect().run });
    const spec = specOf({ kind: 'account', account });
    onTestFinished(() => engine.snapshots.drop(spec.name, effect()));
    await engine.snapshots.create(spec, effect());
    await runStatements(server.url, [`DROP ACCOUNT ${account}`]);
    await engine.snapshots.restore(spec.name, undefined, effect());
    expect((await engine.snapshots.prove(spec.name, undefined, effect())).is_equal).toEqual(true);
    expect(await rowsOf(own, 'd.t')).toEqual(['1']);
  });

  test('a part of another account is refused with the login that may restore it', async () => {
    const { account } = await tenant(DATA);
    const engine = await testEngine(server.url, { run: effect().run });
    const spec = specOf({ kind: 'account', account });
    onTestFinished(() => engine.snapshots.drop(spec.name, effect()));
    await engine.snapshots.create(spec, effect());
    const { code, hint } = await faultOf(engine.snapshots.restore(spec.name, { databases: ['d'] }, effect()));
    expect([code, hint]).toEqual([
      'SNAPSHOT_REFUSED',
      `For a database or a table take a snapshot with a login of that account, as \`${account}:USER\`.`,
    ]);
  });

  test('an account has no snapshots of other accounts or of the cluster, and is told who has', async () => {
    const { account, own } = await tenant(DATA);
    const engine = await testEngine(own.url, { run: effect().run });
    const other = await faultOf(engine.snapshots.create(specOf({ kind: 'account', account: 'sys' }), effect()));
    const cluster = await faultOf(engine.snapshots.create(specOf({ kind: 'cluster' }), effect()));
    expect([other.code, cluster.code]).toEqual(['SNAPSHOT_REFUSED', 'SNAPSHOT_REFUSED']);
    expect(other.message).toEqual(`this login belongs to account ${account}, not to sys`);
    expect(cluster.hint).toEqual('Log in as a user of account sys: `root` or `sys:root`.');
  });

  test('a snapshot of sys itself is never sent to another account, whatever the grammar', async () => {
    const { newGrammar } = await import('../../src/engines/matrixone/new-grammar.ts');
    const { oldGrammar } = await import('../../src/engines/matrixone/old-grammar.ts');
    for (const grammar of [newGrammar, oldGrammar]) {
      for (const source of ['sys', 'SYS']) {
        expect(() => grammar.accountInto({ source, snapshot: 's', into: 'n' })).toThrow('other than sys');
      }
    }
  });
}

describeRecorded((server) => {
  foreignKeys(server);
  lost(server);
  accounts(server);
});
