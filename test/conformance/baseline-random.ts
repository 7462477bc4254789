// Random databases and random tests on them, for the property of resets. Everything is drawn by fast-check.

import fc from 'fast-check';
import type { ServerEngine } from '../../src/servers/index.ts';

export interface RandomTable {
  readonly name: string;
  readonly key: 'auto' | 'text' | 'pair' | 'none';
  readonly storage: 'innodb' | 'myisam' | 'aria' | 'partitioned';
  /** Place of the parent in the list, where there is one. */
  readonly parent: number | undefined;
  readonly onDelete: 'CASCADE' | 'SET NULL';
  readonly triggers: readonly ('INSERT' | 'UPDATE' | 'DELETE')[];
  readonly rows: number;
}

export interface RandomSchema {
  readonly tables: readonly RandomTable[];
  readonly hasView: boolean;
  readonly hasRoutine: boolean;
  readonly hasSequence: boolean;
}

const tableArbitrary = (place: number): fc.Arbitrary<RandomTable> =>
  fc
    .record({
      key: fc.constantFrom('auto', 'auto', 'auto', 'text', 'pair', 'none'),
      storage: fc.constantFrom('innodb', 'innodb', 'innodb', 'innodb', 'innodb', 'myisam', 'aria', 'partitioned'),
      parent: place === 0 ? fc.constant(undefined) : fc.option(fc.nat(place - 1), { nil: undefined }),
      onDelete: fc.constantFrom('CASCADE', 'SET NULL'),
      triggers: fc.subarray(['INSERT', 'UPDATE', 'DELETE'] as const),
      rows: fc.constantFrom(0, 1, 3, 20),
    } as const)
    .map((table) => ({ ...table, name: `t${place}`, triggers: place % 2 === 0 ? table.triggers : [] }));

export const schemaArbitrary: fc.Arbitrary<RandomSchema> = fc.record({
  tables: fc.integer({ min: 2, max: 6 }).chain((count) => {
    return fc.tuple(...Array.from({ length: count }, (_, place) => tableArbitrary(place)));
  }),
  hasView: fc.boolean(),
  hasRoutine: fc.boolean(),
  hasSequence: fc.boolean(),
});

const KEYS = {
  auto: ['id INT AUTO_INCREMENT PRIMARY KEY', ''],
  text: ["id VARCHAR(20) NOT NULL DEFAULT 'x' PRIMARY KEY", ''],
  pair: ['id INT NOT NULL DEFAULT 0', ', PRIMARY KEY (id, n)'],
  none: ['id INT NOT NULL DEFAULT 0', ''],
} as const;

/** A foreign key needs InnoDB on both sides, no partitions, and a key to point at. */
function parentOf({ tables }: RandomSchema, table: RandomTable): RandomTable | undefined {
  const parent = table.parent === undefined ? undefined : tables[table.parent];
  const fits = table.storage === 'innodb' && parent?.storage === 'innodb' && parent.key === 'auto';
  return fits ? parent : undefined;
}

export function createStatements(schema: RandomSchema, engine: ServerEngine): readonly string[] {
  if (engine === 'matrixone') return createPlainStatements(schema);
  const tables = schema.tables.map((table) => {
    const [column, key] = KEYS[table.key];
    const parent = parentOf(schema, table);
    const reference =
      parent === undefined ? '' : `, FOREIGN KEY (p) REFERENCES ${parent.name} (id) ON DELETE ${table.onDelete}`;
    const storage = storageOf(table, engine);
    const by = { auto: 'id', pair: 'id', none: 'n', text: 'id' }[table.key];
    const partitions = table.storage === 'partitioned' ? ` PARTITION BY KEY (${by}) PARTITIONS 3` : '';
    return (
      `CREATE TABLE ${table.name} (${column}, n INT NOT NULL DEFAULT 0, p INT NULL, s VARCHAR(40) NULL, f FLOAT NULL,` +
      ` j TEXT NULL, d INT AS (n + 1) VIRTUAL, KEY (p)${key}${reference}) ENGINE=${storage}${partitions}`
    );
  });
  return [
    'CREATE TABLE log (place INT AUTO_INCREMENT PRIMARY KEY, word VARCHAR(40))',
    ...tables,
    ...schema.tables.flatMap(rowsOf),
    ...schema.tables.flatMap(triggersOf),
    ...(schema.hasView ? ['CREATE VIEW v AS SELECT id, n FROM t0 WHERE n > 1'] : []),
    ...(schema.hasRoutine ? ["CREATE PROCEDURE r() INSERT INTO log (word) VALUES ('called')"] : []),
    ...(schema.hasSequence && engine === 'mariadb' ? ['CREATE SEQUENCE q CACHE 5', 'SELECT NEXTVAL(q)'] : []),
  ];
}

