// Generated databases and generated damage, as statements. A statement that a server refuses counts as not said, which
// lets the generator be bold: it need not know every rule of two servers.

import fc from 'fast-check';
import type { Flavour } from '../../src/engines/index.ts';
import { CHARSETS, COLUMN_TYPES, type ColumnType } from './random-columns.ts';

/**
 * A statement with a question mark in front stands in for a refused one before it. `@DB0@` and `@DB1@` are the two
 * databases in the snapshot, `@OUT@` is one that is not.
 */
export interface RandomCase {
  readonly build: readonly string[];
  readonly damage: readonly string[];
}

const NAMES = ['t', 'T', 'order', 'a b', 'ü', 'x`y', "it's", 'a.b', '%', '中文'];
const q = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
const pick = <Value>(values: readonly Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values);
const rarely = (): fc.Arbitrary<boolean> => fc.nat(5).map((number) => number === 0);
const DB = pick(['@DB0@', '@DB0@', '@DB1@']);

interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly text: string;
}

function columnOf(types: readonly ColumnType[]): fc.Arbitrary<(name: string) => Column> {
  return fc
    .record({
      type: pick(types),
      charset: pick(CHARSETS),
      isRequired: fc.boolean(),
      hasDefault: fc.boolean(),
      value: fc.nat(20),
      comment: pick(['', '', "COMMENT 'a, ) b'", "COMMENT 'it''s \\\\ ü'"]),
      isHidden: rarely(),
    })
    .map(({ type, charset, isRequired, hasDefault, value, comment, isHidden }) => (name) => {
      const words = [type.sql];
      if (type.kind === 'text') words.push(charset);
      if (isRequired && !type.sql.includes('NULL')) words.push('NOT NULL');
      const literal = type.values[value % type.values.length] ?? 'NULL';
      if (hasDefault)
        words.push(type.isLong === true || literal.includes('(') ? `DEFAULT (${literal})` : `DEFAULT ${literal}`);
      if (isHidden && hasDefault) words.push('INVISIBLE');
      return { name, type, text: `${q(name)} ${[...words, comment].filter((word) => word !== '').join(' ')}` };
    });
}

const KEYS = ['id INT AUTO_INCREMENT PRIMARY KEY', 'id INT PRIMARY KEY', 'id BIGINT UNSIGNED NOT NULL UNIQUE'];
const OTHER_KEYS = [
  'id VARCHAR(20) PRIMARY KEY',
  'id INT, KEY (id)',
  'id INT NOT NULL, n INT NOT NULL, PRIMARY KEY (n, id)',
];
const OPTIONS = ['', '', '', 'ENGINE=MyISAM', 'ROW_FORMAT=COMPACT', 'ROW_FORMAT=REDUNDANT', 'ENGINE=MEMORY'];
const MORE_OPTIONS = [
  "COMMENT='),('",
  'AUTO_INCREMENT=77',
  'DEFAULT CHARSET=latin1',
  'COLLATE=utf8mb4_bin',
  'STATS_PERSISTENT=0',
];
const PARTITIONS = ['', '', '', '', 'PARTITION BY HASH (id) PARTITIONS 3', 'PARTITION BY KEY () PARTITIONS 2'];
const BY_RANGE = 'PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (2), PARTITION b VALUES LESS THAN MAXVALUE)';

