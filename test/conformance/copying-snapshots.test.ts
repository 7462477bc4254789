// What only snapshots by copying can do: every kind of object on a real MariaDB and MySQL, and cuts at every statement.

import { describe, expect, onTestFinished, test } from 'vitest';
import { Fault, type SnapshotName } from '../../src/kernel/index.ts';
import { describeEachEngine, logicalDump, openClient, type TestServer } from '../support/servers.ts';
import { createDatabase, runStatements } from '../support/servers.ts';
import { cuttingConnector } from './cutting-connector.ts';
import { slowCopies } from './slow-copies.ts';
import { createNasty, damage, dropWhole, type NastyDatabases } from './nasty-databases.ts';
import { connectorTo, databaseScope, effect, specOf, storeOn, type TestStore } from './store-on.ts';

/** With SNAPBACK_LONG=1 every statement is a place to cut; otherwise some are, spread over the whole. */
const STRIDE = process.env['SNAPBACK_LONG'] === '1' ? 1 : 23;

async function openStore(server: TestServer): Promise<TestStore> {
  const connector = connectorTo(server.url);
  onTestFinished(() => connector.closeAll());
  return storeOn(server, connector);
}

function dumpOf(server: TestServer, { live, outside }: NastyDatabases): Promise<string> {
  return logicalDump(server.url, [live, outside]);
}

async function nastySnapshot(server: TestServer) {
  const nasty = await createNasty(server);
  const before = await dumpOf(server, nasty);
  const store = await openStore(server);
  const spec = specOf(databaseScope(nasty.live));
  onTestFinished(() => store.snapshots.drop(spec.name, effect()));
  await store.snapshots.create(spec, effect());
  return { nasty, before, store, name: spec.name };
}

/** Databases of snapback that hold a table of this name; other tests have others. */
async function shadowsOf(server: TestServer, table: string): Promise<readonly string[]> {
  const client = await openClient(server.url);
  const rows = await client.query(
    `SELECT table_schema AS name FROM information_schema.tables
     WHERE table_name = '${table}' AND table_schema LIKE 'sb|_%' ESCAPE '|'`,
  );
  await client.close();
  return rows.map(({ name }) => name ?? '');
}

async function catching(work: Promise<unknown>): Promise<Fault> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('expected a fault');
}