/** One storage engine, no triggers and no routines. */
function createPlainStatements(schema: RandomSchema): readonly string[] {
  const tables = schema.tables.map((table) => {
    const [column, key] = KEYS[table.key];
    const parent = parentOf(schema, table);
    const reference =
      parent === undefined ? '' : `, FOREIGN KEY (p) REFERENCES ${parent.name} (id) ON DELETE ${table.onDelete}`;
    return (
      `CREATE TABLE ${table.name} (${column}, n INT NOT NULL DEFAULT 0, p INT NULL, s VARCHAR(40) NULL, f FLOAT NULL,` +
      ` j TEXT NULL, KEY (p)${key}${reference})`
    );
  });
  return [
    'CREATE TABLE log (place INT AUTO_INCREMENT PRIMARY KEY, word VARCHAR(40))',
    ...tables,
    ...schema.tables.flatMap(rowsOf),
    ...(schema.hasView ? ['CREATE VIEW v AS SELECT id, n FROM t0 WHERE n > 1'] : []),
  ];
}

function storageOf({ storage }: RandomTable, engine: ServerEngine): string {
  if (storage === 'aria') return engine === 'mariadb' ? 'Aria' : 'MyISAM';
  return storage === 'myisam' ? 'MyISAM' : 'InnoDB';
}

function triggersOf({ name, triggers }: RandomTable): readonly string[] {
  return triggers.map((event) => {
    const word = event === 'INSERT' ? "CONCAT(NEW.n, ' in')" : "CONCAT(OLD.n, ' out')";
    const action = `INSERT INTO log (word) VALUES (${word})`;
    return `CREATE TRIGGER ${name}_${event} AFTER ${event} ON ${name} FOR EACH ROW ${action}`;
  });
}

function rowsOf({ name, key, rows }: RandomTable): readonly string[] {
  if (rows === 0) return [];
  const values = Array.from({ length: rows }, (_, index) => {
    const id = { auto: 'NULL', text: `'k${index}'`, pair: String(index), none: String(index) }[key];
    return `(${id}, ${index}, NULL, 'word ${index}', ${index} / 3, '{"a": ${index}}')`;
  });
  return [`INSERT INTO ${name} (id, n, p, s, f, j) VALUES ${values.join(', ')}`];
}

/** What a test may do: a list of statements, of which any may fail. */
export interface RandomAct {
  readonly kind: string;
  readonly table: number;
  readonly number: number;
}

const ROW_ACTS = [
  ...['insert', 'insert', 'insert-many', 'update-one', 'update-all', 'twelve-updates', 'delete-one', 'delete-all'],
  ...[
    'insert-and-roll-back',
    'insert-twice',
    'replace',
    'change-case',
    'there-and-back',
    'truncate',
    'analyze',
    'flush',
  ],
  ...['set-parent', 'delete-parent', 'next-value', 'call', 'raise-counter', 'insert-with-high-id', 'nothing'],
  // Times are told in whole seconds: what comes in the second of the last reset is another case than what comes later.
  ...['next-second', 'next-second', 'crowd'],
];