function tableOf(flavour: Flavour, types: readonly ColumnType[], at: number): fc.Arbitrary<readonly string[]> {
  const versioned = flavour === 'mariadb' ? ['', '', '', 'WITH SYSTEM VERSIONING'] : [''];
  return fc
    .record({
      database: DB,
      name: pick(NAMES),
      key: pick([...KEYS, ...KEYS, ...OTHER_KEYS]),
      columns: fc.array(columnOf(types), { minLength: 1, maxLength: 7 }),
      options: fc.tuple(pick(OPTIONS), pick(['', ...MORE_OPTIONS])),
      partition: pick([...PARTITIONS, BY_RANGE]),
      versioning: pick(versioned),
      keys: fc.array(fc.record({ unique: rarely(), first: fc.nat(6), second: fc.nat(6), isDown: fc.boolean() }), {
        maxLength: 3,
      }),
      generated: fc.array(fc.record({ of: fc.nat(6), isStored: fc.boolean(), hasKey: fc.boolean() }), { maxLength: 2 }),
      rows: fc.array(fc.array(fc.nat(40), { minLength: 8, maxLength: 8 }), { maxLength: 6 }),
      check: rarely(),
    })
    .map((recipe) => {
      const place = `${recipe.database}.${q(`${recipe.name}${at}`)}`;
      const columns = recipe.columns.map((column, index) =>
        column(`${NAMES[(index + at) % NAMES.length] ?? 'c'}${index}`),
      );
      const column = (index: number): Column | undefined => columns[index % columns.length];
      const options = recipe.options.join(' ');
      const whole = [recipe.versioning, recipe.partition].filter((word) => word !== '').join(' ');
      const create = (suffix: string): string =>
        `CREATE TABLE ${place} (${[recipe.key, ...columns.map(({ text }) => text)].join(', ')}) ${suffix}`;
      return [
        create(`${options} ${whole}`),
        `?CREATE TABLE ${place} (${recipe.key})`,
        ...columns.map(({ text }) => `?ALTER TABLE ${place} ADD COLUMN ${text}`),
        ...recipe.keys.map(({ unique, first, second, isDown }, index) => {
          const parts = [first, second]
            .map((one) => column(one))
            .map((one) => `${q(one?.name ?? '')}${one?.type.isLong === true ? '(5)' : ''}`);
          const list = [...new Set(parts)].join(isDown ? ' DESC, ' : ', ');
          return `ALTER TABLE ${place} ADD ${unique ? 'UNIQUE ' : ''}KEY ${q(`k),( ${index}`)} (${list})`;
        }),
        ...recipe.generated.flatMap(({ of, isStored, hasKey }, index) => {
          const source = column(of);
          const name = q(`g${index}`);
          const from = q(source?.name ?? '');
          const expression = source?.type.kind === 'text' ? `CHAR_LENGTH(CONCAT(${from}, '),('))` : `${from} IS NULL`;
          const storage = isStored ? 'STORED' : 'VIRTUAL';
          const add = `ALTER TABLE ${place} ADD ${name} INT GENERATED ALWAYS AS (${expression}) ${storage}`;
          return hasKey ? [add, `ALTER TABLE ${place} ADD KEY ${name} (${name})`] : [add];
        }),
        ...(recipe.check ? [`ALTER TABLE ${place} ADD CONSTRAINT ${q(`ck ${at}`)} CHECK (id <> 4711)`] : []),
        ...recipe.rows.map((cells, index) => rowOf(place, columns, cells, index)),
        ...recipe.rows.slice(3).map((_, index) => `DELETE FROM ${place} WHERE id = ${index + 2}`),
      ];
    });
}

function rowOf(place: string, columns: readonly Column[], cells: readonly number[], index: number): string {
  const values = columns.map(({ type }, at) => {
    const cell = cells[at % cells.length] ?? 0;
    return cell % 7 === 0 ? 'NULL' : (type.values[cell % type.values.length] ?? 'NULL');
  });
  const names = columns.map(({ name }) => q(name)).join(', ');
  return `INSERT IGNORE INTO ${place} (id, ${names}) VALUES (${index + 1}, ${values.join(', ')})`;
}

/** Names a table by number; `@T3@` becomes one of those that are there when the statement is sent. */
const TABLE = fc.nat(9).map((number) => `@T${number}@`);

const BODIES = [
  'SET @a = 1',
  "SET @a = '),('",
  "BEGIN IF 1 THEN SET @b = 'a;b'; END IF; END",
  'SET @c = CONCAT(\'ü\', "x")',
];
const WHEN = ['BEFORE INSERT', 'BEFORE INSERT', 'AFTER INSERT', 'BEFORE UPDATE', 'AFTER DELETE'];
const ACTIONS = [
  '',
  'ON DELETE CASCADE',
  'ON DELETE SET NULL',
  'ON UPDATE CASCADE',
  'ON DELETE CASCADE ON UPDATE SET NULL',
];

