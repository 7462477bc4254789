// What MatrixOne does otherwise than its documents say, seen through the engine and on the plain server.
// Throw-away data only.

import { expect, onTestFinished, test } from 'vitest';
import type { Engine, Scope, SnapshotSpec } from '../../src/engines/index.ts';
import type { SnapshotName } from '../../src/kernel/index.ts';
import { faultOf, never, testEngine } from '../support/engines.ts';
import { describeRecorded } from '../support/recorded.ts';
import { createDatabase, freshDatabase, logicalDump, openClient } from '../support/servers.ts';
import { runStatements, type TestServer } from '../support/servers.ts';
import { effect, specOf } from './store-on.ts';

async function opened(server: TestServer, scope: Scope): Promise<{ engine: Engine; spec: SnapshotSpec }> {
  const engine = await testEngine(server.url, { run: effect().run });
  const spec = specOf(scope);
  onTestFinished(() => engine.snapshots.drop(spec.name, effect()));
  return { engine, spec };
}

async function value(server: TestServer, sql: string): Promise<string | null | undefined> {
  const client = await openClient(server.url);
  const [row] = await client.query(sql);
  await client.close();
  return row === undefined ? undefined : Object.values(row)[0];
}

function restoring(server: TestServer): void {
  test('databases that point at each other with foreign keys are restored together', async () => {
    const [parent, child] = [await createDatabase(server, 'parent'), await createDatabase(server, 'child')];
    await runStatements(server.url, [
      `CREATE TABLE ${parent.name}.p (id INT PRIMARY KEY, up INT,
         CONSTRAINT own FOREIGN KEY (up) REFERENCES ${parent.name}.p (id))`,
      `CREATE TABLE ${child.name}.c (id INT PRIMARY KEY, pid INT,
         CONSTRAINT far FOREIGN KEY (pid) REFERENCES ${parent.name}.p (id))`,
      `INSERT INTO ${parent.name}.p VALUES (1, NULL), (2, 1)`,
      `INSERT INTO ${child.name}.c VALUES (1, 2)`,
    ]);
    const names = [child.name, parent.name].sort();
    const { engine, spec } = await opened(server, { kind: 'databases', databases: names });
    const before = await logicalDump(server.url, names);
    await engine.snapshots.create(spec, effect());
    await runStatements(server.url, [`INSERT INTO ${parent.name}.p VALUES (3, 2)`]);
    await engine.snapshots.restore(spec.name, undefined, effect());
    expect(await logicalDump(server.url, names)).toEqual(before);
    expect((await engine.snapshots.prove(spec.name, undefined, effect())).differences).toEqual([]);
  });

  test('a single table that others point at is restored with them, parents first', async () => {
    const { name } = await createDatabase(server, 'keys');
    await runStatements(server.url, [
      `CREATE TABLE ${name}.p (id INT PRIMARY KEY, note VARCHAR(10))`,
      `CREATE TABLE ${name}.c (id INT PRIMARY KEY, pid INT,
         CONSTRAINT near FOREIGN KEY (pid) REFERENCES ${name}.p (id))`,
      `INSERT INTO ${name}.p VALUES (1, 'one')`,
      `INSERT INTO ${name}.c VALUES (1, 1)`,
    ]);
    const tables = ['c', 'p'].map((table) => ({ database: name, table }));
    const { engine, spec } = await opened(server, { kind: 'tables', tables });
    const before = await logicalDump(server.url, [name]);
    await engine.snapshots.create(spec, effect());
    await runStatements(server.url, [`UPDATE ${name}.p SET note = 'two'`]);
    await engine.snapshots.restore(spec.name, undefined, effect());
    expect(await logicalDump(server.url, [name])).toEqual(before);
  });

  test('a table that was altered while a foreign key led from it comes back all the same', async () => {
    const { name, url } = await createDatabase(server, 'altered');
    await runStatements(url, [
      'CREATE TABLE p (id INT PRIMARY KEY)',
      'CREATE TABLE c (id INT PRIMARY KEY, pid INT, CONSTRAINT near FOREIGN KEY (pid) REFERENCES p (id))',
      'CREATE VIEW v AS SELECT id FROM c',
      'CREATE VIEW a AS SELECT id FROM v',
      'INSERT INTO p VALUES (1)',
      'INSERT INTO c VALUES (1, 1)',
      'ALTER TABLE c ADD COLUMN x INT',
    ]);
    const { engine, spec } = await opened(server, { kind: 'databases', databases: [name] });
    const before = await logicalDump(server.url, [name]);
    await engine.snapshots.create(spec, effect());
    await runStatements(url, ['DELETE FROM c', 'ALTER TABLE c ADD COLUMN y INT']);
    await engine.snapshots.restore(spec.name, undefined, effect());
    expect(await logicalDump(server.url, [name])).toEqual(before);
  });

  test('rights on restored tables are granted again', async () => {
    const { name, url } = await createDatabase(server, 'rights');
    const [user, role] = [freshDatabase('u'), freshDatabase('r')];
    onTestFinished(() => runStatements(server.url, [`DROP USER ${user}`, `DROP ROLE ${role}`]));
    await runStatements(url, [
      'CREATE TABLE t (id INT PRIMARY KEY)',
      'INSERT INTO t VALUES (1)',
      `CREATE ROLE ${role}`,
      `CREATE USER ${user} IDENTIFIED BY '111' DEFAULT ROLE ${role}`,
      `GRANT CONNECT ON ACCOUNT * TO ${role}`,
      `GRANT SELECT ON TABLE ${name}.t TO ${role}`,
    ]);
    const { engine, spec } = await opened(server, { kind: 'databases', databases: [name] });
    await engine.snapshots.create(spec, effect());
    await runStatements(url, ['DELETE FROM t']);
    const { declared } = await engine.snapshots.restore(spec.name, undefined, effect());
    expect(declared?.length).toEqual(1);
    const login = new URL(server.url);
    login.username = `sys:${user}:${role}`;
    login.password = '111';
    const client = await openClient(login.href);
    onTestFinished(() => client.close());
    expect(await client.query(`SELECT id FROM ${name}.t`)).toEqual([{ id: '1' }]);
  });

  test('an account is restored as a whole, and the record of the run outlives it', async () => {
    const account = freshDatabase('acc');
    await runStatements(server.url, [`CREATE ACCOUNT ${account} ADMIN_NAME 'boss' IDENTIFIED BY '111'`]);
    onTestFinished(() => runStatements(server.url, [`DROP ACCOUNT IF EXISTS ${account}`]));
    const login = new URL(server.url);
    login.username = encodeURIComponent(`${account}:boss`);
    login.password = '111';
    const tenant = { ...server, url: login.href };
    await runStatements(tenant.url, [
      'CREATE DATABASE d',
      'CREATE TABLE d.t (id INT PRIMARY KEY)',
      'INSERT INTO d.t VALUES (1)',
      'CREATE ROLE reader',
      'GRANT SELECT ON TABLE d.t TO reader',
    ]);
    const { engine, spec } = await opened(tenant, { kind: 'account', account });
    await engine.snapshots.create(spec, effect());
    const scope = spec.scope;
    await engine.runs.open({ run: effect().run, planName: 'p', scope, holder: 'me' }, never);
    await runStatements(tenant.url, ['DELETE FROM d.t', 'CREATE DATABASE later']);
    const restored = await engine.snapshots.restore(spec.name, undefined, effect());
    expect([restored.restored, restored.removed]).toEqual([['d.t'], ['later']]);
    expect(restored.declared?.filter((one) => one.includes('rights'))).toEqual([
      '1 rights on restored objects were granted again; sessions that were open may not have them',
    ]);
    expect((await engine.snapshots.prove(spec.name, undefined, effect())).differences).toEqual([]);
    expect((await engine.runs.list(never)).map(({ run }) => run)).toEqual([effect().run]);
    expect((await engine.snapshots.find(spec.name, never))?.scope).toEqual(scope);
  });
}

