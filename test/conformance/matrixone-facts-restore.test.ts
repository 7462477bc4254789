// What RESTORE does on a MatrixOne, whatever it answers: the facts that the program is built on.

import { expect, test } from 'vitest';
import { quoteTable } from '../../src/engines/wire/quote.ts';
import { asking, factOn, loginOf, named, numberOf, numbers, snapshotName } from '../support/matrixone-facts.ts';
import { untilListed, type Fact } from '../support/matrixone-facts.ts';
import { describeRecorded } from '../support/recorded.ts';
import { createDatabase, type TestServer } from '../support/servers.ts';

const SYS = 'sys';

function restoreTable({ restore, db, run }: Fact, table: string, snapshot: string): Promise<void> {
  return run(restore.table({ database: db, table }, snapshot, SYS));
}

function restoreDatabase({ restore, db, run }: Fact, snapshot: string): Promise<void> {
  return run(restore.database(db, snapshot, SYS));
}

/** Whether the number of the database, or of a table in it, is another one after `work`. */
async function isRenumbered(fact: Fact, table: string | undefined, work: () => Promise<void>): Promise<boolean> {
  const before = await numberOf(fact, fact.db, table);
  await work();
  return (await numberOf(fact, fact.db, table)) !== before;
}

function whole(server: TestServer): void {
  test('RESTORE TABLE brings 50 deleted rows of 100 back, under another number', async () => {
    const fact = await factOn(server);
    const s = snapshotName(fact);
    await fact.run('CREATE TABLE t (a INT PRIMARY KEY)', `INSERT INTO t VALUES ${numbers(100)}`);
    await fact.run(`CREATE SNAPSHOT ${s} FOR TABLE ${fact.db} t`, 'DELETE FROM t WHERE a <= 50');
    expect(await isRenumbered(fact, 't', () => restoreTable(fact, 't', s))).toEqual(true);
    expect(await fact.value('SELECT COUNT(*) FROM t')).toEqual('100');
  });

  test('RESTORE DATABASE removes a later table, and the database has another number', async () => {
    const fact = await factOn(server);
    const s = snapshotName(fact);
    await fact.run(
      'CREATE TABLE t (a INT PRIMARY KEY)',
      `CREATE SNAPSHOT ${s} FOR ACCOUNT`,
      'CREATE TABLE later (a INT)',
    );
    expect(await isRenumbered(fact, undefined, () => restoreDatabase(fact, s))).toEqual(true);
    expect(await fact.rows(`SHOW TABLES FROM ${fact.db}`)).toEqual([['t']]);
  });

  test('the next number of AUTO_INCREMENT jumps behind a restore and is never given twice', async () => {
    const fact = await factOn(server);
    const s = snapshotName(fact);
    await fact.run(
      'CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a INT)',
      'INSERT INTO t (a) VALUES (1), (2), (3)',
    );
    await fact.run(`CREATE SNAPSHOT ${s} FOR TABLE ${fact.db} t`, 'DELETE FROM t');
    await restoreTable(fact, 't', s);
    await fact.run('INSERT INTO t (a) VALUES (4)');
    expect(Number(await fact.value('SELECT id FROM t WHERE a = 4')) > 3).toEqual(true);
  });
}

