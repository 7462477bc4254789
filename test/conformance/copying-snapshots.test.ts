// What only snapshots by copying can do: every kind of object on a real MariaDB and MySQL, and cuts at every statement.

import { expect, onTestFinished, test } from 'vitest';
import type { SnapshotName } from '../../src/kernel/index.ts';
import { describeEachEngine, logicalDump, type TestServer } from '../support/servers.ts';
import { createDatabase, runStatements } from '../support/servers.ts';
import { cuttingConnector } from './cutting-connector.ts';
import { createNasty, damage, dropWhole, type NastyDatabases } from './nasty-databases.ts';
import {
  catching,
  connectorTo,
  databaseScope,
  effect,
  notTheCut,
  openStore,
  shadowsOf,
  specOf,
  storeOn,
} from './store-on.ts';

/** With SNAPBACK_LONG=1 every statement is a place to cut; otherwise some are, spread over the whole. */
const STRIDE = process.env['SNAPBACK_LONG'] === '1' ? 1 : 23;

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

    test('a table with many rows gets its keys back in their order, and their text', async () => {
      const { name } = await createDatabase(server, 'many');
      const twice = `INSERT INTO ${name}.t (a, b, c) SELECT a, b, c FROM ${name}.t`;
      await runStatements(server.url, [
        `CREATE TABLE ${name}.t (id INT AUTO_INCREMENT PRIMARY KEY, a INT, b VARCHAR(20), c TEXT NOT NULL,
           KEY z (a), UNIQUE KEY y (a, id), KEY x (b DESC), FULLTEXT KEY w (c), KEY v (a, b), FULLTEXT KEY u (b, c))
           ENGINE=InnoDB`,
        `INSERT INTO ${name}.t (a, b, c) VALUES (1, 'one', 'x'), (2, 'two', 'y')`,
        ...Array.from({ length: 13 }, () => twice),
        `CREATE TABLE ${name}.counted (a INT, id INT AUTO_INCREMENT, b INT, KEY z (a), KEY y (id), KEY x (b))`,
        `INSERT INTO ${name}.counted (a, b) SELECT a, id FROM ${name}.t`,
        `ANALYZE TABLE ${name}.counted`,
        `ANALYZE TABLE ${name}.t`,
      ]);
      const before = await logicalDump(server.url, [name]);
      const store = await openStore(server);
      const spec = specOf(databaseScope(name));
      onTestFinished(() => store.snapshots.drop(spec.name, effect()));
      await store.snapshots.create(spec, effect());
      await runStatements(server.url, [
        `ALTER TABLE ${name}.t DROP KEY z, DROP KEY w, ADD d INT`,
        `TRUNCATE TABLE ${name}.counted`,
      ]);
      await store.snapshots.restore(spec.name, undefined, effect());
      expect((await logicalDump(server.url, [name])) === before).toEqual(true);
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
