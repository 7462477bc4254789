// What would stop a restore half-way is found before anything live is changed; and what need not stop it does not.

import { expect, onTestFinished, test } from 'vitest';
import type { Scope, ScopePart } from '../../src/engines/index.ts';
import { createDatabase, describeEachEngine, logicalDump, runStatements } from '../support/servers.ts';
import { catching, databaseScope, effect, openStore, specOf } from './store-on.ts';

interface Names {
  /** In the snapshot, whole or in part. */
  readonly db: string;
  readonly outside: string;
}

interface Obstacle {
  readonly what: string;
  readonly build: (names: Names) => readonly string[];
  readonly damage: (names: Names) => readonly string[];
  readonly scope?: (names: Names) => Scope;
  readonly part?: (names: Names) => ScopePart;
  /** How the refusal begins. */
  readonly says: (names: Names) => string;
  readonly on?: 'mysql';
}

const ordersOnly = ({ db }: Names): Scope => ({ kind: 'tables', tables: [{ database: db, table: 'orders' }] });
const customers = ({ db }: Names): readonly string[] => [
  `CREATE TABLE ${db}.customers (id INT PRIMARY KEY)`,
  `CREATE TABLE ${db}.orders (id INT PRIMARY KEY, customer INT,
     CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES ${db}.customers (id))`,
  `INSERT INTO ${db}.customers VALUES (1)`,
  `INSERT INTO ${db}.orders VALUES (1, 1)`,
];
const renamed = ({ db }: Names): readonly string[] => [
  `RENAME TABLE ${db}.orders TO ${db}.orders_old`,
  `CREATE TABLE ${db}.orders (id INT PRIMARY KEY, customer INT)`,
];
const taken = ({ db }: Names, what: string, by: string): string =>
  `the name of ${what} is taken by ${db}.${by}, which is not restored: take it away first`;

const OBSTACLES: readonly Obstacle[] = [
  {
    what: 'a foreign key whose name went with the old table',
    scope: ordersOnly,
    build: customers,
    damage: renamed,
    says: (names) => taken(names, 'foreign key of_customer', 'orders_old'),
  },
  {
    what: 'a check whose name went with the old table',
    on: 'mysql',
    scope: ordersOnly,
    build: ({ db }) => [
      `CREATE TABLE ${db}.orders (id INT PRIMARY KEY, customer INT, CONSTRAINT is_somebody CHECK (customer > 0))`,
    ],
    damage: renamed,
    says: (names) => taken(names, 'check is_somebody', 'orders_old'),
  },
  {
    what: 'a trigger whose name another table has',
    scope: ordersOnly,
    build: (names) => [
      ...customers(names),
      `CREATE TRIGGER ${names.db}.counts BEFORE INSERT ON ${names.db}.orders FOR EACH ROW SET @n = @n + 1`,
    ],
    damage: ({ db }) => [
      `DROP TRIGGER ${db}.counts`,
      `CREATE TRIGGER ${db}.counts BEFORE INSERT ON ${db}.customers FOR EACH ROW SET @n = @n + 1`,
    ],
    says: (names) => taken(names, 'trigger counts', 'customers'),
  },
  {
    what: 'a parent in another database that was changed',
    build: ({ db, outside }) => [
      `CREATE TABLE ${outside}.countries (code CHAR(2) PRIMARY KEY)`,
      `CREATE TABLE ${db}.orders (id INT PRIMARY KEY, country CHAR(2),
         CONSTRAINT from_country FOREIGN KEY (country) REFERENCES ${outside}.countries (code))`,
    ],
    damage: ({ db, outside }) => [
      `DROP TABLE ${db}.orders`,
      `DROP TABLE ${outside}.countries`,
      `CREATE TABLE ${outside}.countries (code INT)`,
    ],
    says: ({ db, outside }) => `${db}.orders.from_country does not fit ${outside}.countries as it is now: `,
  },
  {
    what: 'a parent that is not in the part to be restored, and was changed',
    part: ({ db }) => ({ tables: [{ database: db, table: 'orders' }] }),
    build: customers,
    damage: ({ db }) => [
      `ALTER TABLE ${db}.orders DROP FOREIGN KEY of_customer, MODIFY customer BIGINT`,
      `ALTER TABLE ${db}.customers MODIFY id BIGINT`,
    ],
    says: ({ db }) => `${db}.orders.of_customer does not fit ${db}.customers as it is now: `,
  },
];