function programs(at: number): fc.Arbitrary<readonly string[]> {
  const name = q(`p ${at} ü`);
  return fc.oneof(
    fc
      .record({ table: TABLE, when: pick(WHEN), body: pick(BODIES) })
      .map(({ table, when, body }) => [
        `CREATE TRIGGER @DBOF:${table}@.${name} ${when} ON ${table} FOR EACH ROW ${body}`,
      ]),
    fc
      .record({ db: DB, table: TABLE, rest: pick(['', ' WITH CHECK OPTION']) })
      .map(({ db, table, rest }) => [
        `CREATE VIEW ${db}.${name} AS SELECT * FROM ${table} WHERE id > 0${rest}`,
        `CREATE SQL SECURITY INVOKER VIEW @DB0@.${q(`a ${at}`)} AS SELECT COUNT(*) AS n, 'ü' AS u FROM ${db}.${name}`,
      ]),
    fc
      .record({ db: DB, body: pick(BODIES) })
      .map(({ db, body }) => [`CREATE PROCEDURE ${db}.${name}(a INT, OUT b VARCHAR(9)) COMMENT 'it''s' ${body}`]),
    fc
      .record({ db: DB, body: pick(BODIES) })
      .map(({ db, body }) => [
        `CREATE EVENT ${db}.${name} ON SCHEDULE EVERY 1 DAY STARTS '2038-01-01' DISABLE DO ${body}`,
      ]),
    DB.map((db) => [
      `CREATE FUNCTION ${db}.${name}(a INT) RETURNS VARCHAR(9) CHARSET utf8mb4 DETERMINISTIC NO SQL
       RETURN CONCAT(a, 'ü')`,
    ]),
    fc.record({ child: TABLE, parent: TABLE, action: pick(ACTIONS) }).map(({ child, parent, action }) => [
      `ALTER TABLE ${child} ADD ${q(`f${at}`)} INT NULL`,
      `ALTER TABLE ${child} ADD CONSTRAINT ${q(`fk ${at}`)}
         FOREIGN KEY (${q(`f${at}`)}) REFERENCES ${parent} (id) ${action}`,
      `UPDATE ${child} SET ${q(`f${at}`)} = 1 WHERE id = 1`,
    ]),
    fc.record({ parent: TABLE, action: pick(ACTIONS) }).map(({ parent, action }) => [
      `CREATE TABLE @OUT@.${q(`c${at}`)} (id INT PRIMARY KEY, p INT,
         CONSTRAINT ${q(`out ${at}`)} FOREIGN KEY (p) REFERENCES ${parent} (id) ${action})`,
      `INSERT INTO @OUT@.${q(`c${at}`)} VALUES (1, 1), (2, NULL)`,
    ]),
  );
}

const SESSIONS = [
  "SET sql_mode = ''",
  "SET sql_mode = 'STRICT_ALL_TABLES'",
  "SET sql_mode = 'NO_BACKSLASH_ESCAPES'",
  "SET sql_mode = 'ANSI_QUOTES'",
];
const MORE_SESSIONS = [
  "SET time_zone = '-07:00'",
  'SET NAMES utf8mb4 COLLATE utf8mb4_bin',
  "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
];