describeEachEngine(
  (server) => {
    test('a snapshot of every kind of object changes nothing live and differs in nothing', async () => {
      const { nasty, before, store, name } = await nastySnapshot(server);
      expect(await dumpOf(server, nasty)).toEqual(before);
      expect(await store.snapshots.compare(name, undefined, effect())).toEqual([]);
    });

    test('a restore makes every kind of object equal again, foreign keys from outside included', async () => {
      const { nasty, before, store, name } = await nastySnapshot(server);
      await damage(server, nasty);
      await store.snapshots.restore(name, undefined, effect());
      expect(await dumpOf(server, nasty)).toEqual(before);
      const proof = await store.snapshots.prove(name, undefined, effect());
      expect(proof.differences).toEqual([]);
      expect(proof.moment).toEqual('under LOCK TABLES READ');
    });

    test('a database that was dropped comes back with all its objects', async () => {
      const { nasty, before, store, name } = await nastySnapshot(server);
      await dropWhole(server, nasty);
      await store.snapshots.restore(name, undefined, effect());
      expect(await dumpOf(server, nasty)).toEqual(before);
    });

    test('a restore that is cut anywhere is finished by the next one', { timeout: 1_800_000 }, async () => {
      const { nasty, before, store, name } = await nastySnapshot(server);
      await damage(server, nasty);
      const whole = cuttingConnector(connectorTo(server.url), Number.POSITIVE_INFINITY);
      await (await storeOn(server, whole)).snapshots.restore(name, undefined, effect());
      await whole.closeAll();
      for (let changes = 0; changes < whole.sent(); changes += STRIDE) {
        await damage(server, nasty);
        const cut = cuttingConnector(connectorTo(server.url), changes);
        const cutStore = await storeOn(server, cut);
        await cutStore.snapshots.restore(name, undefined, effect()).catch(notTheCut);
        await cut.closeAll();
        await store.snapshots.restore(name, undefined, effect());
        expect(await dumpOf(server, nasty), `cut after ${changes} changes`).toEqual(before);
      }
    });

    test('a snapshot that is cut anywhere is whole, or is found as partial, or is not there', async () => {
      const { name: database } = await createDatabase(server, 'cut');
      const table = `${database}_t`;
      await runStatements(server.url, [
        `CREATE TABLE ${database}.${table} (id INT PRIMARY KEY)`,
        `CREATE TABLE ${database}.b (id INT PRIMARY KEY)`,
        `CREATE VIEW ${database}.v AS SELECT 1 AS one`,
      ]);
      const store = await openStore(server);
      const found = new Set<string | undefined>();
      for (let changes = 0, isTaken = false; !isTaken; changes += 1) {
        const spec = specOf(databaseScope(database));
        const cut = cuttingConnector(connectorTo(server.url), changes);
        const cutStore = await storeOn(server, cut);
        isTaken = await cutStore.snapshots.create(spec, effect()).then(() => true, notTheCut);
        await cut.closeAll();
        found.add((await store.snapshots.find(spec.name, effect().signal))?.state);
        await store.snapshots.drop(spec.name, effect());
        expect(await shadowsOf(server, table), `cut after ${changes} changes`).toEqual([]);
      }
      expect(found).toEqual(new Set([undefined, 'partial', 'ready']));
    });

    test('a half-made snapshot is never restored from', async () => {
      const { name: database } = await createDatabase(server, 'half');
      await runStatements(server.url, [`CREATE TABLE ${database}.a (id INT PRIMARY KEY)`]);
      const store = await openStore(server);
      const spec = specOf(databaseScope(database));
      onTestFinished(() => store.snapshots.drop(spec.name, effect()));
      let found;
      for (let changes = 4; found === undefined; changes += 1) {
        const cut = cuttingConnector(connectorTo(server.url), changes);
        await (await storeOn(server, cut)).snapshots.create(spec, effect()).catch(notTheCut);
        await cut.closeAll();
        found = await store.snapshots.find(spec.name, effect().signal);
      }
      expect(found.state).toEqual('partial');
      const fault = await catching(store.snapshots.restore(spec.name, undefined, effect()));
      expect(fault.code).toEqual('SNAPSHOT_REFUSED');
    });

    describe('writers', () => {
      async function bank() {
        const { name } = await createDatabase(server, 'bank');
        const table = `${name}_a`;
        await runStatements(server.url, [
          `CREATE TABLE ${name}.${table} (id INT PRIMARY KEY, v INT)`,
          `INSERT INTO ${name}.${table} VALUES (1, 100)`,
        ]);
        const store = await openStore(server);
        const spec = specOf(databaseScope(name));
        onTestFinished(() => store.snapshots.drop(spec.name, effect()));
        return { name, table, store, spec };
      }

      test('a transaction that stays open ends the wait after max_stall, and nothing has happened', async () => {
        const { name, table, store, spec } = await bank();
        const writer = await openClient(server.url);
        onTestFinished(() => writer.close());
        await writer.query('BEGIN');
        await writer.query(`UPDATE ${name}.${table} SET v = 1`);
        const fault = await catching(store.snapshots.create({ ...spec, maxStallMs: 1_200 }, effect()));
        expect(fault.code).toEqual('LOCK_WAIT');
        expect(fault.message).toContain(`for writers of ${name}.${table} to end`);
        expect(await store.snapshots.find(spec.name, effect().signal)).toEqual(undefined);
        expect(await shadowsOf(server, table)).toEqual([]);
      });

      test('a copy that would make writers wait longer than max_stall is given up, and nothing has happened', async () => {
        const { table, spec } = await bank();
        const connector = slowCopies(connectorTo(server.url), async (session, signal) => {
          await session.query('DO SLEEP(60)', signal === undefined ? {} : { signal });
        });
        onTestFinished(() => connector.closeAll());
        const { snapshots } = await storeOn(server, connector);
        const fault = await catching(snapshots.create({ ...spec, maxStallMs: 1_000 }, effect()));
        expect(fault.code).toEqual('LOCK_WAIT');
        expect(fault.message).toContain('longer than writers may be made to wait');
        expect(await snapshots.find(spec.name, effect().signal)).toEqual(undefined);
        expect(await shadowsOf(server, table)).toEqual([]);
      });

      test('writers wait while rows are copied', async () => {
        const { name, table, spec } = await bank();
        const writer = await openClient(server.url);
        onTestFinished(() => writer.close());
        await writer.query('SET SESSION lock_wait_timeout = 1');
        const said: string[] = [];
        const connector = slowCopies(connectorTo(server.url), async () => {
          await writer.query(`UPDATE ${name}.${table} SET v = 2`).catch((error: unknown) => said.push(String(error)));
        });
        onTestFinished(() => connector.closeAll());
        const { snapshots } = await storeOn(server, connector);
        await snapshots.create(spec, effect());
        expect(said).toEqual([expect.stringContaining('Lock wait timeout exceeded')]);
      });

      test('a snapshot whose lock was lost on the way is not kept', async () => {
        const { table, spec } = await bank();
        const killer = await openClient(server.url);
        onTestFinished(() => killer.close());
        const connector = slowCopies(connectorTo(server.url), async (_session, _signal, lockHolder) => {
          await killer.query(`KILL ${lockHolder}`);
        });
        onTestFinished(() => connector.closeAll());
        const { snapshots } = await storeOn(server, connector);
        const fault = await catching(snapshots.create(spec, effect()));
        expect(fault.code).toEqual('LOCK_WAIT');
        expect(fault.message).toContain('the session that held the tables was ended');
        expect(await snapshots.find(spec.name, effect().signal)).toEqual(undefined);
        expect(await shadowsOf(server, table)).toEqual([]);
      });

      test('without a lock, a change on the way is seen, and the snapshot is not kept', async () => {
        const { name, table, spec } = await bank();
        const writer = await openClient(server.url);
        onTestFinished(() => writer.close());
        const connector = slowCopies(connectorTo(server.url), async () => {
          await writer.query(`UPDATE ${name}.${table} SET v = v + 1`);
        });
        onTestFinished(() => connector.closeAll());
        const { snapshots } = await storeOn(server, connector);
        const fault = await catching(snapshots.create({ ...spec, lock: 'none' }, effect()));
        expect(fault.message).toEqual(`${name}.${table} changed while the copy was made without a lock`);
        expect(await snapshots.find(spec.name, effect().signal)).toEqual(undefined);
      });

      test('a snapshot without a lock is taken when nobody writes', async () => {
        const { store, spec } = await bank();
        await store.snapshots.create({ ...spec, lock: 'none' }, effect());
        expect(await store.snapshots.compare(spec.name, undefined, effect())).toEqual([]);
      });

      test('a brief lock is refused by name', async () => {
        const { store, spec } = await bank();
        const fault = await catching(store.snapshots.create({ ...spec, lock: 'brief' }, effect()));
        expect(fault.code).toEqual('SNAPSHOT_REFUSED');
        expect(fault.message).toContain('`lock: brief`');
      });
    });

    test('every reason for a refusal is named, and nothing is created', async () => {
      const store = await openStore(server);
      const spec = { ...specOf(databaseScope('mysql', 'no_such_database')), maxCopyBytes: 0 };
      const fault = await catching(store.snapshots.create(spec, effect()));
      expect(fault.code).toEqual('SNAPSHOT_REFUSED');
      expect(fault.message).toContain('mysql belongs to the server');
      expect(fault.message).toContain('there is no database no_such_database');
      expect(fault.message).toContain('`max_copy` allows 0 bytes');
      expect(await store.snapshots.find(spec.name, effect().signal)).toEqual(undefined);
    });

    test('what the login could not create again is refused by name, with the reason', async () => {
      const { name: database } = await createDatabase(server, 'rights');
      const user = database.replace('rights', 'u');
      const rights = ['SELECT', 'INSERT', 'CREATE', 'DROP', 'ALTER', 'INDEX', 'REFERENCES', 'DELETE', 'UPDATE'];
      const all = [...rights, 'LOCK TABLES', 'CREATE VIEW', 'SHOW VIEW', 'TRIGGER', 'CREATE ROUTINE', 'ALTER ROUTINE'];
      onTestFinished(() => runStatements(server.url, [`DROP USER '${user}'@'%'`]));
      await runStatements(server.url, [
        `CREATE TABLE ${database}.t (id INT PRIMARY KEY)`,
        `CREATE VIEW ${database}.v AS SELECT id FROM ${database}.t`,
        `CREATE PROCEDURE ${database}.p() SELECT 1`,
        `CREATE USER '${user}'@'%' IDENTIFIED BY 'x'`,
        ...[database, 'snapback', 'sb\\_%'].map((on) => `GRANT ${all.join(', ')} ON \`${on}\`.* TO '${user}'@'%'`),
      ]);
      const url = new URL(server.url);
      url.username = user;
      url.password = 'x';
      const connector = connectorTo(url.href);
      onTestFinished(() => connector.closeAll());
      const { snapshots } = await storeOn(server, connector);
      const spec = specOf(databaseScope(database));
      const unreadable = await catching(snapshots.create(spec, effect()));
      expect(unreadable.code).toEqual('SNAPSHOT_REFUSED');
      expect(unreadable.message).toContain(`no right to read the definition of procedure ${database}.p`);
      await runStatements(server.url, [`DROP PROCEDURE ${database}.p`]);
      const foreign = await catching(snapshots.create(spec, effect()));
      expect(foreign.code).toEqual('SNAPSHOT_REFUSED');
      expect(foreign.message).toContain(`cannot create view ${database}.v again as DEFINER root@`);
      await runStatements(server.url, [`DROP VIEW ${database}.v`]);
      const info = await snapshots.create(spec, effect());
      expect(info.tableCount).toEqual(1);
      await snapshots.drop(spec.name, effect());
    });

    test('a foreign key from outside that no longer fits is refused before anything is dropped', async () => {
      const { name: inside } = await createDatabase(server, 'inside');
      const { name: outside } = await createDatabase(server, 'outside');
      onTestFinished(() => runStatements(server.url, [`DROP TABLE IF EXISTS ${outside}.child`]));
      await runStatements(server.url, [
        `CREATE TABLE ${inside}.parent (id INT PRIMARY KEY)`,
        `INSERT INTO ${inside}.parent VALUES (1)`,
      ]);
      const store = await openStore(server);
      const spec = specOf(databaseScope(inside));
      onTestFinished(() => store.snapshots.drop(spec.name, effect()));
      await store.snapshots.create(spec, effect());
      await runStatements(server.url, [
        `ALTER TABLE ${inside}.parent ADD code INT NOT NULL, ADD UNIQUE KEY (code)`,
        `CREATE TABLE ${outside}.child (id INT PRIMARY KEY, code INT,
           CONSTRAINT of_code FOREIGN KEY (code) REFERENCES ${inside}.parent (code))`,
      ]);
      const before = await logicalDump(server.url, [inside, outside]);
      const fault = await catching(store.snapshots.restore(spec.name, undefined, effect()));
      expect(fault.code).toEqual('SNAPSHOT_REFUSED');
      expect(fault.message).toContain(`${outside}.child.of_code no longer fits the snapshot of ${inside}.parent`);
      expect(await logicalDump(server.url, [inside, outside])).toEqual(before);
    });

    test('rows outside that lost their parents are told after a restore', async () => {
      const { name: inside } = await createDatabase(server, 'inside');
      const { name: outside } = await createDatabase(server, 'outside');
      onTestFinished(() => runStatements(server.url, [`DROP TABLE IF EXISTS ${outside}.child`]));
      await runStatements(server.url, [
        `CREATE TABLE ${inside}.parent (id INT PRIMARY KEY)`,
        `CREATE TABLE ${outside}.child (id INT PRIMARY KEY, p INT,
           CONSTRAINT of_p FOREIGN KEY (p) REFERENCES ${inside}.parent (id))`,
      ]);
      const store = await openStore(server);
      const spec = specOf(databaseScope(inside));
      onTestFinished(() => store.snapshots.drop(spec.name, effect()));
      await store.snapshots.create(spec, effect());
      await runStatements(server.url, [
        `INSERT INTO ${inside}.parent VALUES (7)`,
        `INSERT INTO ${outside}.child VALUES (1, 7)`,
      ]);
      const { declared } = await store.snapshots.restore(spec.name, undefined, effect());
      expect(declared).toEqual([
        `1 rows of ${outside}.child reference rows of ${inside}.parent that are not there (of_p)`,
      ]);
    });

    test('single tables are put back with their triggers, and their neighbours stay', async () => {
      const { name } = await createDatabase(server, 'single');
      await runStatements(server.url, [
        `CREATE TABLE ${name}.a (id INT PRIMARY KEY)`,
        `CREATE TABLE ${name}.b (id INT PRIMARY KEY)`,
        `CREATE TRIGGER ${name}.on_a BEFORE INSERT ON ${name}.a FOR EACH ROW SET @a = 1`,
      ]);
      const store = await openStore(server);
      const spec = specOf({ kind: 'tables', tables: [{ database: name, table: 'a' }] });
      onTestFinished(() => store.snapshots.drop(spec.name, effect()));
      await store.snapshots.create(spec, effect());
      await runStatements(server.url, [
        `DROP TABLE ${name}.a`,
        `INSERT INTO ${name}.b VALUES (1)`,
        `CREATE VIEW ${name}.v AS SELECT 1 AS one`,
      ]);
      const { restored, removed } = await store.snapshots.restore(spec.name, undefined, effect());
      expect({ restored, removed }).toEqual({ restored: [`${name}.a`], removed: [] });
      const proof = await store.snapshots.prove(spec.name, undefined, effect());
      expect({ equal: proof.is_equal, objects: proof.objects }).toEqual({ equal: true, objects: { trigger: 1 } });
      expect(await store.data.countRows({ database: name, table: 'b' }, { kind: 'now' }, effect().signal)).toEqual(1);
    });

    test('a query runs on the snapshot under the names of its tables, and cannot write', async () => {
      const { name } = await createDatabase(server, 'asked');
      await runStatements(server.url, [
        `CREATE TABLE ${name}.a (id INT PRIMARY KEY)`,
        `INSERT INTO ${name}.a VALUES (1)`,
      ]);
      const store = await openStore(server);
      const spec = specOf(databaseScope(name));
      onTestFinished(() => store.snapshots.drop(spec.name, effect()));
      await store.snapshots.create(spec, effect());
      await runStatements(server.url, [`INSERT INTO ${name}.a VALUES (2), (3)`]);
      const ask = (sql: string, at: 'now' | SnapshotName) =>
        store.data.query(
          {
            sql,
            database: name,
            params: [],
            at: at === 'now' ? { kind: 'now' } : { kind: 'snapshot', name: at },
            rowsMax: 2,
          },
          effect().signal,
        );
      expect((await ask('SELECT id FROM a ORDER BY id', 'now')).rows).toEqual([['1'], ['2']]);
      expect((await ask('SELECT id FROM a ORDER BY id', spec.name)).rows).toEqual([['1']]);
      expect((await catching(ask(`SELECT id FROM ${name}.a`, spec.name))).code).toEqual('STATEMENT_FAILED');
      expect((await catching(ask('DELETE FROM a', 'now'))).code).toEqual('READ_ONLY_SERVER');
    });

    test('a table without a key is compared by counts', async () => {
      const { name } = await createDatabase(server, 'keyless');
      await runStatements(server.url, [`CREATE TABLE ${name}.a (v INT)`, `INSERT INTO ${name}.a VALUES (1), (1), (2)`]);
      const store = await openStore(server);
      const spec = specOf(databaseScope(name));
      onTestFinished(() => store.snapshots.drop(spec.name, effect()));
      await store.snapshots.create(spec, effect());
      await runStatements(server.url, [`UPDATE ${name}.a SET v = 3 WHERE v = 2`, `INSERT INTO ${name}.a VALUES (9)`]);
      expect(await store.data.differingRows({ database: name, table: 'a' }, spec.name, 5, effect().signal)).toEqual({
        gone: 0,
        added: 1,
        changed: 0,
        is_exact: false,
        sample: [],
      });
    });
  },
  { engines: ['mariadb', 'mysql'] },
);

function notTheCut(error: unknown): false {
  if (error instanceof Fault && error.message.includes('cut by the test')) return false;
  throw error;
}
