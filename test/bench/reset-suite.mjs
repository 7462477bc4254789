// A suite of small tests through vitest: with a database that is put back before each test, and in the usual way.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startVitest } from 'vitest/node';
import { removeWorkers } from '../../dist/testing/index.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILES = 10;

/**
 * `fill(database)` makes the database; `ways(database)` are the statements of each usual way to have it again, by name.
 *
 * Each test writes into two tables and looks at the id that a row got, which must be the same in every test.
 */
export async function benchSuite({ server, tests, tables, fill, ways }) {
  const database = 'bench_suite_test';
  await fill(database);
  const ours = (autoIncrement) => oursOf({ url: server.url, database, autoIncrement, tables });
  const perFile = Math.ceil(tests / FILES);
  const serial = await ran('exact, one worker', ours('exact'), 1, FILES, perFile);
  const two = await ran('exact, two workers', ours('exact'), 2, FILES, perFile);
  console.log(`  two workers: ${(serial / two).toFixed(2)} times as fast as one`);
  await ran('loose, one worker', ours('loose'), 1, FILES, perFile);
  await removeWorkers({ url: server.url, database });
  // Fewer of them: each takes long, and none is shorter than another.
  for (const [way, again] of Object.entries(ways(database))) {
    const usual = await ran(way, usualOf({ url: server.url, database, again, tables }), 1, 1, 20);
    console.log(
      `  ${way}: ${(usual / serial).toFixed(1)} times as long a test as with exact resets, ${(usual / two).toFixed(1)} with two workers`,
    );
  }
}

/** @returns ms a test, the start of vitest and its workers included */
async function ran(name, source, workers, files, perFile) {
  const folder = await mkdtemp(join(HERE, 'suite-'));
  try {
    for (let file = 0; file < files; file += 1) {
      await writeFile(join(folder, `f${file}.test.mjs`), source(file, perFile));
    }
    const started = performance.now();
    const vitest = await startVitest('test', [], {
      root: ROOT,
      config: false,
      watch: false,
      include: [`${folder}/*.test.mjs`],
      reporters: [{ onTestCaseResult: () => undefined }],
      pool: 'forks',
      maxWorkers: workers,
      fileParallelism: workers > 1,
      testTimeout: 60_000,
      hookTimeout: 60_000,
    });
    const ms = performance.now() - started;
    const results = vitest.state.getFiles().flatMap(({ tasks }) => tasks.map(({ result }) => result));
    const failed = results.find((result) => result?.state !== 'pass');
    await vitest.close();
    if (failed !== undefined || results.length !== files * perFile) {
      throw new Error(`${name}: ${results.length} tests, ${failed?.errors?.[0]?.message ?? 'some were not run'}`);
    }
    console.log(
      `  suite of ${results.length}, ${name}: ${(ms / 1000).toFixed(1)} s, ${(ms / results.length).toFixed(1)} ms a test`,
    );
    return ms / results.length;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const CASE = `
  const [added] = await client.query('INSERT INTO ' + names[0] + " (a, b) VALUES (1, 'x')");
  await client.query('UPDATE ' + names[1] + ' SET n = n + 1 WHERE id < 4');
  expect(added.insertId).toBe(expected);
`;

function names({ tables }, file, perFile) {
  return `const namesOf = (at) => [0, 1].map((which) => 't' + String((${file * perFile} + at * 2 + which) % ${tables}).padStart(3, '0'));`;
}

function oursOf(given) {
  const { url, database, autoIncrement } = given;
  return (file, perFile) => `
import { expect } from 'vitest';
import mysql from 'mysql2/promise';
import { databaseTest } from '../../../dist/testing/vitest.js';
const test = databaseTest(${JSON.stringify({ url, database, autoIncrement })});
${names(given, file, perFile)}
let client;
for (let at = 0; at < ${perFile}; at += 1) {
  test('test ' + at, async ({ db }) => {
    client ??= await mysql.createConnection(db.url);
    const names = namesOf(at);
    ${autoIncrement === 'exact' ? 'const expected = 101;' : 'const expected = expect.any(Number);'}
    ${CASE.replace('toBe', 'toEqual')}
  });
}
`;
}

function usualOf(given) {
  const { url, database, again } = given;
  const own = new URL(url);
  own.pathname = `/${database}`;
  return (file, perFile) => `
import { beforeEach, expect, test } from 'vitest';
import mysql from 'mysql2/promise';
const client = await mysql.createConnection({ uri: ${JSON.stringify(own.href)}, multipleStatements: true });
${names(given, file, perFile)}
beforeEach(() => client.query(${JSON.stringify(again)}));
for (let at = 0; at < ${perFile}; at += 1) {
  test('test ' + at, async () => {
    const names = namesOf(at);
    const expected = expect.any(Number);
    ${CASE.replace('toBe', 'toEqual')}
  });
}
`;
}
