// Who waits for a snapshot by copying, and what it refuses: on a real MariaDB and MySQL.

import { describe, expect, onTestFinished, test } from 'vitest';
import {
  createDatabase,
  databaseUrl,
  describeEachEngine,
  logicalDump,
  openClient,
  runStatements,
} from '../support/servers.ts';
import { slowCopies } from './slow-copies.ts';
import { catching, connectorTo, databaseScope, effect, openStore, shadowsOf, specOf, storeOn } from './store-on.ts';

describeEachEngine(
  (server) => {
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
        const writer = await openClient(databaseUrl(server.url, name));
        onTestFinished(() => writer.close());
        await writer.query('BEGIN');
        await writer.query(`UPDATE ${name}.${table} SET v = 1`);
        const fault = await catching(store.snapshots.create({ ...spec, maxStallMs: 1_200 }, effect()));
        expect(fault.code).toEqual('LOCK_WAIT');
        expect(fault.message).toContain(`for writers of ${name}.${table} to end`);
        expect(await store.snapshots.find(spec.name, effect().signal)).toEqual(undefined);
        expect(await shadowsOf(server, table)).toEqual([]);
      });

      test('a copy that makes writers wait longer than max_stall is given up, and nothing has happened', async () => {
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
        const writer = await openClient(databaseUrl(server.url, name));
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
        expect(fault.code).toEqual('CONNECTION_LOST');
        expect(fault.message).toContain('the session that held the tables was ended');
        expect(await snapshots.find(spec.name, effect().signal)).toEqual(undefined);
        expect(await shadowsOf(server, table)).toEqual([]);
      });

      test('without a lock, a change on the way is seen, and the snapshot is not kept', async () => {
        const { name, table, spec } = await bank();
        const writer = await openClient(databaseUrl(server.url, name));
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
      const all = [
        ...rights,
        'LOCK TABLES',
        'CREATE VIEW',
        'SHOW VIEW',
        'TRIGGER',
        'EVENT',
        'CREATE ROUTINE',
        'ALTER ROUTINE',
      ];
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
  },
  { engines: ['mariadb', 'mysql'] },
);
