// What comes from outside and is meant to hurt, or is just too much: names, contents, sizes.
//   SNAPBACK_TABLES=10000 npm run test:servers -- hostile-input    as many tables as that (default: 200)

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import {
  createDatabase,
  databaseUrl,
  describeEachEngine,
  freshDatabase,
  logicalDump,
  ownHome,
  runStatements,
} from '../support/servers.ts';

const ESC = '\u001b';
/** Colours and clears a terminal, adds an element, commands a runner, breaks quotes and formats. */
const HOSTILE = `\n::error::x\r\n##[group]y\n${ESC}[31m${ESC}]0;t\u0007<script>&\`'"|$\{a}\u202e\u0085%s`;
const TABLE = `t${HOSTILE}`;
const COLUMN = `c${HOSTILE}`;
const TABLES = Number(process.env['SNAPBACK_TABLES'] ?? 200);

const name = (text: string): string => `\`${text.replaceAll('`', '``')}\``;
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

const asked = (queries: readonly unknown[]): string =>
  queries.length === 0 ? '' : `, queries: ${JSON.stringify(queries)}`;

const plan = (sql: string, queries: readonly unknown[] = []): string => `version: 1
name: hostile
target: { url: "\${env:DATABASE_URL}" }
steps:
  - { id: before, snapshot: {} }
  - { id: say, run: [node, say.mjs] }
  - { id: change, sql: ${JSON.stringify(sql.replaceAll('${', () => '$${'))} }
  - { id: check, verify: { rows: same, unchanged: ["*"]${asked(queries)} } }
`;

/** Control characters but the line feed, what turns text around, and lines that a runner obeys. */
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|^\s*(?:::|##\[)/gmu;
const obeyedIn = (text: string): readonly string[] => text.match(OBEYED) ?? [];

describeEachEngine(
  (server) => {
    test('hostile names and contents come back as they were, and nothing that tells of them is obeyed', async () => {
      const home = await ownHome(server);
      const database = freshDatabase('h`<b>"\'');
      const url = databaseUrl(home.url, database);
      await runStatements(home.url, [`CREATE DATABASE ${name(database)}`]);
      onTestFinished(() => runStatements(server.url, [`DROP DATABASE ${name(database)}`]));
      await runStatements(url, [
        `CREATE TABLE ${name(TABLE)} (id INT PRIMARY KEY, ${name(COLUMN)} VARCHAR(200)) COMMENT = ${quoted(HOSTILE)}`,
        `INSERT INTO ${name(TABLE)} VALUES (1, ${quoted(HOSTILE)}), (2, 'x')`,
      ]);
      const before = await logicalDump(server.url, [database]);
      const folder = workFolder({ 'say.mjs': `console.log(${JSON.stringify(HOSTILE)});\n` });
      const queries = [
        {
          name: HOSTILE,
          sql: `SELECT ${name(COLUMN)} FROM ${name(TABLE)}`.replaceAll('${', () => '$${'),
          expect: 'none',
        },
      ].map((query) => ({ ...query, name: query.name.replaceAll('${', () => '$${') }));
      writeFileSync(join(folder, 'plan.yaml'), plan(`DELETE FROM ${name(TABLE)} WHERE id = 2`, queries));
      const env = { DATABASE_URL: url };
      const run = await snapback(['run', 'plan.yaml'], folder, env);
      const looks: string[] = [run.stdout, run.stderr];
      for (const words of [
        ['run', 'plan.yaml', '--dry-run'],
        ['doctor'],
        ['runs'],
        ['runs', '--url', url],
        ['report'],
        ['report', '--format', 'junit'],
        ['report', '--format', 'html'],
        ['report', '--format', 'json'],
      ]) {
        const end = await snapback(words, folder, env);
        looks.push(end.stdout, end.stderr);
      }
      const [html = ''] = looks.filter((text) => text.includes('<!doctype') || text.includes('<!DOCTYPE'));
      const isSame = (await logicalDump(server.url, [database])) === before;
      expect({
        code: run.code,
        isSame,
        obeyed: looks.map(obeyedIn),
        scripts: html.match(/<script/g),
        isHtml: html.length > 1_000,
      }).toEqual({ code: 4, isSame: true, obeyed: looks.map(() => []), scripts: null, isHtml: true });
    });

    test('a row of eight megabytes is kept, lost and put back', async () => {
      const { name: database, url } = await createDatabase(await ownHome(server), 'huge');
      await runStatements(url, [
        'CREATE TABLE t (id INT PRIMARY KEY, body LONGTEXT)',
        `INSERT INTO t VALUES (1, REPEAT('0123456789abcdef', 524288)), (2, REPEAT(_utf8mb4'Ω', 4194304))`,
      ]);
      const before = await logicalDump(server.url, [database]);
      const folder = workFolder({ 'say.mjs': '', 'plan.yaml': plan("UPDATE t SET body = CONCAT(body, 'x')") });
      const { code } = await snapback(['run', 'plan.yaml'], folder, { DATABASE_URL: url });
      const isSame = (await logicalDump(server.url, [database])) === before;
      expect({ code, isSame }).toEqual({ code: 4, isSame: true });
    });

    test(`${TABLES} tables are kept, changed and put back`, { timeout: 60_000 + TABLES * 1_000 }, async () => {
      const { name: database, url } = await createDatabase(await ownHome(server), 'many');
      const numbers = Array.from({ length: TABLES }, (_, at) => at);
      await runStatements(url, [
        ...numbers.map((at) => `CREATE TABLE t${at} (id INT PRIMARY KEY)`),
        ...numbers.map((at) => `INSERT INTO t${at} VALUES (${at})`),
      ]);
      const before = await logicalDump(server.url, [database]);
      const sql = `DELETE FROM t${TABLES - 1}; DROP TABLE t0; CREATE TABLE late (id INT PRIMARY KEY)`;
      const folder = workFolder({ 'say.mjs': '', 'plan.yaml': plan(sql) });
      const { code } = await snapback(['run', 'plan.yaml'], folder, { DATABASE_URL: url });
      const isSame = (await logicalDump(server.url, [database])) === before;
      const report = await snapback(['report', '--format', 'html', '--output', 'r.html'], folder);
      const size = readFileSync(join(folder, 'r.html')).length;
      expect({ code, isSame, report: report.code, isSmall: size < 4 * 2 ** 20 }).toEqual({
        code: 4,
        isSame: true,
        report: 0,
        isSmall: true,
      });
    });
  },
  { engines: ['mariadb', 'mysql'], origins: ['binary'] },
);
