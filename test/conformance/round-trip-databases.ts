// The nasty database, and beside it one whose names hold every character that a name may hold, tied to each other.

import { onTestFinished } from 'vitest';
import { freshDatabase, openClient, type TestServer } from '../support/servers.ts';
import { createNasty, type NastyDatabases } from './nasty-databases.ts';

export interface RoundTripDatabases extends NastyDatabases {
  /** In the snapshot too; its name needs quoting everywhere. */
  readonly odd: string;
}

const PRINTABLE = Array.from({ length: 0x7f - 0x20 }, (_, at) => String.fromCharCode(0x20 + at)).join('');

/** Every printable ASCII character, in two names of fewer than 64; and letters that only look or fold like others. */
export const ODD_NAMES = {
  first: `a${PRINTABLE.slice(0, 48)}z`,
  second: PRINTABLE.slice(48),
  twins: ['Twin', 'twin', 'twín', 'ＴＷＩＮ', '中文 Ω'],
} as const;

export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** Text that looks like the syntax around it: `),`, keywords, quotes of every kind, backslashes. */
const TRAP = `'a'' ), KEY \`k\` ("x"), \\\\ AUTO_INCREMENT=7 \\n -- ; /* */ \\' ENGINE=x FOREIGN KEY \\0'`;
const CHECK = `${ODD_NAMES.second} check`;
const COMMENT = TRAP.replace('\\0', '');

function oddStatements(
  engine: TestServer['engine'],
  { live, outside, user, odd }: RoundTripDatabases,
): readonly string[] {
  const [first, second] = [quoted(ODD_NAMES.first), quoted(ODD_NAMES.second)];
  const place = (name: string): string => `${quoted(odd)}.${quoted(name)}`;
  const one = place(ODD_NAMES.first);
  const two = place(ODD_NAMES.second);
  const account = `${user}@localhost`;
  return [
    `CREATE TABLE ${one} (${first} INT AUTO_INCREMENT COMMENT ${COMMENT}, ${second} VARCHAR(120) DEFAULT ${TRAP},
       e ENUM('a,b', ')', '''', '\\\\', '(KEY') NOT NULL DEFAULT ')', l INT,
       g VARCHAR(140) AS (CONCAT(${second}, '),(')),
       PRIMARY KEY (${first}), UNIQUE KEY ${second} (${second}, ${first}) COMMENT ${COMMENT}, KEY of_live (l),
       CONSTRAINT ${first} FOREIGN KEY (l) REFERENCES ${live}.parent (id) ON DELETE SET NULL,
       CONSTRAINT ${quoted(CHECK)} CHECK (${second} <> '),('))
       ENGINE=InnoDB ROW_FORMAT=REDUNDANT COMMENT=${COMMENT}`,
    `CREATE TABLE ${two} (${second} INT PRIMARY KEY, b BIT(3) DEFAULT b'101', x VARBINARY(9) DEFAULT x'00ff27',
       CONSTRAINT ${quoted(`${ODD_NAMES.second} 2`)} FOREIGN KEY (${second}) REFERENCES ${one} (${first})
       ON UPDATE CASCADE) ENGINE=InnoDB ROW_FORMAT=COMPACT`,
    `ALTER TABLE ${outside}.lookup ADD o INT, ADD CONSTRAINT to_odd FOREIGN KEY (o) REFERENCES ${one} (${first})`,
    `INSERT INTO ${one} (l) VALUES (100), (NULL), (101)`,
    `INSERT INTO ${one} (${second}, e) VALUES ('', 'a,b'), (NULL, '(KEY')`,
    `INSERT INTO ${two} (${second}) VALUES (1), (2)`,
    `UPDATE ${outside}.lookup SET o = 3`,
    ...ODD_NAMES.twins.flatMap((name, at) => [
      `CREATE TABLE ${place(name)} (id INT PRIMARY KEY, ${quoted(name)} INT)`,
      `INSERT INTO ${place(name)} VALUES (1, ${at})`,
    ]),
    `CREATE VIEW ${place(`${ODD_NAMES.second} v`)} AS SELECT ${first} AS ${second} FROM ${one}`,
    `CREATE TRIGGER ${place(ODD_NAMES.first)} BEFORE INSERT ON ${one} FOR EACH ROW SET NEW.${second} = ${TRAP}`,
    `CREATE TRIGGER ${place(ODD_NAMES.second)} BEFORE INSERT ON ${one} FOR EACH ROW
       PRECEDES ${first} SET NEW.${second} = '2'`,
    `CREATE PROCEDURE ${place(ODD_NAMES.first)}(IN ${first} INT) COMMENT ${COMMENT} SELECT ${TRAP}`,
    `CREATE FUNCTION ${place(ODD_NAMES.second)}(${second} INT) RETURNS INT DETERMINISTIC NO SQL RETURN ${second}`,
    `CREATE EVENT ${place(ODD_NAMES.first)} ON SCHEDULE AT '2001-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE
       COMMENT ${COMMENT} DO SET @a = ${TRAP}`,
    `GRANT EXECUTE, GRANT OPTION ON PROCEDURE ${place(ODD_NAMES.first)} TO ${account}`,
    `GRANT ALTER ROUTINE ON FUNCTION ${place(ODD_NAMES.second)} TO ${account}`,
    `GRANT SELECT (${second}), UPDATE ON ${one} TO ${account}`,
    ...storages({ odd, engine }),
    `CREATE DEFINER=${account} SQL SECURITY INVOKER VIEW ${quoted(odd)}.across AS
       SELECT a.f, t.${quoted('twin')} FROM ${live}.a_first a LEFT JOIN ${place('twin')} t ON t.id = a.f`,
  ];
}

