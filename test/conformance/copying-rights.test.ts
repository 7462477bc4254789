// What a login without any right over the whole server can do, and the script that helps where it cannot.

import { expect, onTestFinished, test } from 'vitest';
import { splitStatements } from '../../src/engines/index.ts';
import type { Fault, FaultCode } from '../../src/kernel/index.ts';
import { createDatabase, describeEachEngine, logicalDump, runStatements, type TestServer } from '../support/servers.ts';
import { loginWith, OWN_GRANTS, type Login } from './logins.ts';
import { catching, connectorTo, databaseScope, effect, openStore, shadowsOf, specOf, storeOn } from './store-on.ts';

const own = OWN_GRANTS;

/** Runs what the hint tells an administrator to run. */
async function obey(server: TestServer, { hint }: Fault): Promise<readonly string[]> {
  expect(hint).toContain('Let an administrator run: ');
  const script = splitStatements(hint.slice(hint.indexOf('run: ') + 'run: '.length)).map(({ text }) => text);
  await runStatements(server.url, script);
  return script;
}

/** MySQL with its binary log lets only SUPER make triggers and functions, unless it is told to trust. */
async function trusting(server: TestServer, isTrusted: boolean): Promise<void> {
  const set = (value: number) => runStatements(server.url, [`SET GLOBAL log_bin_trust_function_creators = ${value}`]);
  if (server.engine !== 'mysql') return;
  await set(isTrusted ? 1 : 0);
  onTestFinished(() => set(0));
}

function everything(name: string): readonly string[] {
  return [
    `CREATE TABLE ${name}.a (id INT AUTO_INCREMENT PRIMARY KEY, v INT, g INT AS (v + 1), KEY (v))`,
    `CREATE TABLE ${name}.b (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES ${name}.a (id))`,
    `INSERT INTO ${name}.a (v) VALUES (1), (2)`,
    `INSERT INTO ${name}.b VALUES (1, 1)`,
    `CREATE VIEW ${name}.v AS SELECT id FROM ${name}.a`,
    `CREATE TRIGGER ${name}.tr BEFORE INSERT ON ${name}.a FOR EACH ROW SET NEW.v = 5`,
    `CREATE FUNCTION ${name}.f() RETURNS INT DETERMINISTIC NO SQL RETURN 1`,
    `CREATE PROCEDURE ${name}.p() SELECT 1`,
    `CREATE EVENT ${name}.e ON SCHEDULE EVERY 1 DAY STARTS '2038-01-01' DO SELECT 1`,
  ];
}

/** Drops, changes and makes something of every kind. */
function spoilt(name: string): readonly string[] {
  return [
    'SET foreign_key_checks = 0',
    `DROP TABLE ${name}.a`,
    `DELETE FROM ${name}.b`,
    `DROP VIEW ${name}.v`,
    `DROP FUNCTION ${name}.f`,
    `DROP PROCEDURE ${name}.p`,
    `DROP EVENT ${name}.e`,
    `CREATE TABLE ${name}.c (id INT PRIMARY KEY)`,
  ];
}

/** Snapshot, damage, restore, proof and drop: all by this login. */
async function wholeCircle(server: TestServer, { store, run }: Login, name: string): Promise<void> {
  const spec = specOf(databaseScope(name));
  const before = await logicalDump(server.url, [name]);
  await store.snapshots.create(spec, effect());
  await run(...spoilt(name));
  await store.snapshots.restore(spec.name, undefined, effect());
  const proof = await store.snapshots.prove(spec.name, undefined, effect());
  expect({ differences: proof.differences, moment: proof.moment }).toEqual({
    differences: [],
    moment: 'under LOCK TABLES READ',
  });
  expect(await logicalDump(server.url, [name])).toEqual(before);
  await store.snapshots.drop(spec.name, effect());
  expect(await store.snapshots.find(spec.name, effect().signal)).toEqual(undefined);
}

/** Refused without a trace; once the script of the refusal was run, the snapshot can be taken. */
async function refusedThenTaken(
  server: TestServer,
  { store }: Login,
  name: string,
  code: FaultCode,
  words: string,
): Promise<void> {
  const spec = specOf(databaseScope(name));
  const fault = await catching(store.snapshots.create(spec, effect()));
  expect({ code: fault.code, isNamed: fault.message.includes(words) }, fault.message).toEqual({ code, isNamed: true });
  const { snapshots } = await openStore(server);
  expect({
    kept: await snapshots.find(spec.name, effect().signal),
    shadows: await shadowsOf(server, `${name}_t`),
  }).toEqual({ kept: undefined, shadows: [] });
  await obey(server, fault);
  await store.snapshots.create(spec, effect());
  await store.snapshots.drop(spec.name, effect());
}

