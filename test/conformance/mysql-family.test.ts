// What only MySQL and MariaDB promise: users with few rights, sessions by number, what a transaction can undo.

import { expect, onTestFinished, test } from 'vitest';
import type { Engine, Session } from '../../src/engines/index.ts';
import { announcements, faultOf, freshRun, never, testEngine } from '../support/engines.ts';
import {
  createDatabase,
  describeEachEngine,
  freshDatabase,
  openClient,
  runStatements,
  type TestServer,
} from '../support/servers.ts';

/** A user that has the rights named, and a login of it. Anonymous accounts make `%` match other logins than ours. */
async function createUser(server: TestServer, grants: readonly string[]) {
  const name = freshDatabase('u');
  const client = await openClient(server.url);
  const [seen] = await client.query("SELECT SUBSTRING_INDEX(USER(), '@', -1) AS host");
  await client.close();
  const account = `'${name}'@'${seen?.['host'] ?? ''}'`;
  await runStatements(server.url, [
    `CREATE USER ${account} IDENTIFIED BY 'pass'`,
    ...grants.map((grant) => `GRANT ${grant} TO ${account}`),
  ]);
  onTestFinished(() => runStatements(server.url, [`DROP USER ${account}`]));
  const url = new URL(server.url);
  url.username = name;
  url.password = 'pass';
  return { name, account, url: url.href };
}

function statementsOf(engine: Engine, ...texts: string[]) {
  return engine.splitStatements(texts.join(';\n'));
}

