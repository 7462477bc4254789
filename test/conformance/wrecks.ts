// Ways to wreck the databases of a round trip, each of one kind, in an order in which all can follow each other.

import type { Flavour } from '../../src/engines/index.ts';
import type { TestServer } from '../support/servers.ts';
import { ODD_NAMES, quoted, runIn, type RoundTripDatabases } from './round-trip-databases.ts';

export interface Wreck {
  readonly name: string;
  readonly statements: (databases: RoundTripDatabases) => readonly string[];
  readonly on?: Flavour;
}

const inLive =
  (...statements: readonly string[]) =>
  ({ live }: RoundTripDatabases): readonly string[] => [`USE ${live}`, ...statements];

const inOdd =
  (...statements: readonly string[]) =>
  ({ odd }: RoundTripDatabases): readonly string[] => [`USE ${quoted(odd)}`, ...statements];

const [FIRST, SECOND] = [quoted(ODD_NAMES.first), quoted(ODD_NAMES.second)];

const ON_BOTH: readonly Wreck[] = [
  { name: 'every row of a table updated', statements: inLive('UPDATE child SET qty = qty + 1, price = 0') },
  {
    name: "a column's values permuted between rows",
    statements: inOdd('UPDATE wide SET y = IF(y = 2155, 1901, 2155)'),
  },
  { name: 'NULL in place of an empty text', statements: inLive('UPDATE nopk SET b = NULL WHERE b = ""') },
  { name: 'a row more that was there already', statements: inLive('INSERT INTO nopk VALUES (1, "a")') },
  { name: 'rows deleted behind a foreign key', statements: inLive('DELETE FROM parent WHERE id = 100') },
  {
    name: 'keys changed, and those that point at them with them',
    statements: inOdd('SET foreign_key_checks = 1', `UPDATE ${FIRST} SET ${FIRST} = 50 WHERE ${FIRST} = 2`),
  },
  { name: 'a row that points nowhere', statements: inLive('INSERT INTO child (pid, qty) VALUES (4711, 1)') },
  { name: 'a table emptied by TRUNCATE', statements: inLive('TRUNCATE TABLE kinds') },
  {
    name: 'an AUTO_INCREMENT for a table without a column for it',
    statements: inOdd('ALTER TABLE counted AUTO_INCREMENT = 99'),
  },
  {
    name: 'the next AUTO_INCREMENT moved on, and back',
    statements: inLive('ALTER TABLE parent AUTO_INCREMENT = 9999', 'ALTER TABLE `ÜPPER Ω` AUTO_INCREMENT = 3'),
  },
  {
    name: 'one bit, one microsecond, one member of a SET',
    statements: inLive(
      "UPDATE kinds SET bt = b'1010101011', ts = '2024-02-03 04:05:06.123457' WHERE id = 0",
      "UPDATE kinds SET se = 'x' WHERE id = 0",
    ),
  },
  { name: 'a zero date made a date', statements: inLive("UPDATE zero SET d = '2024-01-01' WHERE d = '0000-00-00'") },
  { name: 'a column added', statements: inLive('ALTER TABLE parent ADD extra INT NOT NULL DEFAULT 7 FIRST') },
  { name: 'a column dropped', statements: inLive('ALTER TABLE part DROP COLUMN v') },
  {
    name: 'columns in another order',
    statements: inLive('ALTER TABLE kinds MODIFY zf INT(8) UNSIGNED ZEROFILL AFTER id'),
  },
  { name: 'a column made narrower', statements: inLive('ALTER TABLE kinds MODIFY tx VARCHAR(3)') },
  { name: 'another collation', statements: inLive('ALTER TABLE nopk CONVERT TO CHARACTER SET latin1') },
  { name: 'a comment changed', statements: inLive("ALTER TABLE parent COMMENT = 'Top; tablE'") },
  { name: 'another storage engine', statements: inLive('ALTER TABLE mys ENGINE = InnoDB') },
  { name: 'another row format', statements: inLive('ALTER TABLE nopk ROW_FORMAT = COMPACT') },
  { name: 'an index dropped', statements: inLive('ALTER TABLE ft DROP KEY ftb', 'ALTER TABLE sp DROP KEY spg') },
  { name: 'an index renamed', statements: inLive('ALTER TABLE child RENAME KEY kl TO km') },
  { name: 'a partition dropped', statements: inLive('ALTER TABLE part DROP PARTITION p1') },
  { name: 'partitions removed', statements: inLive('ALTER TABLE hpart REMOVE PARTITIONING') },
  {
    name: 'foreign keys dropped, and one with another action',
    statements: inLive(
      'ALTER TABLE parent DROP FOREIGN KEY fk_self, DROP FOREIGN KEY fk_cyc',
      'ALTER TABLE outref DROP FOREIGN KEY fk_out',
      'ALTER TABLE parent ADD CONSTRAINT fk_self FOREIGN KEY (up) REFERENCES parent (id) ON DELETE SET NULL',
    ),
  },
  { name: 'a CHECK dropped', statements: inLive('ALTER TABLE child DROP CONSTRAINT ck_q') },
  {
    name: 'a CHECK moved to another table',
    statements: inLive(
      'ALTER TABLE child DROP CONSTRAINT ck_q',
      'ALTER TABLE audit ADD CONSTRAINT ck_q CHECK (msg <> 0)',
    ),
  },
  { name: 'a table renamed', statements: inLive('RENAME TABLE `Weird ``name` TO moved') },
  {
    name: 'two tables exchanged by their names',
    statements: inLive('RENAME TABLE nopk TO x, audit TO nopk', 'RENAME TABLE x TO audit'),
  },
  {
    name: 'a table moved to another database',
    statements: ({ live, odd }) => [`RENAME TABLE ${live}.zero TO ${quoted(odd)}.zero`],
  },
  { name: 'a table dropped that others reference', statements: inLive('DROP TABLE parent') },
  {
    name: 'a table made new',
    statements: inLive('CREATE TABLE fresh (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id))'),
  },
  { name: 'a view in place of a table', statements: inLive('DROP TABLE mys', 'CREATE VIEW mys AS SELECT 1 AS id') },
  { name: 'a table in place of a view', statements: inLive('DROP VIEW v1', 'CREATE TABLE v1 (id INT, nm INT)') },
  {
    name: 'views dropped, changed and made',
    statements: inLive('DROP VIEW v2', 'ALTER VIEW `v ``3` AS SELECT 1', 'CREATE VIEW later AS SELECT 1'),
  },
  { name: 'a trigger dropped', statements: inLive('DROP TRIGGER tr_b1') },
  {
    name: 'triggers in another order, and on another table',
    statements: inLive(
      'DROP TRIGGER tr_b1',
      'CREATE TRIGGER tr_b1 BEFORE INSERT ON child FOR EACH ROW PRECEDES tr_b2 SET NEW.qty = IFNULL(NEW.qty, 0)',
      'DROP TRIGGER tr_a',
      'CREATE TRIGGER tr_a BEFORE INSERT ON parent FOR EACH ROW SET @a = 1',
    ),
  },
  {
    name: 'routines replaced, dropped and made, their rights gone with them',
    statements: inLive(
      'DROP FUNCTION fn',
      'CREATE FUNCTION fn(a INT) RETURNS INT DETERMINISTIC NO SQL RETURN 7',
      'DROP PROCEDURE pr',
      'CREATE PROCEDURE fresh_one() SELECT 1',
    ),
  },
  {
    name: 'a routine under another definer, sql_mode and spelling of its name',
    statements: inLive(
      'DROP PROCEDURE pr',
      "SET sql_mode = 'ANSI_QUOTES'",
      "CREATE DEFINER = 'nobody'@'nowhere' PROCEDURE PR() SELECT 1",
      "SET sql_mode = ''",
    ),
  },
  { name: 'an event changed', statements: inLive("ALTER EVENT ev ON SCHEDULE EVERY 2 DAY COMMENT 'other'") },
  {
    name: 'events dropped and made',
    statements: inLive('DROP EVENT ev', "CREATE EVENT e2 ON SCHEDULE EVERY 1 DAY STARTS '2038-01-01' DO SELECT 1"),
  },
  { name: 'another default character set', statements: ({ live }) => [`ALTER DATABASE ${live} CHARACTER SET latin1`] },
  {
    name: 'rights on tables, columns and routines taken',
    statements: ({ odd, user }) => [
      `REVOKE EXECUTE, GRANT OPTION ON PROCEDURE ${quoted(odd)}.${FIRST} FROM ${user}@localhost`,
    ],
  },
  {
    name: 'names with every character: rows, keys, programs',
    statements: inOdd(
      `DELETE FROM ${SECOND}`,
      `ALTER TABLE ${FIRST} DROP FOREIGN KEY ${FIRST}, DROP CONSTRAINT ${quoted(`${ODD_NAMES.second} check`)}`,
      `DROP TRIGGER ${FIRST}`,
      `DROP PROCEDURE ${FIRST}`,
      `DROP FUNCTION ${SECOND}`,
      `DROP EVENT ${FIRST}`,
      `DROP VIEW ${quoted(`${ODD_NAMES.second} v`)}`,
      `UPDATE ${FIRST} SET ${SECOND} = NULL WHERE ${SECOND} = ''`,
    ),
  },
  {
    name: 'tables whose names differ by a letter only, exchanged',
    statements: inOdd(
      `RENAME TABLE Twin TO x, twin TO Twin`,
      `DROP TABLE ${quoted('twín')}`,
      `RENAME TABLE x TO ${quoted('twín')}`,
    ),
  },
  {
    name: 'rows of every storage',
    statements: inOdd(
      'DELETE FROM `grouped` WHERE id = 2',
      'TRUNCATE fleeting',
      'ALTER TABLE nearly_full AUTO_INCREMENT = 3',
      "UPDATE wide SET s = 'm64' WHERE id = 1",
      'DELETE FROM listed LIMIT 1',
      'ALTER TABLE subdivided DROP PARTITION a',
      'UPDATE keyed SET v = 5',
      'INSERT INTO only_unique VALUES (7, NULL), (7, NULL)',
      'INSERT INTO empty_one VALUES (NULL)',
      "UPDATE long_key SET t = 'One' WHERE t = 'one'",
    ),
  },
];