describeEachEngine(
  (server) => {
    async function namesFor(): Promise<Names> {
      const { name: outside } = await createDatabase(server, 'outside');
      const { name: db } = await createDatabase(server, 'obstacle');
      return { db, outside };
    }

    async function taking(scope: Scope) {
      const { snapshots } = await openStore(server);
      const spec = specOf(scope);
      onTestFinished(() => snapshots.drop(spec.name, effect()));
      await snapshots.create(spec, effect());
      return { snapshots, name: spec.name };
    }

    const obstacles = OBSTACLES.filter(({ on }) => on === undefined || on === server.engine);
    test.each(obstacles)('a restore refuses before anything is dropped: $what', async (one) => {
      const names = await namesFor();
      await runStatements(server.url, one.build(names));
      const { snapshots, name } = await taking(one.scope?.(names) ?? databaseScope(names.db));
      await runStatements(server.url, one.damage(names));
      const damaged = await logicalDump(server.url, [names.db]);
      const { code, message } = await catching(snapshots.restore(name, one.part?.(names), effect()));
      const state = (await snapshots.find(name, effect().signal))?.state;
      const says = one.says(names);
      expect({ code, says: message.slice(0, says.length), state }).toEqual({
        ...{ code: 'SNAPSHOT_REFUSED', says, state: 'ready' },
      });
      expect(await logicalDump(server.url, [names.db])).toEqual(damaged);
    });

    test('a view that stands on what is gone outside is told, and everything else is put back', async () => {
      const { db, outside } = await namesFor();
      await runStatements(server.url, [
        `CREATE TABLE ${outside}.rates (id INT PRIMARY KEY)`,
        `CREATE TABLE ${db}.orders (id INT PRIMARY KEY)`,
        `CREATE VIEW ${db}.prices AS SELECT id FROM ${outside}.rates`,
        `CREATE VIEW ${db}.totals AS SELECT id FROM ${db}.orders`,
        `CREATE TRIGGER ${db}.counts BEFORE INSERT ON ${db}.orders FOR EACH ROW SET @n = @n + 1`,
      ]);
      const { snapshots, name } = await taking(databaseScope(db));
      await runStatements(server.url, [
        `DROP TABLE ${outside}.rates`,
        `DROP VIEW ${db}.prices`,
        `DROP TABLE ${db}.orders`,
        `DROP VIEW ${db}.totals`,
      ]);
      const { declared } = await snapshots.restore(name, undefined, effect());
      const { differences } = await snapshots.prove(name, undefined, effect());
      expect({ declared, differences, state: (await snapshots.find(name, effect().signal))?.state }).toEqual({
        declared: [expect.stringContaining(`view ${db}.prices could not be created again: `)],
        differences: [{ object: 'view', name: `${db}.prices`, what: 'missing' }],
        state: 'ready',
      });
    });

    test('events whose time has come since are no difference: they are gone, or disabled', async () => {
      const { db } = await namesFor();
      await runStatements(server.url, [
        `CREATE TABLE ${db}.orders (id INT PRIMARY KEY)`,
        // In the future as this session sees it, and over for everybody else.
        "SET timestamp = UNIX_TIMESTAMP('2020-01-01')",
        `CREATE EVENT ${db}.once ON SCHEDULE AT '2020-01-02' DISABLE DO SET @a = 1`,
        `CREATE EVENT ${db}.stays ON SCHEDULE AT '2020-01-02' ON COMPLETION PRESERVE DO SET @a = 1`,
        `CREATE EVENT ${db}.often ON SCHEDULE EVERY '1:30' MINUTE_SECOND STARTS '2020-01-01' ENDS '2020-01-02'
           ON COMPLETION PRESERVE DO SET @a = 1`,
      ]);
      const { snapshots, name } = await taking(databaseScope(db));
      const compare = () => snapshots.compare(name, undefined, effect());
      expect(await compare()).toEqual([]);
      await runStatements(
        server.url,
        ['once', 'stays', 'often'].map((event) => `DROP EVENT ${db}.${event}`),
      );
      expect((await compare()).map(({ name: event, what }) => [event, what])).toEqual([
        [`${db}.often`, 'missing'],
        [`${db}.stays`, 'missing'],
      ]);
      await snapshots.restore(name, undefined, effect());
      expect(await compare()).toEqual([]);
    });

    test('a table in memory may hold more than the server gives a new one', async () => {
      const { db } = await namesFor();
      await runStatements(server.url, [
        'SET SESSION max_heap_table_size = 1073741824',
        `CREATE TABLE ${db}.cache (id INT AUTO_INCREMENT PRIMARY KEY, v CHAR(250)) ENGINE=MEMORY`,
        `INSERT INTO ${db}.cache (v) VALUES ('a'), ('b')`,
        ...Array.from({ length: 14 }, () => `INSERT INTO ${db}.cache (v) SELECT v FROM ${db}.cache`),
      ]);
      const { snapshots, name } = await taking(databaseScope(db));
      await runStatements(server.url, [`TRUNCATE TABLE ${db}.cache`]);
      await snapshots.restore(name, undefined, effect());
      expect(await snapshots.compare(name, undefined, effect())).toEqual([]);
    });

    test('two databases whose names differ in case only are two databases', async () => {
      const { name: db } = await createDatabase(server, 'twin');
      const twin = db.toUpperCase();
      await runStatements(server.url, [`CREATE DATABASE ${twin}`]);
      onTestFinished(() => runStatements(server.url, [`DROP DATABASE ${twin}`]));
      for (const [at, one] of [db, twin].entries()) {
        await runStatements(server.url, [
          `CREATE TABLE ${one}.t (id INT PRIMARY KEY)`,
          `CREATE TRIGGER ${one}.tr${at} BEFORE INSERT ON ${one}.t FOR EACH ROW SET @a = 1`,
          `CREATE PROCEDURE ${one}.pr${at}() SELECT 1`,
          `CREATE EVENT ${one}.ev${at} ON SCHEDULE EVERY 1 DAY STARTS '2038-01-01' DO SET @a = 1`,
        ]);
      }
      const before = await logicalDump(server.url, [db, twin]);
      const { snapshots, name } = await taking(databaseScope(db));
      await runStatements(server.url, [`DROP TABLE ${db}.t`, `DROP PROCEDURE ${db}.pr0`, `DROP EVENT ${db}.ev0`]);
      await snapshots.restore(name, undefined, effect());
      expect(await logicalDump(server.url, [db, twin])).toEqual(before);
    });
  },
  { engines: ['mariadb', 'mysql'] },
);
