import { expect, test } from 'vitest';
import { readContent } from '../../src/engines/mysql-family/fingerprint.ts';
import { readColumns } from '../../src/engines/mysql-family/copying-snapshots/columns.ts';
import { pins } from '../../src/engines/mysql-family/copying-snapshots/session-pins.ts';
import { createDatabase, describeEachEngine, type TestServer } from '../support/servers.ts';
import { connectorTo } from './store-on.ts';

const MEMBERS = Array.from({ length: 64 }, (_, at) => `'m${at + 1}'`).join(',');

/** Columns, and two contents that a careless expression takes for equal. */
type Pair = readonly [columns: string, one: string, other: string];

const DIFFERENT: Readonly<Record<string, Pair>> = {
  'NULL and an empty text': ['a VARCHAR(9), b INT', '(NULL,1)', "('',1)"],
  'NULL and zero': ['a INT, b INT', '(NULL,1)', '(0,1)'],
  "NULL and 'N'": ['a VARCHAR(9), b INT', '(NULL,1)', "('N',1)"],
  'two equal rows more': ['a INT, b INT', '(1,1)', '(1,1),(2,2),(2,2)'],
  'two pairs of equal rows': ['a INT, b INT', '(1,1),(1,1)', '(2,2),(2,2)'],
  'one row three times': ['a INT, b INT', '(1,1),(2,2)', '(1,1),(1,1),(1,1),(2,2)'],
  'columns exchanged': ['a VARCHAR(9), b VARCHAR(9)', "('x','y')", "('y','x')"],
  'a character moved to the next column': ['a VARCHAR(9), b VARCHAR(9)', "('ab','c')", "('a','bc')"],
  'NULL moved to the next column': ['a VARCHAR(9), b VARCHAR(9)', "('ab',NULL)", "(NULL,'ab')"],
  'a text that looks like two': ['a VARCHAR(9), b VARCHAR(9)', "('1,1:2','3')", "('1','1:2,3')"],
  'values exchanged between rows': ['a INT, b INT', '(1,10),(2,20)', '(1,20),(2,10)'],
  'a blank at the end': ['a VARCHAR(9), b INT', "('a',1)", "('a ',1)"],
  'upper and lower case': ['a VARCHAR(9), b INT', "('a',1)", "('A',1)"],
  'an accent': ['a VARCHAR(9), b INT', "('a',1)", "('ä',1)"],
  'one letter composed in two ways': ['a VARCHAR(9), b INT', "(_utf8mb4 x'c3a4',1)", "(_utf8mb4 x'61cc88',1)"],
  'the last bit of a FLOAT': ['a FLOAT, b INT', '(16777215,1)', '(16777214,1)'],
  'neighbours of 0.1 as FLOAT': ['a FLOAT, b INT', '(0.1,1)', '(0.10000001,1)'],
  'the last bit of a DOUBLE': ['a DOUBLE, b INT', '(0.1,1)', '(0.10000000000000002,1)'],
  'bits beyond a byte': ['a BIT(10), b INT', "(b'1',1)", "(b'1000000001',1)"],
  'numbers in JSON': ['a JSON, b INT', `('{"a":1}',1)`, `('{"a":1.0}',1)`],
  'null in JSON, and NULL': ['a JSON, b INT', "('null',1)", '(NULL,1)'],
  'a text in JSON, and a number': ['a JSON, b INT', `('"1"',1)`, "('1',1)"],
  'a point mirrored': ['a GEOMETRY, b INT', "(ST_GeomFromText('POINT(1 2)'),1)", "(ST_GeomFromText('POINT(2 1)'),1)"],
  'another SRID': [
    'a GEOMETRY, b INT',
    "(ST_GeomFromText('POINT(1 2)',0),1)",
    "(ST_GeomFromText('POINT(1 2)',4326),1)",
  ],
  'zero bytes': ['a BLOB, b INT', "(x'00',1)", "(x'0000',1)"],
  'an empty BLOB and NULL': ['a BLOB, b INT', "('',1)", '(NULL,1)'],
  'a zero byte at the end': ['a VARBINARY(9), b INT', "(x'61',1)", "(x'6100',1)"],
  microseconds: ['a TIMESTAMP(6) NULL, b INT', "('2024-01-01 00:00:00.000001',1)", "('2024-01-01 00:00:00.000002',1)"],
  'the zero date and NULL': ['a DATETIME, b INT', "('0000-00-00 00:00:00',1)", '(NULL,1)'],
  'the zero timestamp and NULL': ['a TIMESTAMP NULL, b INT', "('0000-00-00 00:00:00',1)", '(NULL,1)'],
  'no member of an ENUM, and the empty one': ["a ENUM('x',''), b INT", '(0,1)', "('',1)"],
  'no member of a SET, and NULL': ["a SET('x','y'), b INT", "('',1)", '(NULL,1)'],
  'one of 64 members of a SET': [`a SET(${MEMBERS}), b INT`, "('m64',1)", "('m1,m64',1)"],
  'the last of 64 bits': ['a BIT(64), b INT', "(x'8000000000000000',1)", "(x'8000000000000001',1)"],
  'the thirtieth digit': ['a DECIMAL(65,30), b INT', '(1,1)', '(1.000000000000000000000000000001,1)'],
  'the largest numbers': ['a BIGINT UNSIGNED, b INT', '(18446744073709551615,1)', '(18446744073709551614,1)'],
  'the years 0 and 2000': ['a YEAR, b INT', '(0,1)', '(2000,1)'],
};

async function fingerprints(server: TestServer, columns: string, contents: readonly string[]) {
  const { name: database } = await createDatabase(server, 'print');
  const connector = connectorTo(server.url);
  const { signal } = new AbortController();
  const flavour = server.engine === 'mysql' ? 'mysql' : 'mariadb';
  const prologue = pins({ connector, flavour, version: server.label.replace(/^\D+/, '') });
  const session = await connector.open({ purpose: 'test', database: undefined, announce: false, prologue }, signal);
  const found: string[] = [];
  for (const [number, content] of contents.entries()) {
    const table = `t${number}`;
    await session.query(`CREATE TABLE ${database}.${table} (${columns}) CHARACTER SET utf8mb4`);
    await session.query(`INSERT INTO ${database}.${table} VALUES ${content}`);
    const stored = (await readColumns(session, database, undefined, signal)).get(table) ?? [];
    const read = await readContent(session, { database, table }, stored, false, signal);
    found.push(`${read.rowCount} ${read.fingerprint}`);
  }
  await connector.closeAll();
  return found;
}

describeEachEngine(
  (server) => {
    test.each(Object.entries(DIFFERENT))('tells apart: %s', async (_name, [columns, one, other]) => {
      const [first, second] = await fingerprints(server, columns, [one, other]);
      expect(first).not.toEqual(second);
    });

    test('the order of rows does not count', async () => {
      const [first, second] = await fingerprints(server, 'a INT, b VARCHAR(9)', ["(1,'x'),(2,'y')", "(2,'y'),(1,'x')"]);
      expect(first).toEqual(second);
    });
  },
  { engines: ['mariadb', 'mysql'] },
);