function nothingDone(server: TestServer): void {
  test('RESTORE TABLE of a parent answers OK and restores nothing', async () => {
    const fact = await factOn(server);
    const s = snapshotName(fact);
    await fact.run('CREATE TABLE p (a INT PRIMARY KEY)', 'INSERT INTO p VALUES (1)');
    await fact.run('CREATE TABLE c (a INT, CONSTRAINT k FOREIGN KEY (a) REFERENCES p (a))');
    await fact.run(`CREATE SNAPSHOT ${s} FOR TABLE ${fact.db} p`, 'INSERT INTO p VALUES (2)');
    expect(await isRenumbered(fact, 'p', () => restoreTable(fact, 'p', s))).toEqual(false);
    expect(await fact.value('SELECT COUNT(*) FROM p')).toEqual('2');
  });

  test('RESTORE TABLE of a child whose parent is gone fails', async () => {
    const fact = await factOn(server);
    const s = snapshotName(fact);
    await fact.run('CREATE TABLE p (a INT PRIMARY KEY)');
    await fact.run('CREATE TABLE c (a INT, CONSTRAINT k FOREIGN KEY (a) REFERENCES p (a))');
    await fact.run(`CREATE SNAPSHOT ${s} FOR TABLE ${fact.db} c`, 'DROP TABLE c', 'DROP TABLE p');
    const said = await fact.refusal(fact.restore.table({ database: fact.db, table: 'c' }, s, SYS));
    expect(said).toEqual(`1146 no such table ${fact.db}.p`);
  });

  test('RESTORE DATABASE answers OK and restores nothing while a key of another database points into it', async () => {
    const fact = await factOn(server);
    const child = await createDatabase(server, 'child');
    const s = snapshotName(fact);
    await fact.run('CREATE TABLE p (a INT PRIMARY KEY)');
    const columns = `(a INT, CONSTRAINT k FOREIGN KEY (a) REFERENCES ${fact.db}.p (a))`;
    await fact.run(`CREATE TABLE ${child.name}.c ${columns}`, `CREATE SNAPSHOT ${s} FOR ACCOUNT`);
    await fact.run('INSERT INTO p VALUES (7)');
    expect(await isRenumbered(fact, undefined, () => restoreDatabase(fact, s))).toEqual(false);
    expect(await fact.value('SELECT COUNT(*) FROM p')).toEqual('1');
    await fact.run(`DROP TABLE ${child.name}.c`);
  });

  test('RESTORE DATABASE with a key of a table on itself is done by version 4, not by version 3', async () => {
    const fact = await factOn(server);
    const s = snapshotName(fact);
    await fact.run('CREATE TABLE t (a INT PRIMARY KEY, up INT, CONSTRAINT k FOREIGN KEY (up) REFERENCES t (a))');
    await fact.run(`CREATE SNAPSHOT ${s} FOR ACCOUNT`, 'INSERT INTO t VALUES (1, NULL)');
    expect(await isRenumbered(fact, undefined, () => restoreDatabase(fact, s))).toEqual(!fact.isOld);
    expect(await fact.value('SELECT COUNT(*) FROM t')).toEqual(fact.isOld ? '1' : '0');
  });
}

function lost(server: TestServer): void {
  test('RESTORE DATABASE loses a sequence without a word', async () => {
    const fact = await factOn(server);
    const s = snapshotName(fact);
    await fact.run(
      'CREATE TABLE t (a INT)',
      'CREATE SEQUENCE q',
      `CREATE SNAPSHOT ${s} FOR ACCOUNT`,
      'CREATE TABLE x (a INT)',
    );
    await restoreDatabase(fact, s);
    const kinds = await fact.rows(
      'SELECT relkind FROM mo_catalog.mo_tables WHERE account_id = current_account_id()' +
        ` AND reldatabase = '${fact.db}' AND relname NOT LIKE '\\_\\_mo\\_%'`,
    );
    expect(kinds).toEqual([['r']]);
  });

  test('an external table is lost by RESTORE DATABASE, refused by RESTORE TABLE and by CLONE', async () => {
    const fact = await factOn(server);
    const s = snapshotName(fact);
    const copy = named(fact, 'copy', (name) => `DROP DATABASE IF EXISTS ${name}`);
    const file = `INFILE {"filepath" = '/nowhere/e.csv'} FIELDS TERMINATED BY ','`;
    await fact.run(
      'CREATE TABLE t (a INT)',
      `CREATE EXTERNAL TABLE e (a INT) ${file}`,
      `CREATE SNAPSHOT ${s} FOR ACCOUNT`,
    );
    const table = await fact.refusal(fact.restore.table({ database: fact.db, table: 'e' }, s, SYS));
    const clone = await fact.refusal(`CREATE DATABASE ${copy} CLONE ${fact.db} {SNAPSHOT = '${s}'}`);
    await fact.run('CREATE TABLE x (a INT)');
    await restoreDatabase(fact, s);
    expect({ table, clone, left: await fact.rows(`SHOW TABLES FROM ${fact.db}`) }).toEqual({
      table: `20101 internal error: external table ${fact.db}.e cannot be restored from snapshot`,
      clone: `20101 internal error: ${fact.db}.e is not BASE TABLE`,
      left: [['t']],
    });
  });

  test('RESTORE DATABASE deletes a publication of it without a word', async () => {
    const fact = await factOn(server);
    const [s, p] = [snapshotName(fact), named(fact, 'p', (name) => `DROP PUBLICATION IF EXISTS ${name}`)];
    await fact.run('CREATE TABLE t (a INT)', `CREATE PUBLICATION ${p} DATABASE ${fact.db} ACCOUNT ALL`);
    await fact.run(`CREATE SNAPSHOT ${s} FOR ACCOUNT`, 'INSERT INTO t VALUES (1)');
    await restoreDatabase(fact, s);
    expect((await fact.rows('SHOW PUBLICATIONS')).filter(([name]) => name === p)).toEqual([]);
  });

  test('one view that cannot be resolved makes RESTORE DATABASE fail and change nothing', async () => {
    const fact = await factOn(server);
    const s = snapshotName(fact);
    await fact.run('CREATE TABLE base (a INT)', 'CREATE TABLE t (a INT)', 'CREATE VIEW v AS SELECT a FROM base');
    await fact.run('DROP TABLE base', `CREATE SNAPSHOT ${s} FOR ACCOUNT`, 'INSERT INTO t VALUES (1)');
    const before = await numberOf(fact, fact.db);
    const said = await fact.refusal(fact.restore.database(fact.db, s, SYS));
    expect({
      said,
      isSame: (await numberOf(fact, fact.db)) === before,
      rows: await fact.value('SELECT COUNT(*) FROM t'),
    }).toEqual({
      said: '1064 SQL parser error: table "base" does not exist',
      isSame: true,
      rows: '1',
    });
  });

  test('a right on a table does not survive its restore for a new login', async () => {
    const fact = await factOn(server);
    const s = snapshotName(fact);
    const [user, role] = [
      named(fact, 'u', (name) => `DROP USER IF EXISTS ${name}`),
      named(fact, 'r', (name) => `DROP ROLE IF EXISTS ${name}`),
    ];
    await fact.run(
      'CREATE TABLE t (a INT)',
      `CREATE ROLE ${role}`,
      `CREATE USER ${user} IDENTIFIED BY '111' DEFAULT ROLE ${role}`,
    );
    await fact.run(`GRANT CONNECT ON ACCOUNT * TO ${role}`, `GRANT SELECT ON TABLE ${fact.db}.t TO ${role}`);
    const read = `SELECT COUNT(*) FROM ${quoteTable({ database: fact.db, table: 't' })}`;
    const before = await (await asking(loginOf(server, `sys:${user}:${role}`))).value(read);
    await fact.run(`CREATE SNAPSHOT ${s} FOR TABLE ${fact.db} t`, 'INSERT INTO t VALUES (1)');
    await restoreTable(fact, 't', s);
    const after = await (await asking(loginOf(server, `sys:${user}:${role}`))).refusal(read);
    expect([before, after]).toEqual(['0', '20101 internal error: do not have privilege to execute the statement']);
  });
}