describeEachEngine(
  (server) => {
    test('rights on the live and the shadow databases are enough where nothing has a foreign definer', async () => {
      const { name } = await createDatabase(server, 'live');
      await trusting(server, true);
      const login = await loginWith(server, `ALL ON ${name}.*`, ...own);
      await login.run(...everything(name));
      await wholeCircle(server, login, name);
    });

    test('foreign definers are refused by name, and the script of the refusal makes all of it work', async () => {
      const { name } = await createDatabase(server, 'live');
      await trusting(server, true);
      await runStatements(server.url, everything(name));
      const login = await loginWith(server, `ALL ON ${name}.*`, ...own);
      const before = await logicalDump(server.url, [name]);
      const spec = specOf(databaseScope(name));
      const said: string[] = [];
      // What may not be read is told first; what could not be written again can only be told of what was read.
      for (let round = 0; round < 2; round += 1) {
        const fault = await catching(login.store.snapshots.create(spec, effect()));
        expect({ code: fault.code, shadows: await shadowsOf(server, 'probe_rights') }).toEqual({
          code: 'SNAPSHOT_REFUSED',
          shadows: [],
        });
        said.push(fault.message);
        await obey(server, fault);
      }
      const named = ['function', 'procedure'].map((kind) => said[0]?.includes(`the definition of ${kind} ${name}.`));
      const again = ['view', 'trigger', 'function', 'procedure', 'event'].map((kind) =>
        said[1]?.includes(`cannot create ${kind} ${name}.`),
      );
      expect({ named, again }).toEqual({ named: [true, true], again: [true, true, true, true, true] });
      expect(await logicalDump(server.url, [name])).toEqual(before);
      await wholeCircle(server, login, name);
    });

    test('without any right of its own databases, the script gives what is missing', async () => {
      const { name } = await createDatabase(server, 'li_ve');
      await trusting(server, true);
      const login = await loginWith(server, `SELECT ON ${name}.*`);
      await runStatements(server.url, [`CREATE TABLE ${name}.a (id INT PRIMARY KEY)`]);
      const spec = specOf(databaseScope(name));
      const rounds: string[] = [];
      for (let isTaken = false; !isTaken && rounds.length < 5;) {
        const fault = await login.store.snapshots.create(spec, effect()).then(
          () => undefined,
          (error: unknown) => error as Fault,
        );
        isTaken = fault === undefined;
        if (fault === undefined) continue;
        rounds.push(fault.message);
        const script = await obey(server, fault);
        expect(
          script.every((statement) =>
            /^GRANT ALL (PRIVILEGES )?ON `(li\\_ve\\_\w+|snapback|sb\\_%)`\.\* TO/.test(statement),
          ),
          script.join(),
        ).toEqual(true);
      }
      expect({ isFew: rounds.length <= 2, names: rounds[0]?.includes(`all of database ${name}`) }).toEqual({
        isFew: true,
        names: true,
      });
      await login.store.snapshots.drop(spec.name, effect());
    });

    test.each([
      'TRIGGER',
      'EVENT',
      'ALTER ROUTINE',
      'CREATE ROUTINE',
      'CREATE VIEW',
      'DROP',
      'CREATE',
      'ALTER',
      'INSERT',
    ])('a login that lacks %s on the database is refused: it might not see all, or not put all back', async (right) => {
      const { name } = await createDatabase(server, 'live');
      await trusting(server, true);
      const login = await loginWith(server, `ALL ON ${name}.*`, ...own);
      await login.run(`CREATE TABLE ${name}.${name}_t (id INT PRIMARY KEY)`, `CREATE PROCEDURE ${name}.p() SELECT 1`);
      await runStatements(server.url, [`REVOKE ${right} ON ${name}.* FROM '${login.user}'@'%'`]);
      await refusedThenTaken(server, login, name, 'SNAPSHOT_REFUSED', `put back all of database ${name}`);
    });

    test('a login that may not read the definition of a view is refused by its name', async () => {
      const { name } = await createDatabase(server, 'live');
      const login = await loginWith(server, `ALL ON ${name}.*`, ...own);
      await login.run(`CREATE TABLE ${name}.${name}_t (id INT PRIMARY KEY)`);
      await login.run(`CREATE VIEW ${name}.v AS SELECT id FROM ${name}.${name}_t`);
      await runStatements(server.url, [`REVOKE SHOW VIEW ON ${name}.* FROM '${login.user}'@'%'`]);
      const words = `no right to read the definition of view ${name}.v`;
      await refusedThenTaken(server, login, name, 'SNAPSHOT_REFUSED', words);
    });

    test.each(['LOCK TABLES', 'SELECT'])('a login that lacks %s on the database is told the GRANT', async (right) => {
      const { name } = await createDatabase(server, 'live');
      const login = await loginWith(server, `ALL ON ${name}.*`, ...own);
      await runStatements(server.url, [
        `CREATE TABLE ${name}.${name}_t (id INT PRIMARY KEY)`,
        `REVOKE ${right} ON ${name}.* FROM '${login.user}'@'%'`,
      ]);
      await refusedThenTaken(server, login, name, 'PRIVILEGE_MISSING', 'denied');
    });

    test.each(['snapback', 'sb\\_%'])('a login without any right on %s is told the GRANT', async (missing) => {
      const { name } = await createDatabase(server, 'live');
      const rights = own.filter((right) => !right.includes(missing));
      const login = await loginWith(server, `ALL ON ${name}.*`, ...rights);
      await login.run(`CREATE TABLE ${name}.${name}_t (id INT PRIMARY KEY)`);
      await refusedThenTaken(server, login, name, 'PRIVILEGE_MISSING', 'denied');
    });
  },
  { engines: ['mariadb', 'mysql'] },
);

