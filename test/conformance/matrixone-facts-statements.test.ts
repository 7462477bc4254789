// How a MatrixOne reads statements and names: the facts that the program is built on.

import { createConnection } from 'mysql2/promise';
import { expect, test } from 'vitest';
import { isoOf } from '../../src/engines/matrixone/session.ts';
import { asking, factOn, named, snapshotName } from '../support/matrixone-facts.ts';
import { describeRecorded } from '../support/recorded.ts';
import { describeEachEngine, freshDatabase, type TestServer } from '../support/servers.ts';

function grammar(server: TestServer): void {
  test('a restore from a snapshot that is not there tells which grammar the server speaks', async () => {
    const { refusal, isOld } = await factOn(server);
    const said = await refusal("RESTORE TABLE x.y {SNAPSHOT='__no_such_snapshot__'}");
    expect(isOld ? said.replace(/ near .*/s, '') : said).toEqual(
      isOld
        ? '1064 SQL parser error: You have an error in your SQL syntax; check the manual that corresponds to your' +
            ' MatrixOne server version for the right syntax to use. syntax error at line 1 column 13'
        : '20101 internal error: find 0 snapshot records by name(__no_such_snapshot__), expect only 1',
    );
  });

  test('snapshots are not taken inside of a transaction, and the transaction lives on', async () => {
    const { run, refusal, value } = await factOn(server);
    await run('CREATE TABLE t (a INT)', 'BEGIN', 'INSERT INTO t VALUES (1)');
    const said = await refusal('CREATE SNAPSHOT in_a_transaction FOR ACCOUNT');
    const inside = await value('SELECT COUNT(*) FROM t');
    await run('ROLLBACK');
    expect([said, inside, await value('SELECT COUNT(*) FROM t')]).toEqual([
      '20101 internal error: unclassified statement appears in uncommitted transaction',
      '1',
      '0',
    ]);
  });

  test('ROLLBACK takes CREATE TABLE and ALTER TABLE back', async () => {
    const { run, rows, db } = await factOn(server);
    await run('BEGIN', 'CREATE TABLE t (a INT)', 'ALTER TABLE t ADD COLUMN b INT', 'ROLLBACK');
    expect(await rows(`SHOW TABLES FROM ${db}`)).toEqual([]);
  });

  test('a view is not replaced without a current database, though its name says where it is', async () => {
    const { db, run, url } = await factOn(server);
    await run('CREATE TABLE t (a INT)', 'CREATE VIEW v AS SELECT a FROM t');
    const text = `CREATE OR REPLACE VIEW ${db}.v AS SELECT a + 1 AS a FROM ${db}.t`;
    const nowhere = await asking(server.url);
    expect(await nowhere.refusal(text)).toEqual('1046 No database selected');
    await (await asking(url)).run(text);
  });
}