const OF_ONE_SERVER: readonly Wreck[] = [
  {
    on: 'mysql',
    name: 'invisible columns and indexes, generated keys, JSON, SRID',
    statements: inLive(
      'ALTER TABLE inv ALTER COLUMN hid SET VISIBLE, ALTER INDEX ix VISIBLE',
      'ALTER TABLE gipk ADD b INT',
      'ALTER TABLE srid DROP KEY g',
      "UPDATE mv SET j = JSON_SET(j, '$.a[0]', 9)",
      'ALTER TABLE encr ALTER CHECK c2 ENFORCED',
    ),
  },
  {
    on: 'mariadb',
    name: 'sequences moved, changed and dropped',
    statements: inLive(
      'SELECT NEXTVAL(sq)',
      'ALTER SEQUENCE sq RESTART 500 INCREMENT BY 7',
      'CREATE SEQUENCE fresh_sq',
    ),
  },
  {
    on: 'mariadb',
    name: 'a sequence that a default needs, dropped',
    statements: inLive('DROP TABLE useseq', 'DROP SEQUENCE sq'),
  },
  {
    on: 'mariadb',
    name: 'history written and thrown away',
    statements: inLive(
      'UPDATE sysv SET v = "z"',
      'DELETE FROM sysp',
      'DELETE HISTORY FROM sysx',
      'ALTER TABLE sysv DROP SYSTEM VERSIONING',
    ),
  },
  {
    on: 'mariadb',
    name: 'a package dropped',
    statements: inLive('SET sql_mode = oracle', 'DROP PACKAGE pkg', "SET sql_mode = ''"),
  },
];

export function wrecksOn({ engine }: TestServer): readonly Wreck[] {
  return [...ON_BOTH, ...OF_ONE_SERVER].filter(({ on }) => on === undefined || on === engine);
}

export async function wreck(server: TestServer, databases: RoundTripDatabases, how: Wreck): Promise<void> {
  const pins = ['SET foreign_key_checks = 0', "SET sql_mode = ''"];
  await runIn(server, undefined, [...pins, ...how.statements(databases)]);
}

/** All of them in one go; what an earlier one has made impossible is passed over. */
export async function wreckEverything(server: TestServer, databases: RoundTripDatabases): Promise<number> {
  let done = 0;
  for (const how of wrecksOn(server)) {
    try {
      await wreck(server, databases, how);
      done += 1;
    } catch (error) {
      // One wreck may have taken what another one needs; which ones those are is of no interest.
      if (!/ER_/.test(String((error as Error & { cause?: { code?: string } }).cause?.code))) throw error;
    }
  }
  return done;
}
