// A restore by another login than the one that took the snapshot: what it could not see or put back, it refuses while
// nothing is changed.

import { expect, onTestFinished, test } from 'vitest';
import type { Scope } from '../../src/engines/index.ts';
import { createDatabase, describeEachEngine, logicalDump, runStatements } from '../support/servers.ts';
import { loginWith, OWN_GRANTS } from './logins.ts';
import { catching, databaseScope, effect, openStore, specOf } from './store-on.ts';

const ALL_BUT_EVENT =
  'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, LOCK TABLES, CREATE VIEW, SHOW VIEW, ' +
  'CREATE ROUTINE, ALTER ROUTINE, EXECUTE, TRIGGER';
const NO_TRIGGER = 'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, LOCK TABLES';

interface Trial {
  readonly what: string;
  readonly grants: (db: string) => readonly string[];
  readonly build: (db: string) => readonly string[];
  readonly says: (db: string) => string;
  readonly scope?: (db: string) => Scope;
}

const UNREADABLE: Trial = {
  what: 'a procedure whose body it may not read',
  grants: (db) => [`ALL ON ${db}.*`],
  build: (db) => [`CREATE PROCEDURE ${db}.count_them() SELECT COUNT(*) FROM ${db}.orders`],
  says: (db) => `no right to read the definition of procedure ${db}.count_them`,
};
const SINGLE_TABLE: Trial = {
  what: 'the triggers of a single table, of which it is shown none',
  grants: (db) => [`${NO_TRIGGER} ON ${db}.*`],
  build: (db) => [`CREATE TRIGGER ${db}.counts BEFORE INSERT ON ${db}.orders FOR EACH ROW SET @n = @n + 1`],
  says: (db) => `no right to see and put back all of database ${db}: `,
  scope: (db) => ({ kind: 'tables', tables: [{ database: db, table: 'orders' }] }),
};
const TRIALS: readonly Trial[] = [
  UNREADABLE,
  SINGLE_TABLE,
  {
    what: 'a trigger of a definer in whose name it may create nothing',
    grants: (db) => [`ALL ON ${db}.*`],
    build: (db) => [`CREATE TRIGGER ${db}.counts BEFORE INSERT ON ${db}.orders FOR EACH ROW SET @n = @n + 1`],
    says: (db) => `cannot create trigger ${db}.counts again as DEFINER root@`,
  },
  {
    what: 'events, of which it is shown none',
    grants: (db) => [`${ALL_BUT_EVENT} ON ${db}.*`],
    build: (db) => [`CREATE EVENT ${db}.nightly ON SCHEDULE EVERY 1 DAY STARTS '2038-01-01' DO SET @a = 1`],
    says: (db) => `no right to see and put back all of database ${db}: `,
  },
];

describeEachEngine(
  (server) => {
    async function shop({ grants, build }: Trial) {
      const { name: db } = await createDatabase(server, 'rights');
      await runStatements(server.url, [
        `CREATE TABLE ${db}.orders (id INT PRIMARY KEY, v INT)`,
        `INSERT INTO ${db}.orders VALUES (1, 1), (2, 2)`,
        ...build(db),
      ]);
      const login = await loginWith(server, ...grants(db), ...OWN_GRANTS);
      return { db, snapshots: login.store.snapshots, dump: () => logicalDump(server.url, [db]) };
    }

    test.each(TRIALS)('a restore is refused, and nothing is dropped: $what', async (trial) => {
      const { db, snapshots, dump } = await shop(trial);
      const taker = await openStore(server);
      const spec = specOf(trial.scope?.(db) ?? databaseScope(db));
      onTestFinished(() => taker.snapshots.drop(spec.name, effect()));
      await taker.snapshots.create(spec, effect());
      await runStatements(server.url, [`ALTER TABLE ${db}.orders ADD w INT`]);
      const damaged = await dump();
      const { code, message } = await catching(snapshots.restore(spec.name, undefined, effect()));
      const state = (await snapshots.find(spec.name, effect().signal))?.state;
      expect({ code, isNamed: message.includes(trial.says(db)), state, dump: await dump() }, message).toEqual({
        ...{ code: 'SNAPSHOT_REFUSED', isNamed: true, state: 'ready', dump: damaged },
      });
    });

    test('a login that is shown no triggers cannot take a snapshot of a single table', async () => {
      const { db, snapshots } = await shop(SINGLE_TABLE);
      const spec = specOf({ kind: 'tables', tables: [{ database: db, table: 'orders' }] });
      const { code, message } = await catching(snapshots.create(spec, effect()));
      expect({ code, says: message.slice(0, message.lastIndexOf(': ')) }).toEqual({
        code: 'SNAPSHOT_REFUSED',
        says: expect.stringContaining(`no right to see and put back all of database ${db}`) as string,
      });
    });

    test('what may not be read is not called missing, and not proven equal', async () => {
      const { db, snapshots } = await shop(UNREADABLE);
      const taker = await openStore(server);
      const spec = specOf(databaseScope(db));
      onTestFinished(() => taker.snapshots.drop(spec.name, effect()));
      await taker.snapshots.create(spec, effect());
      const hidden = {
        ...{ object: 'procedure', name: `${db}.count_them`, what: 'definition', expected: 'one that can be read' },
        found: expect.stringMatching(/^not readable: /) as string,
      };
      expect(await snapshots.compare(spec.name, undefined, effect())).toEqual([hidden]);
      expect((await snapshots.prove(spec.name, undefined, effect())).differences).toEqual([hidden]);
    });
  },
  { engines: ['mariadb', 'mysql'] },
);
