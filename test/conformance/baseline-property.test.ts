// Whatever a test does, a reset gives the database as it was.
//
//   SNAPBACK_BASELINE_CASES=1000   that many tests on each server, ten on each random database (CI: 40)
//   SNAPBACK_SEED=7                another choice of them

import { expect, onTestFinished, test } from 'vitest';
import { baseline } from '../../src/testing/index.ts';
import { createDatabase, describeEachEngine, logicalDump, openClient, type TestServer } from '../support/servers.ts';
import { CROWD } from './baseline-random.ts';
import { expectResets } from './resetting-after-each.ts';

const CASES = Number(process.env['SNAPBACK_BASELINE_CASES'] ?? 40);
const SEED = Number(process.env['SNAPBACK_SEED'] ?? 20_260_101);
const LONG_FORM = 100;
const TIMEOUT_MS = 60_000 + CASES * 5_000;

describeEachEngine(
  (server) => {
    test(`a reset puts back whatever ${CASES} random tests did, exactly`, { timeout: TIMEOUT_MS }, async () => {
      if (CASES >= LONG_FORM) await makeCrowd(server);
      await expectResets(server, { cases: CASES, seed: SEED });
    });

    test('a reset puts back what was written to a table that the server has put away since', async () => {
      const { name, url } = await createDatabase(server, 'many_test');
      const client = await openClient(url);
      onTestFinished(() => client.close());
      for (let at = 0; at < 40; at += 1) {
        await client.query(`CREATE TABLE t${at} (id INT PRIMARY KEY, n INT)`);
        if (at % 2 === 0) await client.query(`INSERT INTO t${at} VALUES (1, 1), (2, 2)`);
      }
      await shrinkCache(server);
      const shop = await baseline({ url });
      const before = await logicalDump(server.url, [name]);
      const others = await createDatabase(server, 'others_test');
      for (let round = 0; round < 2; round += 1) {
        await client.query('UPDATE t0 SET n = 7');
        await client.query('INSERT INTO t1 VALUES (5, 5)');
        const opener = await openClient(others.url);
        for (let at = 0; at < 500; at += 1) {
          await opener.query(`CREATE TABLE IF NOT EXISTS o${at} (id INT)`);
          await opener.query(`SELECT * FROM o${at}`);
        }
        await opener.close();
        await shop.reset();
        expect(await logicalDump(server.url, [name])).toBe(before);
      }
      await shop.close();
    });
  },
  { engines: ['mariadb', 'mysql'] },
);

/** The server keeps 400 tables open, until the test has finished. */
async function shrinkCache(server: TestServer): Promise<void> {
  const client = await openClient(server.url);
  onTestFinished(() => client.close());
  const [cache] = await client.query('SELECT @@global.table_definition_cache AS size');
  await client.query('SET GLOBAL table_definition_cache = 400');
  onTestFinished(async () => {
    await client.query(`SET GLOBAL table_definition_cache = ${cache?.['size'] ?? '400'}`);
  });
}

async function makeCrowd(server: TestServer): Promise<void> {
  await shrinkCache(server);
  const client = await openClient(server.url);
  onTestFinished(async () => {
    await client.query(`DROP DATABASE IF EXISTS ${CROWD}`);
    await client.close();
  });
  await client.query(`CREATE DATABASE IF NOT EXISTS ${CROWD}`);
  for (let at = 0; at < 500; at += 1) await client.query(`CREATE TABLE IF NOT EXISTS ${CROWD}.c${at} (id INT)`);
}