function names(server: TestServer): void {
  test('the time of a snapshot has nineteen digits, and all of them arrive', async () => {
    const own = await factOn(server);
    const s = snapshotName(own);
    await own.run(`CREATE SNAPSHOT ${s} FOR ACCOUNT`);
    const sql = `SELECT ts, CAST(ts AS CHAR) FROM mo_catalog.mo_snapshots WHERE sname = '${s}'`;
    const [number = '', text] = (await own.rows(sql))[0] ?? [];
    expect([number === text, /^\d{19}$/.test(number ?? ''), String(Number(number)) === number]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('IF NOT EXISTS keeps the old snapshot of that name, whatever was asked for', async () => {
    const own = await factOn(server);
    const s = snapshotName(own);
    await own.run('CREATE TABLE t (a INT)', `CREATE SNAPSHOT ${s} FOR ACCOUNT`);
    const told = `SELECT CAST(ts AS CHAR), level FROM mo_catalog.mo_snapshots WHERE sname = '${s}'`;
    const before = await own.rows(told);
    await own.run(`CREATE SNAPSHOT IF NOT EXISTS ${s} FOR TABLE ${own.db} t`);
    expect(await own.rows(told)).toEqual(before);
  });

  test('a name of 65 characters is cut to 64 by version 4 and refused by version 3', async () => {
    const own = await factOn(server);
    const short = `${freshDatabase('long')}_`.padEnd(64, 'x');
    const sql = `CREATE SNAPSHOT ${short}y FOR ACCOUNT`;
    const said = own.isOld ? await own.refusal(sql) : '';
    if (!own.isOld) await own.run(sql);
    const kept = await own.rows(`SELECT sname FROM mo_catalog.mo_snapshots WHERE sname LIKE '${short}%'`);
    await own.run(`DROP SNAPSHOT IF EXISTS ${short}`);
    expect([kept, said.includes('Src length 65 is larger than Dest length 64')]).toEqual(
      own.isOld ? [[], true] : [[[short]], false],
    );
  });

  test('the name of a snapshot is folded when it is taken, and not when it is read', async () => {
    const own = await factOn(server);
    const s = snapshotName(own);
    await own.run('CREATE TABLE t (a INT)', `CREATE SNAPSHOT ${s.toUpperCase()} FOR ACCOUNT`);
    expect([
      await own.value(`SELECT COUNT(*) FROM t {SNAPSHOT = '${s}'}`),
      await own.refusal(`SELECT COUNT(*) FROM t {SNAPSHOT = '${s.toUpperCase()}'}`),
    ]).toEqual(['0', `20101 internal error: find 0 snapshot records by name(${s.toUpperCase()}), expect only 1`]);
  });

  test('a table of another database is restored from a snapshot that does not cover it', async () => {
    const [own, other] = [await factOn(server), await factOn(server)];
    const s = snapshotName(own);
    await other.run('CREATE TABLE t (a INT)');
    await own.run(`CREATE SNAPSHOT ${s} FOR DATABASE ${own.db}`);
    await other.run('INSERT INTO t VALUES (1)', other.restore.table({ database: other.db, table: 't' }, s, 'sys'));
    expect(await other.value('SELECT COUNT(*) FROM t')).toEqual('0');
  });

  test('version 4 keeps a hidden snapshot for each ALTER TABLE that copies while a snapshot is held', async () => {
    const own = await factOn(server);
    const s = snapshotName(own);
    await own.run('CREATE TABLE t (a INT)', `CREATE SNAPSHOT ${s} FOR ACCOUNT`, 'ALTER TABLE t ADD COLUMN b INT');
    const hidden = `SELECT COUNT(*) FROM mo_catalog.mo_snapshots
      WHERE sname LIKE '\\_\\_mo\\_branch\\_%' AND database_name = '${own.db}'`;
    const shown = (await own.rows('SHOW SNAPSHOTS')).filter(([name]) => name?.startsWith('__mo_branch') === true);
    expect([await own.value(hidden), shown]).toEqual([own.isOld ? '0' : '1', []]);
  });
}

function values(server: TestServer): void {
  test('hex cuts a decimal, and hash_value does not tell zero bytes apart: no fingerprint of either', async () => {
    const { rows } = await factOn(server);
    const [row = []] = await rows("SELECT HEX(12.345), hash_value(x'00') = hash_value(x'0000')");
    expect([row[0], row[1] === '1' || row[1] === 'true']).toEqual(['C', true]);
  });

  test("the time of a PITR restore is the server's own, whatever the session's zone is", async () => {
    const own = await factOn(server);
    const p = named(own, 'p', (name) => `DROP PITR IF EXISTS ${name}`);
    await own.run('CREATE TABLE t (a INT)', `CREATE PITR ${p} FOR DATABASE ${own.db} RANGE 1 'h'`);
    const now = await own.value('SELECT CAST(UTC_TIMESTAMP() AS CHAR)');
    const shifted = new Date(Date.parse(isoOf(now ?? '')) + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
    await own.run("SET time_zone = '+08:00'");
    const said = await own.refusal(`RESTORE DATABASE ${own.db} FROM PITR ${p} '${shifted}'`);
    expect(said.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?( [+-]\d{4} \w+)?( m=\S+)?/g, 'TIME')).toEqual(
      '20101 internal error: input timestamp TIME is bigger than now timestamp TIME',
    );
  });
}

describeRecorded((server) => {
  grammar(server);
  names(server);
  values(server);
});

describeEachEngine(
  (server) => {
    test('two statements in one text are both run, though the driver was told not to: one at a time', async () => {
      const connection = await createConnection({ uri: server.url, multipleStatements: false });
      const [results] = await connection.query('SELECT 1 AS a; SELECT 2 AS b');
      connection.destroy();
      expect(results).toEqual([[{ a: 1 }], [{ b: 2 }]]);
    });

    test('a connection takes no change of user and no reset: every session gets one of its own', async () => {
      const said = async (command: 'changeUser' | 'reset'): Promise<string> => {
        const connection = await createConnection({ uri: server.url });
        const words = await (command === 'reset' ? connection.reset() : connection.changeUser({})).then(
          () => 'done',
          (error: unknown) => (error as Error).message,
        );
        connection.destroy();
        return words;
      };
      expect([await said('changeUser'), await said('reset')]).toEqual([
        'internal error: unsupported command. 0x11',
        'internal error: unsupported command. 0x1f',
      ]);
    });
  },
  { engines: ['matrixone'] },
);