describeEachEngine(
  (server) => {
    test('a user with rights on its database and on the databases of snapback can do it all', async () => {
      const { name } = await createDatabase(server, 'low');
      const user = await createUser(server, [`ALL ON \`${name}\`.*`, 'ALL ON `snapback`.*', 'ALL ON `sb\\_%`.*']);
      const engine = await testEngine(user.url);
      const run = freshRun();
      const scope = { kind: 'databases', databases: [name] } as const;

      await engine.checkScope(scope, never);
      const lock = await engine.lockScope(scope, 'me', never);
      await lock.assertHeld();
      await engine.runs.open({ run, planName: 'low', scope, holder: 'me' }, never);
      await engine.markers.prepare(never);
      const session = await engine.openSession('a test', name, never);
      await session.query('START TRANSACTION');
      expect(await engine.markers.claim(session, run, 'steps/a', never)).toEqual('claimed');
      await session.query('COMMIT');
      await engine.markers.clear(run, never);
      const [ended, spare] = [session.identity, (await engine.openSession('spared', name, never)).identity];
      const later = { user: user.name, connectionIdFloor: '0' };
      const request = { sessions: [ended], later, spare: [spare.connectionId], timeoutMs: 10_000 };
      const outsider = await testEngine(user.url);
      await outsider.openSession('somebody else', undefined, never);
      const spared = [...engine.openConnectionIds().filter((id) => id !== ended.connectionId), spare.connectionId];
      expect(await engine.quiet({ ...request, spare: spared }, never)).toEqual({ ended: 1 });
      await engine.runs.setState(run, 'closed', never);
      await lock.release();
    });

    test('a user without rights on the catalog is told what to grant', async () => {
      const user = await createUser(server, ['SELECT ON `test`.*']);
      const engine = await testEngine(user.url);

      const { code, hint } = await faultOf(engine.markers.prepare(never));

      expect([code, hint]).toEqual([
        'PRIVILEGE_MISSING',
        `Let an administrator run: GRANT ALL ON \`snapback\`.* TO ${user.account}; ` +
          `GRANT ALL ON \`sb\\_%\`.* TO ${user.account};`,
      ]);
      expect(await engine.runs.list(never)).toEqual([]);
    });

    test('a refused login is told apart from a server that is not there', async () => {
      const user = await createUser(server, []);
      const wrong = new URL(user.url);
      wrong.password = 'wrong';
      const nobody = new URL(user.url);
      nobody.port = '1';

      expect((await faultOf(testEngine(wrong.href))).code).toEqual('LOGIN_REFUSED');
      expect((await faultOf(testEngine(nobody.href))).code).toEqual('SERVER_UNREACHABLE');
    });

    test('quiet ends every later session of a login', async () => {
      const user = await createUser(server, []);
      const [program, tool] = [await testEngine(user.url), await testEngine(server.url)];
      const before = await program.openSession('before the step', undefined, never);
      const floor = await tool.newestConnectionId(never);
      const orphan = await program.openSession('by a program of the step', undefined, never);

      const later = { user: user.name, connectionIdFloor: floor };
      expect(await tool.quiet({ sessions: [], later, spare: [], timeoutMs: 10_000 }, never)).toEqual({ ended: 1 });

      expect((await faultOf(orphan.query('SELECT 1'))).code).toEqual('CONNECTION_LOST');
      expect((await before.query('SELECT 1')).rows).toEqual([['1']]);
    });

    test('a session that is still undoing its work counts as there', async () => {
      const { name, url } = await createDatabase(server, 'undoing');
      const { onSessionOpened } = announcements();
      const [dead, alive] = [await testEngine(url, { onSessionOpened }), await testEngine(server.url)];
      const session = await dead.openSession('a big update', name, never);
      await session.query('CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, n INT) ENGINE=InnoDB');
      await session.query('INSERT INTO t (n) VALUES (1), (2), (3), (4)');
      for (let doubling = 0; doubling < 13; doubling += 1) await session.query('INSERT INTO t (n) SELECT n FROM t');
      await session.query('START TRANSACTION');
      await session.query('UPDATE t SET n = n + 1');

      await alive.quiet({ sessions: [session.identity], spare: [], timeoutMs: 30_000 }, never);

      const reader = await alive.openSession('reader', name, never);
      expect((await reader.query('SELECT MAX(n) FROM t FOR UPDATE')).rows).toEqual([['4']]);
    });

    test('results of prepared statements look like those of plain ones, type by type', async () => {
      const { name, url } = await createDatabase(server, 'types');
      const engine = await testEngine(url);
      const session = await engine.openSession('a test', name, never);
      await session.query(
        'CREATE TABLE t (f FLOAT, d DOUBLE, z INT(6) ZEROFILL, y YEAR, t0 TIME, t6 TIME(6), dt3 DATETIME(3),' +
          ' ts TIMESTAMP(6) NULL, da DATE, b BIT(12), s SET("a","b"), e ENUM("x","y"), g POINT,' +
          ' bin VARBINARY(9), n DECIMAL(20,5))',
      );
      const values = [
        "(0.1, 1e20, 42, 2020, '-30:00:01', '10:00:00.5', '2020-01-02 03:04:05.6', '2020-01-02 00:00:00'," +
          " '2020-01-02', 300, 'a,b', 'y', POINT(1, 2), X'ff00', 1.5)",
        "(123456.789, 1e-16, 0, 1999, '838:59:59', '00:00:00', '2020-01-02 00:00:00', '2020-01-02 03:04:05.000001'," +
          " '0001-01-01', 0, '', 'x', NULL, X'6162', -0.00001)",
        '(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)',
        "(1e10, 123456789012345678, 1234567, 2155, '00:00:00', '-00:00:00.000001', '9999-12-31 23:59:59.999', NULL," +
          " '9999-12-31', 4095, 'b', 'x', NULL, '', 99999)",
      ];
      await session.query(`INSERT INTO t VALUES ${values.join(', ')}`);

      const plain = await session.query('SELECT * FROM t');
      expect((await session.query('SELECT * FROM t WHERE 1 = ?', { params: [1] })).rows).toEqual(plain.rows);
      expect(plain.rows[0]?.slice(9, 10)).toEqual(['300']);
      expect(plain.rows[0]?.slice(13, 14)).toEqual(['0xff00']);
    });

    test('only rows of transactional tables, and nothing that acts outside, can be undone', async () => {
      const { name, url } = await createDatabase(server, 'undo');
      const side = await createDatabase(server, 'side');
      const engine = await testEngine(url);
      const session = await engine.openSession('a test', name, never);
      for (const statement of schema(name, side.name)) await session.query(statement);
      const answers = async (texts: readonly string[]) => {
        const found: [string, boolean][] = [];
        for (const text of texts) {
          found.push([text, await engine.canRunInTransaction(statementsOf(engine, text), name, never)]);
        }
        return found;
      };

      expect(await answers(CAN(side.name))).toEqual(CAN(side.name).map((text) => [text, true]));
      expect(await answers(CANNOT(side.name))).toEqual(CANNOT(side.name).map((text) => [text, false]));
      expect(await engine.canRunInTransaction([], name, never)).toEqual(false);
      expect(await engine.canRunInTransaction(statementsOf(engine, 'DELETE FROM t'), undefined, never)).toEqual(false);
    });

    test('where triggers cannot be seen, nothing is said to be undone', async () => {
      const { name } = await createDatabase(server, 'hidden');
      await runStatements(server.url, [`CREATE TABLE \`${name}\`.t (id INT) ENGINE=InnoDB`]);
      const answer = async (right: string) => {
        const engine = await testEngine((await createUser(server, [`${right} ON \`${name}\`.*`])).url);
        return engine.canRunInTransaction(statementsOf(engine, 'DELETE FROM t'), name, never);
      };

      expect([await answer('SELECT, DELETE'), await answer('SELECT, DELETE, TRIGGER')]).toEqual([false, true]);
    });

    test('what is said to be undone is undone by ROLLBACK', async () => {
      const { name, url } = await createDatabase(server, 'proof');
      const side = await createDatabase(server, 'side');
      const engine = await testEngine(url);
      const session = await engine.openSession('a test', name, never);
      for (const statement of schema(name, side.name)) await session.query(statement);
      const before = await contents(session, name, side.name);
      for (const text of CAN(side.name)) {
        await session.query('START TRANSACTION');
        await session.query(text);
        await session.query('ROLLBACK');
        expect([text, await contents(session, name, side.name)]).toEqual([text, before]);
      }
    });

    test('a scope must name databases and tables that are there', async () => {
      const { name } = await createDatabase(server, 'scoped');
      const engine = await testEngine(server.url);
      const missing = freshDatabase('missing');
      const check = async (scope: Parameters<Engine['checkScope']>[0]) =>
        (await faultOf(engine.checkScope(scope, never))).code;

      await engine.checkScope({ kind: 'databases', databases: [name] }, never);
      expect([
        await check({ kind: 'databases', databases: [name, missing] }),
        await check({ kind: 'tables', tables: [{ database: name, table: 'orders' }] }),
        await check({ kind: 'databases', databases: ['mysql'] }),
        await check({ kind: 'cluster' }),
      ]).toEqual(['UNKNOWN_DATABASE', 'SNAPSHOT_REFUSED', 'SNAPSHOT_REFUSED', 'SNAPSHOT_REFUSED']);
    });

    test('a script with routines is split at the delimiter it declares', async () => {
      const { name, url } = await createDatabase(server, 'routine');
      const engine = await testEngine(url);
      const session = await engine.openSession('a test', name, never);
      const script = [
        'CREATE TABLE t (n INT);',
        'DELIMITER $$',
        'CREATE PROCEDURE fill() BEGIN INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); END$$',
        '/*!50003 CREATE PROCEDURE again() BEGIN CALL fill(); CALL fill(); END */$$',
        'DELIMITER ;',
        'CALL again();',
      ].join('\n');

      for (const { text } of engine.splitStatements(script)) await session.query(text);

      expect((await session.query('SELECT n FROM t')).rows).toEqual([['1'], ['2'], ['1'], ['2']]);
    });
  },
  { engines: ['mysql', 'mariadb'] },
);