function refusals(server: TestServer): void {
  async function refusal(statements: readonly string[]): Promise<string> {
    const { name, url } = await createDatabase(server, 'refused');
    await runStatements(url, statements);
    const { engine, spec } = await opened(server, { kind: 'databases', databases: [name] });
    const { code, message } = await faultOf(engine.snapshots.create(spec, effect()));
    expect(await engine.snapshots.find(spec.name, never)).toEqual(undefined);
    return `${code} ${message}`.replaceAll(name, 'DB');
  }

  test('a sequence is refused before a snapshot is taken, because a restore would lose it', async () => {
    expect(await refusal(['CREATE SEQUENCE s'])).toContain('SNAPSHOT_REFUSED');
  });

  test('a view that cannot be resolved is refused, because no restore would succeed', async () => {
    const message = await refusal([
      'CREATE TABLE t (id INT PRIMARY KEY)',
      'CREATE VIEW v AS SELECT id FROM t',
      'DROP TABLE t',
    ]);
    expect(message).toContain('view DB.v cannot be resolved');
  });

  test('a publication is refused, because a restore would delete it', async () => {
    const { name, url } = await createDatabase(server, 'published');
    const publication = freshDatabase('pub');
    await runStatements(url, [
      'CREATE TABLE t (id INT PRIMARY KEY)',
      `CREATE PUBLICATION ${publication} DATABASE ${name} ACCOUNT ALL`,
    ]);
    const { engine, spec } = await opened(server, { kind: 'databases', databases: [name] });
    const { message } = await faultOf(engine.snapshots.create(spec, effect()));
    await runStatements(url, [`DROP PUBLICATION ${publication}`]);
    expect(message).toContain(`publication ${publication} of ${name} would be lost`);
  });

  test('a foreign key from outside is refused, because the server would do nothing and say OK', async () => {
    const [parent, child] = [await createDatabase(server, 'parent'), await createDatabase(server, 'child')];
    await runStatements(server.url, [
      `CREATE TABLE ${parent.name}.p (id INT PRIMARY KEY)`,
      `CREATE TABLE ${child.name}.c (id INT PRIMARY KEY, pid INT,
         CONSTRAINT far FOREIGN KEY (pid) REFERENCES ${parent.name}.p (id))`,
    ]);
    onTestFinished(() => runStatements(server.url, [`DROP TABLE ${child.name}.c`]));
    const { engine, spec } = await opened(server, { kind: 'databases', databases: [parent.name] });
    const { message } = await faultOf(engine.snapshots.create(spec, effect()));
    expect(message).toContain(`foreign key far of ${child.name}.c points at ${parent.name}.p from outside`);
  });

  test('a table that the snapshot does not cover is refused, though the server would restore it', async () => {
    const [one, other] = [await createDatabase(server, 'one'), await createDatabase(server, 'other')];
    for (const { url } of [one, other]) await runStatements(url, ['CREATE TABLE t (id INT PRIMARY KEY)']);
    const { engine, spec } = await opened(server, { kind: 'databases', databases: [one.name] });
    await engine.snapshots.create(spec, effect());
    const part = { tables: [{ database: other.name, table: 't' }] };
    expect((await faultOf(engine.snapshots.restore(spec.name, part, effect()))).code).toEqual('SNAPSHOT_REFUSED');
  });
}