/** Tables as other storage engines hold them, and other ways to lay out one. */
function storages({ odd, engine }: { odd: string; engine: TestServer['engine'] }): readonly string[] {
  const db = quoted(odd);
  return [
    `CREATE TABLE ${db}.grouped (g INT, id INT NOT NULL AUTO_INCREMENT, PRIMARY KEY (g, id)) ENGINE=MyISAM`,
    `INSERT INTO ${db}.grouped (g) VALUES (1), (1), (2)`,
    `CREATE TABLE ${db}.fleeting (id INT PRIMARY KEY, v VARCHAR(9), KEY h (v) USING BTREE) ENGINE=MEMORY`,
    `INSERT INTO ${db}.fleeting VALUES (1, ''), (2, NULL)`,
    `CREATE TABLE ${db}.nearly_full (id TINYINT AUTO_INCREMENT PRIMARY KEY)`,
    `INSERT INTO ${db}.nearly_full VALUES (126)`,
    `CREATE TABLE ${db}.wide (id INT PRIMARY KEY, s SET(${members(64)}), t TIME(6), y YEAR,
       m MEDIUMINT UNSIGNED ZEROFILL,
       c CHAR(255) CHARACTER SET utf32, n NCHAR(3), lt LONGTEXT CHARACTER SET utf16,
       e ENUM(${members(300)}), f FLOAT(9,3),
       d DOUBLE(20,5), num DECIMAL(38,0) UNSIGNED, h BIT(64), p POINT, ms MULTIPOLYGON, gc GEOMETRYCOLLECTION)
       ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_bin STATS_PERSISTENT=0`,
    `INSERT INTO ${db}.wide VALUES (1, 'm1,m64', '-838:59:59', 2155, 7, 'ß  ', 'x', REPEAT('Ω', 9000), 'm300', 1.5,
       -0.00001,
       1, x'8000000000000001', ST_GeomFromText('POINT(1 2)'),
       ST_GeomFromText('MULTIPOLYGON(((0 0,0 3,3 3,3 0,0 0)))'), ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))')),
       (2, 'm64', '00:00:00.000001', 1901, 0, '', '', '', 'm1', 0, 0, 0, 0, NULL, NULL, NULL)`,
    `CREATE TABLE ${db}.listed (a INT, b VARCHAR(9) NOT NULL, KEY (a)) PARTITION BY LIST COLUMNS (b)
       (PARTITION p1 VALUES IN ('x', 'it''s'), PARTITION p2 VALUES IN ('y', '),(') COMMENT = 'a, ) b')`,
    `INSERT INTO ${db}.listed VALUES (1, 'x'), (1, 'x'), (NULL, '),(')`,
    `CREATE TABLE ${db}.subdivided (id INT, d DATE, PRIMARY KEY (id, d)) PARTITION BY RANGE (YEAR(d))
       SUBPARTITION BY HASH (id) SUBPARTITIONS 2
       (PARTITION a VALUES LESS THAN (2000), PARTITION z VALUES LESS THAN MAXVALUE)`,
    `INSERT INTO ${db}.subdivided VALUES (1, '1999-01-01'), (2, '2020-02-29')`,
    `CREATE TABLE ${db}.keyed (id INT PRIMARY KEY, v INT) PARTITION BY KEY () PARTITIONS 3`,
    `INSERT INTO ${db}.keyed VALUES (1, 1), (2, NULL)`,
    `CREATE TABLE ${db}.only_unique (a INT NOT NULL, b INT, UNIQUE KEY ab (a, b), UNIQUE KEY (b))`,
    `INSERT INTO ${db}.only_unique VALUES (1, NULL), (1, 2), (2, 1)`,
    `CREATE TABLE ${db}.empty_one (id INT)`,
    `CREATE TABLE ${db}.counted (id INT) ENGINE=MyISAM AUTO_INCREMENT=7`,
    ...(engine === 'mysql' ? archived(db) : []),
    `CREATE TABLE ${db}.long_key (t TEXT, b BLOB, PRIMARY KEY (t(20)), KEY (b(5) DESC))`,
    `INSERT INTO ${db}.long_key VALUES ('one', x'00'), ('two', NULL)`,
  ];
}