function damages(types: readonly ColumnType[]): fc.Arbitrary<readonly string[]> {
  const one = (statement: (table: string) => readonly string[]) => TABLE.map(statement);
  const column = columnOf(types).map((make) => make('fresh').text);
  return fc.oneof(
    one((t) => [`DELETE FROM ${t} WHERE id = 1`]),
    one((t) => [`DELETE FROM ${t}`]),
    one((t) => [`TRUNCATE TABLE ${t}`]),
    one((t) => [`UPDATE ${t} SET id = id + 100 ORDER BY id DESC`]),
    one((t) => [`UPDATE ${t} SET @C1@ = NULL`]),
    one((t) => [`UPDATE IGNORE ${t} SET @C1@ = '1', @C2@ = ''`]),
    one((t) => [`UPDATE ${t} a JOIN ${t} b ON b.id = 3 - a.id SET a.@C1@ = b.@C1@`]),
    one((t) => [`INSERT IGNORE INTO ${t} (id) VALUES (50), (51)`]),
    one((t) => [`INSERT IGNORE INTO ${t} (@C1@) SELECT @C1@ FROM ${t} x`]),
    one((t) => [`ALTER TABLE ${t} AUTO_INCREMENT = 1000`]),
    fc.record({ t: TABLE, column }).map(({ t, column: text }) => [`ALTER TABLE ${t} ADD ${text}`]),
    fc.record({ t: TABLE, column }).map(({ t, column: text }) => [`ALTER TABLE ${t} ADD ${text} FIRST`]),
    fc.record({ t: TABLE, column }).map(({ t, column: text }) => [`ALTER TABLE ${t} CHANGE @C1@ ${text}`]),
    one((t) => [`ALTER TABLE ${t} DROP COLUMN @C1@`]),
    one((t) => [`ALTER TABLE ${t} DROP KEY ${q('k),( 0')}`]),
    one((t) => [`ALTER TABLE ${t} DROP PRIMARY KEY`, `ALTER TABLE ${t} MODIFY id BIGINT`]),
    one((t) => [`ALTER TABLE ${t} COMMENT = 'other'`]),
    one((t) => [`ALTER TABLE ${t} CONVERT TO CHARACTER SET latin1`]),
    one((t) => [`ALTER TABLE ${t} ENGINE = MyISAM`]),
    one((t) => [`ALTER TABLE ${t} REMOVE PARTITIONING`]),
    one((t) => [`ALTER TABLE ${t} DROP CONSTRAINT @FK@`]),
    one((t) => [`DROP TABLE ${t}`]),
    fc.tuple(TABLE, TABLE).map(([a, b]) => [`RENAME TABLE ${a} TO @DB0@.swap, ${b} TO ${a}, @DB0@.swap TO ${b}`]),
    one((t) => [`RENAME TABLE ${t} TO @DB1@.elsewhere`]),
    one((t) => [`CREATE TABLE @DB0@.new_child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES ${t} (id))`]),
    one((t) => [`CREATE OR REPLACE VIEW @DB1@.new_view AS SELECT * FROM ${t}`]),
    fc.nat(9).map((at) => [`DROP @P${at}@`]),
    fc.nat(9).map((at) => [`DROP @P${at}@`]),
    one((t) => [`CREATE TRIGGER @DBOF:${t}@.other BEFORE INSERT ON ${t} FOR EACH ROW SET @z = 1`]),
    fc
      .record({ t: TABLE, db: DB })
      .map(({ t, db }) => [
        `DROP TABLE ${t}`,
        `CREATE VIEW ${t} AS SELECT 1 AS id`,
        `CREATE PROCEDURE ${db}.fresh() SELECT 1`,
      ]),
    fc.constant(['ALTER DATABASE @DB0@ CHARACTER SET cp1251']),
    rarely().map((isDone) => (isDone ? ['DROP DATABASE @DB1@'] : ['DO 1'])),
    rarely().map((isDone) => (isDone ? ['DROP DATABASE @DB0@'] : ['DO 2'])),
  );
}

export function randomCase(flavour: Flavour): fc.Arbitrary<RandomCase> {
  const types = COLUMN_TYPES.filter(({ on }) => on === undefined || on === flavour);
  const tables = fc
    .integer({ min: 1, max: 5 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => tableOf(flavour, types, at))));
  const rest = fc
    .integer({ min: 0, max: 7 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => programs(at))));
  const sequence =
    flavour === 'mariadb'
      ? ['CREATE SEQUENCE @DB0@.sq START WITH 5 INCREMENT BY 3 CACHE 10', 'SELECT NEXTVAL(@DB0@.sq)']
      : [];
  return fc
    .record({
      session: pick(SESSIONS),
      more: pick(MORE_SESSIONS),
      tables,
      rest,
      hasSequence: fc.boolean(),
      damage: fc.array(damages(types), { minLength: 1, maxLength: 12 }),
    })
    .map(({ session, more, tables: created, rest: hung, hasSequence, damage }) => ({
      build: ["SET sql_mode = ''", ...created.flat(), session, more, ...(hasSequence ? sequence : []), ...hung.flat()],
      damage: ['SET foreign_key_checks = 0', ...damage.flat()],
    }));
}
