// Which rows of a big table differ: told by key, without a look at all rows twice.

import { expect, onTestFinished, test } from 'vitest';
import { createDatabase, describeEachEngine, runStatements, type TestServer } from '../support/servers.ts';
import { databaseScope, effect, openStore, specOf } from './store-on.ts';

/** Enough, on both sides together, to be compared in groups. */
const ROWS = 110_000;
const DIGITS = Array.from({ length: 10 }, (_, n) => `SELECT ${n} AS n`).join(' UNION ALL ');
const TEN = `(${DIGITS})`;

async function bigTable(server: TestServer) {
  const { name } = await createDatabase(server, 'big');
  await runStatements(server.url, [
    `CREATE TABLE ${name}.lines (shop VARCHAR(10), line INT, note VARCHAR(30), price DECIMAL(8,2),
       PRIMARY KEY (shop, line))`,
    `INSERT INTO ${name}.lines
       SELECT CONCAT('s', a.n), b.n + 10 * c.n + 100 * d.n + 1000 * e.n + 10000 * f.n, CONCAT('note ', b.n), c.n + 0.5
       FROM ${TEN} a, ${TEN} b, ${TEN} c, ${TEN} d, ${TEN} e, (SELECT 0 n UNION ALL SELECT 1) f
       WHERE e.n + 10 * f.n < ${ROWS / 10_000}`,
    `ANALYZE TABLE ${name}.lines`,
  ]);
  const store = await openStore(server);
  const spec = specOf(databaseScope(name));
  onTestFinished(() => store.snapshots.drop(spec.name, effect()));
  await store.snapshots.create(spec, effect());
  const table = { database: name, table: 'lines' };
  const compare = () => store.data.compareContent(table, spec.name, 20, effect().signal);
  return { name, store, spec, table, compare };
}

describeEachEngine(
  (server) => {
    test('twelve rows among many are all named, by content, by rows, and by the comparison of the whole', async () => {
      const { name, store, spec, table, compare } = await bigTable(server);
      expect(await compare()).toEqual({ kind: 'equal' });
      await runStatements(server.url, [
        `DELETE FROM ${name}.lines WHERE shop = 's1' AND line IN (10, 5000, 9)`,
        `UPDATE ${name}.lines SET note = 'other' WHERE shop IN ('s2', 's3') AND line IN (1, 700, 8000)`,
        `UPDATE ${name}.lines SET price = NULL WHERE shop = 's4' AND line = 1`,
        `INSERT INTO ${name}.lines VALUES ('new', 1, NULL, 1), ('new', 2, '', 1)`,
      ]);
      const rows = {
        gone: 3,
        added: 2,
        changed: 7,
        is_exact: true,
        sample: [
          ...[9, 10, 5000].map((line) => ({ change: 'gone', key: `shop=s1 line=${line}` })),
          ...['s2', 's3'].flatMap((shop) =>
            [1, 700, 8000].map((line) => ({ change: 'changed', key: `shop=${shop} line=${line}` })),
          ),
          { change: 'changed', key: 'shop=s4 line=1' },
          { change: 'added', key: 'shop=new line=1' },
          { change: 'added', key: 'shop=new line=2' },
        ],
      };
      expect(await compare()).toEqual({ kind: 'different', rows });
      expect(await store.data.differingRows(table, spec.name, 20, effect().signal)).toEqual(rows);
      expect(await store.snapshots.compare(spec.name, undefined, effect())).toEqual([
        {
          object: 'table',
          name: `${name}.lines`,
          what: 'rows',
          expected: `${ROWS} rows`,
          found: `${ROWS - 1} rows`,
          rows,
        },
      ]);
    });

    test('exchanged values are two changes, a small sample has every kind, a change of all is counted', async () => {
      const { name, compare, store, table, spec } = await bigTable(server);
      await runStatements(server.url, [
        `UPDATE ${name}.lines SET note = CONCAT('note ', 3 - line) WHERE shop = 's0' AND line IN (1, 2)`,
      ]);
      expect(await compare()).toEqual({
        kind: 'different',
        rows: {
          gone: 0,
          added: 0,
          changed: 2,
          is_exact: true,
          sample: [
            { change: 'changed', key: 'shop=s0 line=1' },
            { change: 'changed', key: 'shop=s0 line=2' },
          ],
        },
      });
      await runStatements(server.url, [
        `DELETE FROM ${name}.lines WHERE shop = 's9' AND line < 100`,
        `INSERT INTO ${name}.lines VALUES ('new', 1, NULL, 1)`,
      ]);
      const { sample } = await store.data.differingRows(table, spec.name, 4, effect().signal);
      expect(sample.map(({ change }) => change)).toEqual(['gone', 'gone', 'changed', 'added']);

      await runStatements(server.url, [`UPDATE ${name}.lines SET price = price + 1`]);
      const { sample: named, ...counts } = await store.data.differingRows(table, spec.name, 3, effect().signal);
      expect({ counts, named: named.length }).toEqual({
        counts: { gone: 100, added: 1, changed: ROWS - 100, is_exact: true },
        named: 3,
      });
    });
  },
  { engines: ['mariadb', 'mysql'] },
);
