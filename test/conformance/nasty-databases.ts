// A database with every kind of object and type that a server knows, and one that is tied to it by foreign keys.

import { readFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import { splitStatements } from '../../src/engines/index.ts';
import { freshDatabase, openClient, type TestServer } from '../support/servers.ts';

export interface NastyDatabases {
  /** Holds one of everything. */
  readonly live: string;
  /** Outside of any snapshot: a child of a table in `live`, and a parent of another. */
  readonly outside: string;
  readonly user: string;
}

/** Creates them for the running test (or, given `later`, until that is called) and drops them afterwards. */
export async function createNasty(
  server: TestServer,
  later: (work: () => Promise<void>) => void = onTestFinished,
): Promise<NastyDatabases> {
  const names = { live: freshDatabase('nasty'), outside: freshDatabase('outside'), user: freshDatabase('u') };
  later(() =>
    runAll(server, undefined, [
      'SET foreign_key_checks = 0',
      `DROP DATABASE IF EXISTS ${names.live}`,
      `DROP DATABASE IF EXISTS ${names.outside}`,
      `DROP USER IF EXISTS ${names.user}@localhost`,
    ]),
  );
  await runAll(server, undefined, [
    `CREATE DATABASE ${names.live} CHARACTER SET utf8mb4`,
    `CREATE DATABASE ${names.outside}`,
  ]);
  for (const file of ['common', server.engine]) {
    const script = await readFile(new URL(`../fixtures/nasty/${file}.sql`, import.meta.url), 'utf8');
    const own = script
      .replaceAll('rz_live', names.live)
      .replaceAll('rz_out', names.outside)
      .replaceAll('rz_u', names.user);
    await runAll(
      server,
      names.live,
      splitStatements(own).map(({ text }) => text),
    );
  }
  return names;
}

const DAMAGE = [
  'DROP TRIGGER tr_def',
  'DROP TRIGGER tr_b1',
  'ALTER TABLE parent DROP FOREIGN KEY fk_cyc, ADD extra INT DEFAULT 7, MODIFY nm VARCHAR(90)',
  'DELETE FROM parent WHERE id = 101',
  'ALTER TABLE child DROP CONSTRAINT ck_q, ADD more INT',
  'CREATE TRIGGER tr_b1 BEFORE INSERT ON child FOR EACH ROW SET @z = 1',
  'CREATE TABLE newt (id INT PRIMARY KEY, p INT, CONSTRAINT fk_new FOREIGN KEY (p) REFERENCES parent (id))',
  'DROP VIEW v1',
  'CREATE OR REPLACE VIEW v2 AS SELECT 1 AS a',
  'CREATE VIEW vnew AS SELECT 2 AS x',
  'DROP PROCEDURE pr',
  'DROP FUNCTION fn',
  'CREATE PROCEDURE prnew() SELECT 1',
  "ALTER EVENT ev ON SCHEDULE EVERY 2 DAY COMMENT 'zz'",
  'TRUNCATE kinds',
  'DROP TABLE nopk',
  'RENAME TABLE `Weird ``name` TO moved',
  'ALTER TABLE part DROP PARTITION p0',
  'DROP TABLE mys',
  'CREATE VIEW mys AS SELECT 1 AS id',
  'INSERT INTO hpart (v) VALUES (9)',
  'INSERT INTO hpart (id, v) VALUES (500, 9)',
  'UPDATE odd SET s = NULL',
  'ALTER TABLE ft DROP KEY ftb',
  'DROP TABLE sp',
  'ALTER TABLE outref DROP FOREIGN KEY fk_out',
  'INSERT INTO audit (msg) VALUES (1)',
  'DELETE FROM audit',
  'CREATE TABLE copied AS SELECT * FROM `ÜPPER Ω`',
];

const DAMAGE_ON: Readonly<Record<string, readonly string[]>> = {
  mysql: ['ALTER TABLE gipk ADD b INT', 'ALTER TABLE srid DROP KEY g', 'UPDATE mv SET j = NULL'],
  mariadb: [
    'ALTER SEQUENCE sq RESTART 500 INCREMENT BY 7',
    'DELETE FROM sysv',
    'UPDATE sysp SET v = 9',
    'SET sql_mode = oracle',
    'DROP PACKAGE pkg',
    "SET sql_mode = ''",
  ],
};

/** Changes something of every kind, without an error. */
export async function damage(server: TestServer, { live }: NastyDatabases): Promise<void> {
  const statements = [...DAMAGE, ...(DAMAGE_ON[server.engine] ?? []), `ALTER DATABASE ${live} COLLATE utf8mb4_bin`];
  await runAll(server, live, ['SET foreign_key_checks = 0', "SET sql_mode = ''", ...statements]);
}

export async function dropWhole(server: TestServer, { live }: NastyDatabases): Promise<void> {
  await runAll(server, undefined, ['SET foreign_key_checks = 0', `DROP DATABASE ${live}`]);
}

async function runAll(server: TestServer, database: string | undefined, statements: readonly string[]): Promise<void> {
  const client = await openClient(server.url);
  try {
    if (database !== undefined) await client.query(`USE ${database}`);
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.close();
  }
}