function facts(server: TestServer): void {
  test('a snapshot that somebody else made is listed with its scope, and internal ones are not', async () => {
    const { name, url } = await createDatabase(server, 'foreign');
    const snapshot = freshDatabase('theirs') as SnapshotName;
    await runStatements(url, [
      'CREATE TABLE t (id INT PRIMARY KEY)',
      'ALTER TABLE t ADD COLUMN x INT',
      `CREATE SNAPSHOT ${snapshot} FOR TABLE ${name} t`,
    ]);
    onTestFinished(() => runStatements(server.url, [`DROP SNAPSHOT IF EXISTS ${snapshot}`]));
    const engine = await testEngine(server.url);
    const listed = await engine.snapshots.list(never);
    expect(listed.find((info) => info.name === snapshot)?.scope).toEqual({
      kind: 'tables',
      tables: [{ database: name, table: 't' }],
    });
    expect(listed.filter((info) => info.name.startsWith('__mo_'))).toEqual([]);
  });

  test('one changed byte in any type changes the fingerprint, and a snapshot keeps the old one', async () => {
    const { name, url } = await createDatabase(server, 'types');
    await runStatements(url, [
      `CREATE TABLE t (id INT PRIMARY KEY, b VARBINARY(8), v VECF32(2), j JSON, y YEAR, d DECIMAL(38,10), f DOUBLE,
         e ENUM('a','b'), ts TIMESTAMP(6) NULL, c CHAR(4), x TEXT)`,
      `INSERT INTO t VALUES (1, x'00', '[1,2]', '{"a": 1}', 2020, 12.345, 1.5, 'a',
         '2020-01-01 00:00:00.000001', 'a ', NULL)`,
    ]);
    const { engine, spec } = await opened(server, { kind: 'databases', databases: [name] });
    await engine.snapshots.create(spec, effect());
    const table = { database: name, table: 't' };
    const then = { kind: 'snapshot', name: spec.name } as const;
    const seen = [await engine.data.fingerprint(table, { kind: 'now' }, never)];
    expect(seen[0]).toEqual(await engine.data.fingerprint(table, then, never));
    for (const change of ["b = x'0000'", "v = '[1,3]'", `j = '{"a": 2}'`, 'y = 2021', 'd = 12.3450000001', "x = ''"]) {
      await runStatements(url, [`UPDATE t SET ${change}`]);
      seen.push(await engine.data.fingerprint(table, { kind: 'now' }, never));
    }
    expect(new Set(seen).size).toEqual(7);
    expect(await engine.data.fingerprint(table, then, never)).toEqual(seen[0]);
  });

  test('rows of a table without a key are told apart, duplicates counted', async () => {
    const { name, url } = await createDatabase(server, 'keyless');
    await runStatements(url, ['CREATE TABLE t (a INT, b INT)', 'INSERT INTO t VALUES (1, NULL), (1, NULL), (2, 2)']);
    const { engine, spec } = await opened(server, { kind: 'databases', databases: [name] });
    await engine.snapshots.create(spec, effect());
    await runStatements(url, ['DELETE FROM t WHERE a = 1', 'INSERT INTO t VALUES (1, NULL), (3, 3)']);
    expect(await engine.data.differingRows({ database: name, table: 't' }, spec.name, 5, never)).toEqual({
      gone: 1,
      added: 1,
      changed: 0,
      is_exact: true,
      sample: [],
    });
  });

  test('a restore that waits for a writer is cancelled and changes nothing', async () => {
    const { name, url } = await createDatabase(server, 'waiting');
    await runStatements(url, ['CREATE TABLE t (id INT PRIMARY KEY)', 'INSERT INTO t VALUES (1)']);
    const { engine, spec } = await opened(server, { kind: 'databases', databases: [name] });
    await engine.snapshots.create(spec, effect());
    await runStatements(url, ['DELETE FROM t']);
    const writer = await openClient(url);
    await writer.query('BEGIN');
    await writer.query('INSERT INTO t VALUES (7)');
    const stop = AbortSignal.timeout(1_500);
    const { code } = await faultOf(engine.snapshots.restore(spec.name, undefined, effect({ signal: stop })));
    await writer.query('COMMIT');
    await writer.close();
    expect([code, await value(server, `SELECT id FROM ${name}.t`)]).toEqual(['INTERRUPTED', '7']);
  });
}

describeRecorded((server) => {
  restoring(server);
  refusals(server);
  facts(server);
});
