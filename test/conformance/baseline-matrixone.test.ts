// Baselines on MatrixOne, where the server's own snapshots put back what was touched.
//
//   SNAPBACK_BASELINE_CASES=30   that many random tests, ten on each random database
//   SNAPBACK_SEED=7              another choice of them

import { expect, onTestFinished, test } from 'vitest';
import { copyDatabaseOf } from '../../src/testing/baseline-store.ts';
import { baseline, removeWorkers } from '../../src/testing/index.ts';
import {
  databaseUrl,
  describeEachEngine,
  freshDatabase,
  logicalDump,
  openClient,
  type TestServer,
} from '../support/servers.ts';
import { expectOpenTransactionTold, openShop } from './baseline-shop.ts';
import { expectResets } from './resetting-after-each.ts';

const CASES = Number(process.env['SNAPBACK_BASELINE_CASES'] ?? 20);
const SEED = Number(process.env['SNAPBACK_SEED'] ?? 20_260_101);
const TIMEOUT_MS = 120_000 + CASES * 10_000;

const SHOP = [
  'CREATE TABLE customers (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40))',
  `CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, customer INT,
     FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE CASCADE)`,
  'CREATE TABLE staff (id INT PRIMARY KEY, boss INT, FOREIGN KEY (boss) REFERENCES staff (id))',
  'CREATE TABLE log (word VARCHAR(40))',
  'CREATE VIEW names AS SELECT name FROM customers',
];
const SEED_TEXT = `INSERT INTO customers (name) VALUES ('Ada'), ('Grace');
  INSERT INTO orders (customer) VALUES (1), (2);
  INSERT INTO staff VALUES (1, NULL); INSERT INTO staff VALUES (2, 1);`;

function urlWithout(login: URL): string {
  const own = new URL(login);
  own.pathname = '/';
  return own.href;
}

const shop = (server: TestServer, prefix?: string) => openShop(server, SHOP, prefix);