function archived(db: string): readonly string[] {
  return [
    `CREATE TABLE ${db}.archived (id INT AUTO_INCREMENT, v VARCHAR(9), KEY (id)) ENGINE=ARCHIVE`,
    `INSERT INTO ${db}.archived VALUES (1, 'a'), (5, NULL)`,
  ];
}

function members(count: number): string {
  return Array.from({ length: count }, (_, at) => `'m${at + 1}'`).join(',');
}

/** Creates all of it for the running test (or, given `later`, until that is called) and drops it afterwards. */
export async function createRoundTrip(
  server: TestServer,
  later: (work: () => Promise<void>) => void = onTestFinished,
): Promise<RoundTripDatabases> {
  // Without quotes and backslashes, which a dump program cannot do; a test of its own has those.
  const odd = `${freshDatabase('odd')} .$/%-;\`{ä`;
  later(() => runIn(server, undefined, ['SET foreign_key_checks = 0', `DROP DATABASE IF EXISTS ${quoted(odd)}`]));
  const names = { ...(await createNasty(server, later)), odd };
  const collation = server.engine === 'mysql' ? 'utf8mb4_0900_as_cs' : 'utf8mb4_uca1400_as_cs';
  const comment = server.engine === 'mariadb' ? ` COMMENT ${COMMENT}` : '';
  await runIn(server, undefined, [
    `CREATE DATABASE ${quoted(odd)} CHARACTER SET utf8mb4 COLLATE ${collation}${comment}`,
    "SET sql_mode = 'STRICT_TRANS_TABLES'",
    ...oddStatements(server.engine, names),
  ]);
  return names;
}

/** Statements on one connection; one that fails is named. */
export async function runIn(
  server: TestServer,
  database: string | undefined,
  statements: readonly string[],
): Promise<void> {
  const client = await openClient(server.url);
  try {
    if (database !== undefined) await client.query(`USE ${quoted(database)}`);
    for (const statement of statements) {
      try {
        await client.query(statement);
      } catch (error) {
        throw new Error(`${statement}: ${String(error)}`, { cause: error });
      }
    }
  } finally {
    await client.close();
  }
}