describeEachEngine(
  (server) => {
    test('with a binary log and no trust, triggers and functions are refused; the script helps (1419)', async () => {
      const { name } = await createDatabase(server, 'live');
      await trusting(server, true);
      const login = await loginWith(server, `ALL ON ${name}.*`, ...own);
      await login.run(...everything(name));
      await trusting(server, false);
      const spec = specOf(databaseScope(name));
      const fault = await catching(login.store.snapshots.create(spec, effect()));
      const named = ['trigger', 'function', 'view'].map((kind) =>
        fault.message.includes(`cannot create ${kind} ${name}.`),
      );
      expect({ code: fault.code, named }).toEqual({ code: 'SNAPSHOT_REFUSED', named: [true, true, false] });
      expect(await obey(server, fault)).toEqual(['SET GLOBAL log_bin_trust_function_creators = 1']);
      await wholeCircle(server, login, name);
    });

    test('without REFERENCES where foreign keys point, a login is refused: it could not put them back', async () => {
      const { name: other } = await createDatabase(server, 'other');
      const { name } = await createDatabase(server, 'live');
      await runStatements(server.url, [
        `CREATE TABLE ${other}.parent (id INT PRIMARY KEY)`,
        `CREATE TABLE ${name}.${name}_t (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES ${other}.parent (id))`,
      ]);
      const login = await loginWith(server, `ALL ON ${name}.*`, ...own);
      const words = `no right to put back foreign keys that point into database ${other}`;
      await refusedThenTaken(server, login, name, 'SNAPSHOT_REFUSED', words);
    });

    test('a function that does not say what it does is refused, even to an administrator (1418)', async () => {
      const { name } = await createDatabase(server, 'live');
      await trusting(server, true);
      await runStatements(server.url, [
        `CREATE FUNCTION ${name}.vague() RETURNS INT RETURN RAND() * 10`,
        `CREATE FUNCTION ${name}.clear() RETURNS INT DETERMINISTIC RETURN 1`,
      ]);
      await trusting(server, false);
      const connector = connectorTo(server.url);
      onTestFinished(() => connector.closeAll());
      const { snapshots } = await storeOn(server, connector);
      const spec = specOf(databaseScope(name));
      const fault = await catching(snapshots.create(spec, effect()));
      expect({
        vague: fault.message.includes(`function ${name}.vague`),
        clear: fault.message.includes('clear'),
      }).toEqual({ vague: true, clear: false });
      await obey(server, fault);
      await snapshots.create(spec, effect());
      await snapshots.drop(spec.name, effect());
    });
  },
  { engines: ['mysql'] },
);
