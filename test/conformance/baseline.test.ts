// What a baseline promises besides exactness: whom it refuses, what it notices, and who gets which database.

import { expect, onTestFinished, test } from 'vitest';
import { sha256 } from '../../src/kernel/index.ts';
import { baseline, removeWorkers, type Baseline } from '../../src/testing/index.ts';
import { createDatabase, describeEachEngine, logicalDump, openClient, type TestServer } from '../support/servers.ts';
import { expectOpenTransactionTold, openShop } from './baseline-shop.ts';

const SHOP = [
  'CREATE TABLE customers (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40))',
  `CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, customer INT,
     FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE CASCADE)`,
  'CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, word VARCHAR(40))',
  "CREATE TRIGGER told AFTER INSERT ON customers FOR EACH ROW INSERT INTO log (word) VALUES (CONCAT('new ', NEW.name))",
  'CREATE VIEW names AS SELECT name FROM customers',
  "CREATE PROCEDURE greet() SELECT 'hello'",
];
const SEED = "INSERT INTO customers (name) VALUES ('Ada'), ('Grace'); INSERT INTO orders (customer) VALUES (1), (2);";

const shop = (server: TestServer, prefix?: string) => openShop(server, SHOP, prefix);

describeEachEngine(
  (server) => {
    test('a reset tells what it looked into, and nothing when nothing was written', async () => {
      const { url, query } = await shop(server);
      const data = await baseline({ url, seed: SEED });
      await query('SELECT * FROM orders');
      expect(await afterTheSecond(data)).toEqual({ kind: 'untouched', tables: [] });
      await query('DELETE FROM customers WHERE id = 1');
      const { kind, tables } = await data.reset();
      expect({ kind, isSeen: ['customers', 'orders'].every((table) => tables.includes(table)) }).toEqual({
        kind: 'rows',
        isSeen: true,
      });
      expect(await query('SELECT id, customer FROM orders')).toEqual([
        ['1', '1'],
        ['2', '2'],
      ]);
      await query('DROP VIEW names');
      expect((await data.reset()).kind).toBe('restored');
      expect(await query('SELECT name FROM names ORDER BY name')).toEqual([['Ada'], ['Grace']]);
      await data.close();
    });

    test('with `loose`, AUTO_INCREMENT goes on from where it is and the rows come back', async () => {
      const { url, query } = await shop(server);
      const data = await baseline({ url, seed: SEED, autoIncrement: 'loose' });
      await query("INSERT INTO log (word) VALUES ('a'), ('b')");
      await data.reset();
      await query("INSERT INTO log (word) VALUES ('c')");
      expect(await query("SELECT id > 4, word FROM log WHERE word = 'c'")).toEqual([['1', 'c']]);
      await data.reset();
      expect(await query('SELECT word FROM log')).toEqual([['new Ada'], ['new Grace']]);
      await data.close();
    });

    test('a database whose name says nothing of tests is refused, unless it is said to be one', async () => {
      const { name, url } = await shop(server, 'shop_live');
      await expect(baseline({ url })).rejects.toThrow(`${name} does not look like a database for tests`);
      const data = await baseline({ url, isTestDatabase: true });
      await data.close();
      await expect(baseline({ url, database: 'mysql' })).rejects.toThrow('belongs to the server');
    });

    test('a second baseline of the same database is refused while the first is open', async () => {
      const { name, url } = await shop(server);
      const first = await baseline({ url });
      await expect(baseline({ url })).rejects.toThrow(`${name}: its baseline is held by`);
      await first.close();
      const second = await baseline({ url });
      await second.close();
    });

    test('a transaction that the test left open is told, and the reset does nothing', async () => {
      await expectOpenTransactionTold(await shop(server), SEED);
    });

    test('a seed is run once for the same text and definitions, and again when it is another', async () => {
      const { url, query } = await shop(server);
      let runs = 0;
      const seed = (version: string) => ({
        version,
        run: async () => {
          runs += 1;
          await query(`INSERT INTO customers (name) VALUES ('${version}')`);
        },
      });
      for (const version of ['one', 'one', 'two', 'two']) {
        const data = await baseline({ url, seed: seed(version) });
        expect(await query('SELECT id, name FROM customers')).toEqual([['1', version]]);
        await query('INSERT INTO orders (customer) VALUES (1)');
        await data.close();
      }
      expect(runs).toBe(2);
    });

    test('a seed that makes the tables too can be changed, and one that fails half-way leaves nothing', async () => {
      const { name, url } = await createDatabase(server, 'blank_test');
      const client = await openClient(url);
      onTestFinished(() => client.close());
      const seed = (column: string) => `CREATE TABLE t (${column} INT); INSERT INTO t VALUES (1);`;
      await expect(baseline({ url, seed: `${seed('a')} INSERT INTO nowhere VALUES (1);` })).rejects.toThrow('nowhere');
      for (const column of ['a', 'b']) {
        const data = await baseline({ url, seed: seed(column) });
        await data.close();
        expect(await client.query(`SELECT * FROM ${name}.t`)).toEqual([{ [column]: '1' }]);
      }
      await client.query(`CREATE TABLE ${name}.mine (id INT)`);
      await expect(baseline({ url, seed: seed('c') })).rejects.toThrow('tables that its seed did not make: mine');
    });

    test('rows that were there before a seed are never emptied for another one', async () => {
      const { name, url, query } = await shop(server);
      await query("INSERT INTO log (word) VALUES ('precious')");
      const first = await baseline({ url, seed: SEED });
      await first.close();
      await expect(baseline({ url, seed: `${SEED} DELETE FROM orders;` })).rejects.toThrow(
        `${name} held rows before its seed was run`,
      );
      expect(await query("SELECT word FROM log WHERE word = 'precious'")).toEqual([['precious']]);
    });

    test('each worker has an equal database of its own for all of its files, removed at the end', async () => {
      const { name, url, query } = await shop(server);
      const workers = await Promise.all([1, 2].map((worker) => baseline({ url, seed: SEED, worker })));
      expect(workers.map(({ database }) => database)).toEqual([`${name}_w1`, `${name}_w2`]);
      const source = (await logicalDump(server.url, [name])).replaceAll(name, 'X');
      for (const worker of workers) {
        const own = await logicalDump(server.url, [worker.database]);
        expect(own.replaceAll(worker.database, 'X')).toBe(source);
      }
      await query(`DELETE FROM ${name}_w1.customers`);
      expect(await query(`SELECT COUNT(*) FROM ${name}_w2.orders`)).toEqual([['2']]);
      await expect(baseline({ url, seed: SEED, worker: 1 })).rejects.toThrow(`${name}_w1: its baseline is held by`);
      expect(await removeWorkers({ url })).toEqual([]);
      for (const worker of workers) await worker.close();
      const again = await baseline({ url, seed: SEED, worker: 1 });
      expect(await query(`SELECT COUNT(*) FROM ${name}_w1.orders`)).toEqual([['2']]);
      await again.close();
      expect(await removeWorkers({ url })).toEqual([`${name}_w1`, `${name}_w2`]);
      expect(await query(`SHOW DATABASES LIKE '${name}%'`)).toEqual([[name]]);
    });

    test('a database that only looks like a worker is left alone', async () => {
      const { name, url, query } = await shop(server);
      await query(`CREATE DATABASE ${name}_w7`);
      onTestFinished(async () => {
        const client = await openClient(server.url);
        await client.query(`DROP DATABASE ${name}_w7`);
        await client.close();
      });
      await expect(baseline({ url, worker: 7 })).rejects.toThrow(`${name}_w7 is there, and no worker of ours made it`);
      expect(await removeWorkers({ url })).toEqual([]);
    });

    test('what a failed test has left can be kept under another name', async () => {
      const { name, url, query } = await shop(server);
      const data = await baseline({ url, seed: SEED });
      await query("UPDATE customers SET name = 'broken' WHERE id = 1");
      const kept = await data.keep('failed_1');
      onTestFinished(async () => {
        await query(`DROP DATABASE ${name}_failed_1`);
      });
      await data.close();
      expect(new URL(kept).pathname).toBe(`/${name}_failed_1`);
      expect(await query(`SELECT name FROM ${name}_failed_1.customers`)).toEqual([['broken'], ['Grace']]);
      expect(await query('SELECT name FROM customers')).toEqual([['Ada'], ['Grace']]);
    });

    test('triggers that a killed process left away are back before the next baseline', async () => {
      const { name, url, query } = await shop(server);
      const data = await baseline({ url, seed: SEED });
      const before = await logicalDump(server.url, [name]);
      await data.close();
      const copy = `snapback_base_${sha256(name).slice(0, 16)}`;
      await query('DROP TRIGGER told');
      await query(`UPDATE ${copy}.\`snapback state\` SET is_unfinished = 1`);
      const next = await baseline({ url });
      expect(await logicalDump(server.url, [name])).toBe(before);
      await next.close();
    });
  },
  { engines: ['mariadb', 'mysql'] },
);

/** While it is still the second of the seed, a table may have been written since, and is looked into. */
async function afterTheSecond(data: Baseline) {
  let end = await data.reset();
  while (end.kind === 'rows') end = await data.reset();
  return end;
}
