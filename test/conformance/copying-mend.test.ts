// A table of which few rows differ is mended row by row and not built anew: what comes back is the same.

import { expect, onTestFinished, test } from 'vitest';
import { createDatabase, describeEachEngine, logicalDump, runStatements } from '../support/servers.ts';
import { databaseScope, effect, openStore, specOf } from './store-on.ts';

const NUMBERS = `(SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n AS n FROM digits a, digits b, digits c, digits d)`;

describeEachEngine(
  (server) => {
    async function snapshotOf(statements: (database: string) => readonly string[]) {
      const { name } = await createDatabase(server, 'mended');
      await runStatements(server.url, statements(name));
      const store = await openStore(server);
      const spec = specOf(databaseScope(name));
      onTestFinished(() => store.snapshots.drop(spec.name, effect()));
      await store.snapshots.create(spec, effect());
      const before = await logicalDump(server.url, [name]);
      return {
        name,
        damage: (...sql: readonly string[]) => runStatements(server.url, ['SET foreign_key_checks = 0', ...sql]),
        restore: async () => {
          const { row_count, destroyed } = await store.snapshots.restore(spec.name, undefined, effect());
          const { is_equal } = await store.snapshots.prove(spec.name, undefined, effect());
          const isBefore = (await logicalDump(server.url, [name])) === before;
          const rows = destroyed.flatMap(({ name: table, what, rows: found }) => {
            return what === 'rows' ? [{ table, ...found }] : [];
          });
          return { row_count, rows, is_equal, isBefore };
        },
      };
    }

    test.each([
      ['among the first', 7],
      ['not among the first', 5_007],
    ])(
      'rows that are gone, added and changed in a big table, %s, are named, and only they are touched',
      async (_, id) => {
        const digits = Array.from({ length: 10 }, (_, n) => `(${n})`).join(', ');
        const { name, damage, restore } = await snapshotOf((database) => [
          `CREATE TABLE ${database}.digits (n INT PRIMARY KEY)`,
          `INSERT INTO ${database}.digits VALUES ${digits}`,
          `CREATE TABLE ${database}.big (id INT AUTO_INCREMENT PRIMARY KEY, v INT, note TEXT, changed_at TIMESTAMP
           NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, twice INT AS (v * 2) STORED, KEY (v))`,
          `INSERT INTO ${database}.big (id, v, note) SELECT n + 1, n, CONCAT('note ', n)
           FROM ${NUMBERS.replaceAll('digits', `${database}.digits`)} AS numbers`,
          `DELETE FROM ${database}.digits`,
        ]);
        await damage(
          `UPDATE ${name}.big SET v = v + 1, note = NULL WHERE id IN (${id}, ${id + 1})`,
          `DELETE FROM ${name}.big WHERE id = ${id + 2}`,
          `INSERT INTO ${name}.big (v) VALUES (1)`,
        );
        expect(await restore()).toEqual({
          row_count: 4,
          rows: [
            {
              table: `${name}.big`,
              gone: 1,
              changed: 2,
              added: 1,
              is_exact: true,
              sample: [
                { change: 'gone', key: `id=${id + 2}` },
                { change: 'changed', key: `id=${id}` },
                { change: 'changed', key: `id=${id + 1}` },
                { change: 'added', key: 'id=10001' },
              ],
            },
          ],
          is_equal: true,
          isBefore: true,
        });
      },
    );

    const filled = (database: string, columns: string, values: (n: number) => string): readonly string[] => [
      `CREATE TABLE ${database}.t (${columns})`,
      `INSERT INTO ${database}.t VALUES ${Array.from({ length: 40 }, (_, n) => `(${values(n)})`).join(', ')}`,
    ];

    test.each([
      {
        what: 'two rows have each taken the unique value of the other',
        columns: 'id INT PRIMARY KEY, code VARCHAR(9), UNIQUE KEY (code)',
        values: (n: number) => `${n}, 'c${n}'`,
        damage: [
          "UPDATE t SET code = 'x' WHERE id = 1",
          "UPDATE t SET code = 'c1' WHERE id = 2",
          "UPDATE t SET code = 'c2' WHERE id = 1",
        ],
        row_count: 2,
      },
      {
        what: 'a key is written in other letters that its collation calls the same',
        columns: 'name VARCHAR(9) PRIMARY KEY, v INT',
        values: (n: number) => `'key ${n}', ${n}`,
        damage: ["UPDATE t SET name = 'KEY 3' WHERE name = 'key 3'"],
        row_count: 1,
      },
      {
        what: 'the key is all that a row has',
        columns: 'a INT, b INT, PRIMARY KEY (a, b)',
        values: (n: number) => `${n}, ${n % 7}`,
        damage: ['DELETE FROM t WHERE a = 3', 'INSERT INTO t VALUES (3, 99), (99, 3)'],
        row_count: 3,
      },
      {
        what: 'a column was permuted between rows',
        columns: 'id INT PRIMARY KEY, v DOUBLE, w JSON, x BINARY(3), y BIT(9)',
        values: (n: number) => `${n}, ${n} / 3, '[${n}]', x'00${String(n).padStart(2, '0')}00', ${n}`,
        damage: ['UPDATE t SET v = (100 - id) / 3, y = 5 - id WHERE id < 6'],
        row_count: 6,
      },
    ])('it is as it was where $what', async ({ columns, values, damage: sql, row_count }) => {
      const { name, damage, restore } = await snapshotOf((database) => filled(database, columns, values));
      await damage(`USE ${name}`, ...sql);
      const { rows, ...rest } = await restore();
      expect({ ...rest, count: rows.length }).toEqual({ row_count, is_equal: true, isBefore: true, count: 1 });
    });

    test('one that most rows differ in, one with a trigger and one without a key are built anew', async () => {
      const { name, damage, restore } = await snapshotOf((database) => [
        ...filled(database, 'id INT PRIMARY KEY, v INT', (n) => `${n}, ${n}`),
        `CREATE TABLE ${database}.heap AS SELECT * FROM ${database}.t`,
        `CREATE TABLE ${database}.watched LIKE ${database}.t`,
        `INSERT INTO ${database}.watched SELECT * FROM ${database}.t`,
        `CREATE TABLE ${database}.log (id INT AUTO_INCREMENT PRIMARY KEY)`,
        `CREATE TRIGGER ${database}.watching BEFORE UPDATE ON ${database}.watched FOR EACH ROW
           INSERT INTO ${database}.log VALUES ()`,
      ]);
      await damage(
        `UPDATE ${name}.t SET v = -1 WHERE id < 9`,
        `UPDATE ${name}.heap SET v = -1 WHERE id = 9`,
        `UPDATE ${name}.watched SET v = -1 WHERE id = 9`,
      );
      const { rows, ...rest } = await restore();
      expect({ ...rest, tables: rows.map(({ table }) => table).sort() }).toEqual({
        row_count: 120,
        tables: ['heap', 'log', 't', 'watched'].map((table) => `${name}.${table}`),
        is_equal: true,
        isBefore: true,
      });
    });
  },
  { engines: ['mariadb', 'mysql'] },
);