function schema(name: string, side: string): readonly string[] {
  return [
    'CREATE TABLE t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB',
    'CREATE TABLE m (id INT PRIMARY KEY, n INT) ENGINE=MyISAM',
    'CREATE TABLE audited (id INT PRIMARY KEY, n INT) ENGINE=InnoDB',
    'CREATE TABLE logged (id INT PRIMARY KEY, n INT) ENGINE=InnoDB',
    'CREATE TABLE `odd name``s` (id INT PRIMARY KEY, n INT) ENGINE=InnoDB',
    'CREATE VIEW v AS SELECT id, n FROM t',
    'CREATE VIEW vm AS SELECT id, n FROM m',
    'CREATE PROCEDURE p() DELETE FROM t',
    'CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1',
    'CREATE TRIGGER a1 AFTER INSERT ON audited FOR EACH ROW INSERT INTO t VALUES (NEW.id + 1000, NEW.n)',
    'CREATE TRIGGER l1 AFTER INSERT ON logged FOR EACH ROW INSERT INTO m VALUES (NEW.id, NEW.n)',
    'INSERT INTO t VALUES (1, 1), (2, 2)',
    `CREATE TABLE \`${side}\`.s (id INT PRIMARY KEY, n INT) ENGINE=InnoDB`,
    `CREATE TABLE \`${side}\`.sm (id INT PRIMARY KEY, n INT) ENGINE=MyISAM`,
    `CREATE TABLE \`${side}\`.far (id INT PRIMARY KEY, n INT) ENGINE=InnoDB`,
    `CREATE TRIGGER \`${side}\`.f1 AFTER INSERT ON \`${side}\`.far FOR EACH ROW` +
      ` INSERT INTO \`${name}\`.m VALUES (NEW.id, NEW.n)`,
  ];
}