/** A database whose tables are more than the server keeps open, in the long form. */
export const CROWD = 'crowd_of_tables';
const DDL_ACTS = [
  ...[
    'add-column',
    'drop-column',
    'add-index',
    'comment',
    'drop-table',
    'drop-and-create',
    'rename-table',
    'new-table',
  ],
  ...['drop-view', 'change-view', 'drop-trigger', 'new-trigger', 'change-routine', 'drop-keys', 'truncate-partition'],
  ...['rename-and-back', 'swap-tables', 'swap-by-alter', 'rebuild', 'lower-counter', 'drop-routine'],
  ...[
    'rename-column',
    'new-default',
    'rename-sequence',
    'alter-sequence',
    'alter-database',
    'new-event',
    'trigger-anew',
  ],
];

/** Most tests write rows; one in four changes definitions. */
export const actsArbitrary: fc.Arbitrary<readonly RandomAct[]> = fc.boolean().chain((first) =>
  fc.boolean().chain((second) =>
    fc.array(
      fc.record({
        kind: fc.constantFrom(...(first && second ? [...ROW_ACTS, ...DDL_ACTS] : ROW_ACTS)),
        table: fc.nat(5),
        number: fc.integer({ min: 0, max: 25 }),
      }),
      { minLength: 0, maxLength: 8 },
    ),
  ),
);