function waiting(server: TestServer): void {
  test('RESTORE TABLE waits for an open writer and then discards what it committed', async () => {
    const fact = await factOn(server);
    const s = snapshotName(fact);
    await fact.run('CREATE TABLE t (a INT PRIMARY KEY)', `CREATE SNAPSHOT ${s} FOR TABLE ${fact.db} t`);
    const [writer, observer] = [await asking(fact.url), await asking(fact.url)];
    await writer.run('BEGIN', 'INSERT INTO t VALUES (7)');
    const restoring = restoreTable(fact, 't', s);
    await untilListed(observer, 'RESTORE%' + s);
    await writer.run('COMMIT');
    await restoring;
    expect(await observer.value('SELECT COUNT(*) FROM t')).toEqual('0');
  });

  test('KILL QUERY of a RESTORE ends it at once, and nothing has changed', async () => {
    const fact = await factOn(server);
    const s = snapshotName(fact);
    await fact.run('CREATE TABLE t (a INT PRIMARY KEY)', `CREATE SNAPSHOT ${s} FOR ACCOUNT`);
    const [writer, observer] = [await asking(fact.url), await asking(fact.url)];
    await writer.run('BEGIN', 'INSERT INTO t VALUES (7)');
    const before = await numberOf(observer, fact.db);
    const refused = fact.refusal(fact.restore.database(fact.db, s, SYS));
    const id = await untilListed(observer, 'RESTORE%' + s);
    await observer.run(`KILL QUERY ${id}`);
    const said = await refused;
    await writer.run('COMMIT');
    const listed = 'SELECT COUNT(*) FROM information_schema.processlist' + ` WHERE info LIKE 'RESTORE%${s}%'`;
    expect({
      said,
      isSame: (await numberOf(observer, fact.db)) === before,
      rows: await fact.value('SELECT COUNT(*) FROM t'),
      running: await fact.value(listed),
    }).toEqual({ said: '1105 context canceled', isSame: true, rows: '1', running: '0' });
  });
}

describeRecorded((server) => {
  whole(server);
  nothingDone(server);
  lost(server);
  waiting(server);
});