function CAN(side: string): readonly string[] {
  return [
    'INSERT INTO t VALUES (3, 3)',
    '/* m */ UPDATE t SET n = n + 1 -- CALL p()',
    "REPLACE INTO t (id, n) VALUES (1, length('m; get_lock('))",
    'DELETE FROM v WHERE id = 1',
    'SELECT * FROM t FOR UPDATE',
    'WITH w AS (SELECT 1 AS one) SELECT * FROM w, t',
    'INSERT INTO audited VALUES (5, 5)',
    'INSERT INTO `odd name``s` VALUES (1, 1)',
    `INSERT INTO \`${side}\`.s SELECT * FROM t`,
    'UPDATE t, audited SET t.n = 7',
  ];
}

function CANNOT(side: string): readonly string[] {
  return [
    'CREATE TABLE x (id INT)',
    'TRUNCATE TABLE t',
    'INSERT INTO m VALUES (3, 3)',
    'UPDATE t, m SET t.n = 1, m.n = 1',
    'DELETE FROM vm',
    'CALL p()',
    'SET @a = 1',
    'INSERT INTO t VALUES (9, f())',
    'INSERT INTO t VALUES (9, f /* far away */ ())',
    "SELECT * FROM t INTO OUTFILE '/tmp/never'",
    "SELECT get_lock('x', 1)",
    'INSERT INTO logged VALUES (1, 1)',
    `INSERT INTO \`${side}\`.sm VALUES (1, 1)`,
    `INSERT INTO \`${side}\`.far VALUES (1, 1)`,
    '/*!50000 INSERT INTO m VALUES (1, 1) */',
    'INSERT INTO nowhere VALUES (1)',
    'START TRANSACTION',
    'COMMIT',
    'LOAD DATA INFILE "x" INTO TABLE t',
    'DELETE FROM t; DROP TABLE t',
  ];
}

async function contents(session: Session, name: string, side: string): Promise<readonly unknown[]> {
  const tables = ['t', 'm', 'audited', 'logged', 'odd name``s'].map((table) => `\`${name}\`.\`${table}\``);
  const all: unknown[] = [];
  for (const table of [...tables, `\`${side}\`.s`, `\`${side}\`.sm`]) {
    all.push((await session.query(`SELECT * FROM ${table} ORDER BY id`)).rows);
  }
  return all;
}