export function actStatements({ tables }: RandomSchema, { kind, table, number }: RandomAct): readonly string[] {
  const target = tables[table % tables.length];
  if (target === undefined) return [];
  const { name, key } = target;
  const other = tables.find((one) => one.name !== name)?.name ?? 'log';
  const id = { auto: `NULL`, text: `'n${number}'`, pair: String(number + 100), none: String(number) }[key];
  const insert = `INSERT INTO ${name} (id, n, s) VALUES (${id}, ${number}, 'new')`;
  const acts: Readonly<Record<string, readonly string[]>> = {
    nothing: [`SELECT * FROM ${name}`],
    insert: [insert],
    'insert-many': [insert, insert, `INSERT INTO ${name} (id, n) SELECT id + 1000, n FROM ${name}`],
    'update-one': [`UPDATE ${name} SET s = 'changed' WHERE n = ${number}`],
    'update-all': [`UPDATE ${name} SET n = n + ${number + 1}`],
    'twelve-updates': Array.from({ length: 12 }, (_, time) => `UPDATE ${name} SET s = 'time ${time}' WHERE n = 0`),
    'delete-one': [`DELETE FROM ${name} WHERE n = ${number}`],
    'delete-all': [`DELETE FROM ${name}`],
    'insert-and-roll-back': ['BEGIN', insert, `DELETE FROM ${name} WHERE n = 1`, 'ROLLBACK'],
    'insert-twice': [insert, `INSERT INTO ${name} SET id = (SELECT MIN(x.id) FROM (SELECT id FROM ${name}) x)`],
    replace: [`REPLACE INTO ${name} (id, n, s) SELECT id, n, 'replaced' FROM ${name} LIMIT 3`],
    'change-case': [`UPDATE ${name} SET s = UPPER(s)`, `UPDATE ${name} SET f = f + 1e-7, j = '{"a":0}'`],
    'there-and-back': [`UPDATE ${name} SET n = n + 1`, `UPDATE ${name} SET n = n - 1`],
    truncate: ['SET foreign_key_checks = 0', `TRUNCATE TABLE ${name}`, 'SET foreign_key_checks = 1'],
    'next-second': ['SELECT SLEEP(1.02)'],
    crowd: [insert, `SELECT COUNT(auto_increment) FROM information_schema.tables WHERE table_schema = '${CROWD}'`],
    analyze: [`ANALYZE TABLE ${name}`],
    flush: [insert, 'FLUSH TABLES'],
    'set-parent': [`UPDATE ${name} SET p = ${number} WHERE n < 3`, `INSERT INTO ${name} (id, p) VALUES (${id}, 1)`],
    'delete-parent': [`UPDATE ${name} SET p = 1`, 'DELETE FROM t0 WHERE id = 1'],
    'next-value': ['SELECT NEXTVAL(q)'],
    call: ['CALL r()', 'CALL r()'],
    'raise-counter': [`ALTER TABLE ${name} AUTO_INCREMENT = ${100 + number}`],
    'lower-counter': [`DELETE FROM ${name}`, `ALTER TABLE ${name} AUTO_INCREMENT = 1`],
    'insert-with-high-id': [`INSERT INTO ${name} (id) VALUES (${500 + number})`, `DELETE FROM ${name} WHERE n = 0`],
    'add-column': [`ALTER TABLE ${name} ADD COLUMN added INT DEFAULT ${number}`],
    'drop-column': [`ALTER TABLE ${name} DROP COLUMN j`],
    'add-index': [`CREATE INDEX added ON ${name} (s)`],
    comment: [`ALTER TABLE ${name} COMMENT = 'number ${number}'`],
    'drop-table': ['SET foreign_key_checks = 0', `DROP TABLE ${name}`, 'SET foreign_key_checks = 1'],
    'drop-and-create': ['SET foreign_key_checks = 0', `CREATE TABLE x LIKE ${name}`, `DROP TABLE ${name}`].concat([
      `RENAME TABLE x TO ${name}`,
      'SET foreign_key_checks = 1',
    ]),
    'rename-table': [`RENAME TABLE ${name} TO other`],
    'rename-and-back': [`RENAME TABLE ${name} TO other`, insert, `RENAME TABLE other TO ${name}`],
    'swap-tables': [`RENAME TABLE ${name} TO other, log TO ${name}, other TO log`],
    'swap-by-alter': [
      `ALTER TABLE ${name} RENAME TO other`,
      `ALTER TABLE ${other} RENAME TO ${name}`,
      `ALTER TABLE other RENAME TO ${other}`,
    ],
    'rename-column': [`ALTER TABLE ${name} RENAME COLUMN s TO renamed`],
    'new-default': [`ALTER TABLE ${name} ALTER COLUMN s SET DEFAULT 'something'`],
    'rename-sequence': ['ALTER TABLE q RENAME TO q2'],
    'alter-sequence': ['ALTER SEQUENCE q INCREMENT BY 7'],
    'alter-database': ['ALTER DATABASE CHARACTER SET latin1'],
    'new-event': ['CREATE EVENT added ON SCHEDULE EVERY 1 YEAR DO SELECT 1'],
    'trigger-anew': [
      `DROP TRIGGER ${name}_DELETE`,
      `CREATE TRIGGER ${name}_DELETE AFTER DELETE ON ${name} FOR EACH ROW SET @gone = OLD.n`,
    ],
    'new-table': [`CREATE TABLE new_${number} (id INT)`, `INSERT INTO new_${number} VALUES (1)`],
    'drop-view': ['DROP VIEW v'],
    'change-view': ['CREATE OR REPLACE VIEW v AS SELECT id FROM t0'],
    'drop-trigger': [`DROP TRIGGER ${name}_INSERT`, insert],
    'new-trigger': [`CREATE TRIGGER added BEFORE UPDATE ON ${name} FOR EACH ROW SET NEW.s = 'by trigger'`],
    'change-routine': ['DROP PROCEDURE r', 'CREATE PROCEDURE r() SELECT 1'],
    'drop-routine': ['DROP PROCEDURE r'],
    'drop-keys': [`ALTER TABLE ${name} DROP INDEX p`, `ALTER TABLE ${name} DROP FOREIGN KEY ${name}_ibfk_1`],
    'truncate-partition': [`ALTER TABLE ${name} TRUNCATE PARTITION p1`],
    rebuild: [`ALTER TABLE ${name} ENGINE=InnoDB`, `OPTIMIZE TABLE ${name}`],
  };
  return acts[kind] ?? [];
}