describeEachEngine(
  (server) => {
    test('a reset puts back rows and definitions, and tells what it looked into', { timeout: 60_000 }, async () => {
      const { url, query, dump } = await shop(server);
      const data = await baseline({ url, seed: SEED_TEXT });
      const before = await dump();
      await query('SELECT * FROM orders');
      expect(await data.reset()).toEqual({ kind: 'untouched', tables: [] });
      await query('DELETE FROM customers WHERE id = 1');
      expect(await data.reset()).toEqual({ kind: 'rows', tables: ['customers', 'orders'] });
      expect(await dump()).toBe(before);
      await query('UPDATE staff SET boss = NULL');
      expect(await data.reset()).toEqual({ kind: 'rows', tables: ['staff'] });
      expect(await dump()).toBe(before);
      await query('DROP VIEW names');
      await query("INSERT INTO log VALUES ('a')");
      expect((await data.reset()).kind).toBe('restored');
      expect(await dump()).toBe(before);
      await data.close();
    });

    test('AUTO_INCREMENT cannot be put back: `exact` is refused by name', { timeout: 60_000 }, async () => {
      const { url } = await shop(server);
      await expect(baseline({ url, autoIncrement: 'exact' })).rejects.toThrow(
        'never gives an AUTO_INCREMENT value again',
      );
      const data = await baseline({ url, autoIncrement: 'loose' });
      await data.close();
    });

    test('a transaction that the test left open is told, and the reset does nothing', { timeout: 60_000 }, async () => {
      await expectOpenTransactionTold(await shop(server), SEED_TEXT);
    });

    test('a seed is run once, and its rows replaced by those of another one', { timeout: 120_000 }, async () => {
      const { url, query } = await shop(server);
      let runs = 0;
      const seed = (version: string) => ({
        version,
        run: async () => {
          runs += 1;
          await query(`INSERT INTO log VALUES ('${version}')`);
        },
      });
      for (const version of ['one', 'one', 'two', 'two']) {
        const data = await baseline({ url, seed: seed(version) });
        expect(await query('SELECT word FROM log')).toEqual([[version]]);
        await query("INSERT INTO log VALUES ('by a test')");
        await data.close();
      }
      expect(runs).toBe(2);
    });

    test('each worker has an equal database of its own, removed at the end', { timeout: 120_000 }, async () => {
      const { name, url, query, dump } = await shop(server);
      const workers = await Promise.all([1, 2].map((worker) => baseline({ url, seed: SEED_TEXT, worker })));
      expect(workers.map(({ database }) => database)).toEqual([`${name}_w1`, `${name}_w2`]);
      const tables = (text: string) =>
        text
          .replaceAll(/CONSTRAINT `[^`]+`/g, 'CONSTRAINT')
          .split('\n')
          .sort();
      const source = tables((await dump()).replaceAll(name, 'X'));
      for (const { database } of workers) {
        const own = (await logicalDump(server.url, [database])).replaceAll(database, 'X').replaceAll(name, 'X');
        expect(tables(own)).toEqual(source);
      }
      await query(`DELETE FROM ${name}_w1.customers`);
      expect(await query(`SELECT COUNT(*) FROM ${name}_w2.orders`)).toEqual([['2']]);
      await workers[0]?.reset();
      expect(await query(`SELECT COUNT(*) FROM ${name}_w1.orders`)).toEqual([['2']]);
      for (const worker of workers) await worker.close();
      const again = await baseline({ url, seed: SEED_TEXT, worker: 1 });
      await again.close();
      expect(await removeWorkers({ url })).toEqual([`${name}_w1`, `${name}_w2`]);
      expect(await query(`SHOW DATABASES LIKE '${name}%'`)).toEqual([[name]]);
    });

    test(
      "a tenant's own login has baselines, workers and kept databases in its account",
      { timeout: 180_000 },
      async () => {
        const account = freshDatabase('acc');
        const root = await openClient(server.url);
        await root.query(`CREATE ACCOUNT ${account} ADMIN_NAME 'admin' IDENTIFIED BY '111'`);
        onTestFinished(async () => {
          await root.query(`DROP ACCOUNT ${account}`);
          await root.close();
        });
        const login = new URL(databaseUrl(server.url, 'shop_test'));
        login.username = encodeURIComponent(`${account}:admin`);
        login.password = '111';
        const tenant = await openClient(urlWithout(login));
        onTestFinished(() => tenant.close());
        const url = login.href;
        for (const statement of ['CREATE DATABASE shop_test', 'USE shop_test', ...SHOP]) await tenant.query(statement);
        const query = async (sql: string) => (await tenant.query(sql)).map((row) => Object.values(row));
        const data = await baseline({ url, seed: SEED_TEXT, worker: 1 });
        await query('DELETE FROM shop_test_w1.customers WHERE id = 1');
        const kept = new URL(await data.keep('evidence')).pathname.slice(1);
        const evidence = [await data.reset(), await query(`SELECT name FROM ${kept}.customers`)];
        const names = await query('SELECT name FROM shop_test_w1.customers ORDER BY id');
        await data.close();
        expect({ evidence, names, removed: await removeWorkers({ url }) }).toEqual({
          evidence: [{ kind: 'rows', tables: ['customers', 'orders'] }, [['Grace']]],
          names: [['Ada'], ['Grace']],
          removed: ['shop_test_w1'],
        });
        expect(await query("SHOW DATABASES LIKE 'shop_test%'")).toEqual([['shop_test'], [kept]]);
      },
    );

    test('what a clone would lose is refused by name', { timeout: 60_000 }, async () => {
      const { name, url, query } = await shop(server);
      await query('CREATE SEQUENCE numbers');
      await expect(baseline({ url, worker: 1 })).rejects.toThrow('sequence numbers is lost');
      expect(await query(`SHOW DATABASES LIKE '${name}%'`)).toEqual([[name]]);
      expect(await removeWorkers({ url })).toEqual([`${name}_w1`]);
    });

    test('a restore that a killed process left half done is finished first', { timeout: 60_000 }, async () => {
      const { url, name, query, dump } = await shop(server);
      const data = await baseline({ url, seed: SEED_TEXT });
      const before = await dump();
      await data.close();
      await query('DROP VIEW names');
      await query(`CREATE DATABASE ${copyDatabaseOf(name)}`);
      const next = await baseline({ url });
      expect(await dump()).toBe(before);
      expect(await query(`SHOW DATABASES LIKE '${copyDatabaseOf(name)}'`)).toEqual([]);
      await next.close();
    });

    test(`a reset puts back whatever ${CASES} random tests did, exactly`, { timeout: TIMEOUT_MS }, async () => {
      await expectResets(server, { cases: CASES, seed: SEED });
    });
  },
  { engines: ['matrixone'] },
);
