// Resets of test data against the usual ways, on the same data, in one run, on servers of its own.
// `npm run bench:reset -- [--engine mariadb,mysql] [--rounds 9] [--tables 200] [--suite 500]`; `npm run build` first.
// What it does not measure is printed at the end.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import mysql from 'mysql2/promise';
import { baseline, startServer } from '../../dist/testing/index.js';
import { median } from './client.mjs';
import { benchSuite } from './reset-suite.mjs';

const ROWS = 100;
const { values: options } = parseArgs({
  options: {
    engine: { type: 'string', default: 'mariadb,mysql' },
    rounds: { type: 'string', default: '9' },
    tables: { type: 'string', default: '200' },
    suite: { type: 'string', default: '500' },
  },
});
const ROUNDS = Number(options.rounds);
const TABLES = Number(options.tables);
const SECOND_MS = 1_050;

for (const engine of options.engine.split(',')) {
  const server = await startServer({ engine });
  try {
    console.log(
      `${server.label}: ${TABLES} tables of ${ROWS} rows, median of ${ROUNDS}, load ${loadavg()[0].toFixed(1)}`,
    );
    const ours = await benchResets(server, TABLES);
    await benchOthers(server, ours);
    const few = await benchResets(server, Math.ceil(TABLES / 10), [5], ['exact', 'loose']);
    for (const way of ['exact', 'loose']) {
      const [all, some] = [ours.get(`${way} 5`), few.get(`${way} 5`)];
      console.log(
        `  flat? 5 touched, ${way}: ${(all / some).toFixed(2)} times what it takes with a tenth of the tables`,
      );
    }
    if (Number(options.suite) > 0) await benchTests(server);
  } finally {
    await server.stop();
  }
}
console.log(
  'Not measured: networks, disks that have to be waited for (a throw-away server does not), servers that are tuned; the\n' +
    'server and the tests share the cores of this machine. A second apart: the server tells times of writing to a second.',
);

function nameOf(at) {
  return `t${String(at).padStart(3, '0')}`;
}

/** Every tenth table hangs on the one before it. */
function createTable(at) {
  const key = at % 10 === 9 ? `, FOREIGN KEY (a) REFERENCES ${nameOf(at - 1)} (id) ON DELETE CASCADE` : '';
  return `CREATE TABLE ${nameOf(at)} (id INT AUTO_INCREMENT PRIMARY KEY, a INT, b VARCHAR(60), d DATETIME(6), n DECIMAL(10,2), KEY (a)${key})`;
}

function insertRows(at) {
  const values = Array.from({ length: ROWS }, (_, row) => {
    return `(${row + 1},${row + 1},'some words of row ${row} in table ${at}','2026-01-02 03:04:05.678901',${row}.25)`;
  });
  return `INSERT INTO ${nameOf(at)} VALUES ${values.join(',')}`;
}

async function openFilled(server, tables, database) {
  const client = await mysql.createConnection({ uri: server.url, multipleStatements: true });
  await client.query(`DROP DATABASE IF EXISTS ${database}; CREATE DATABASE ${database}; USE ${database}`);
  for (let at = 0; at < tables; at += 1) await client.query(`${createTable(at)};${insertRows(at)}`);
  return client;
}

/** The usual ways to have all data again, as statements. */
function usualWays(database) {
  const all = Array.from({ length: TABLES }, (_, at) => at);
  const rows = all.map(insertRows).join(';');
  const unchecked = (statements) => `SET foreign_key_checks=0;${statements};SET foreign_key_checks=1`;
  const backwards = all.toReversed().map((at) => `DELETE FROM ${nameOf(at)}`);
  const anew = `DROP DATABASE ${database};CREATE DATABASE ${database};USE ${database}`;
  return {
    'TRUNCATE all, load the rows again': unchecked(`${all.map((at) => `TRUNCATE ${nameOf(at)}`).join(';')};${rows}`),
    'DELETE in the order of keys, load again': `${backwards.join(';')};${rows}`,
    'drop the database, load a dump': `${anew};${unchecked(`${all.map(createTable).join(';')};${rows}`)}`,
  };
}

function benchTests(server) {
  const fill = async (database) => (await openFilled(server, TABLES, database)).end();
  return benchSuite({ server, tests: Number(options.suite), tables: TABLES, fill, ways: usualWays });
}

/** What a test does to a table: three rows more, some changed, one gone. */
function touch(client, names) {
  const each = names.map(
    (name) =>
      `INSERT INTO ${name} (a, b) VALUES (1,'x'),(2,'y'),(3,'z');` +
      `UPDATE ${name} SET n = n + 1 WHERE id < 4; DELETE FROM ${name} WHERE id = 50;`,
  );
  return client.query(`BEGIN;${each.join('')}COMMIT`);
}

async function timedMs(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** @returns the median by `exact 5`, ms */
async function benchResets(server, tables, counts = [0, 1, 5, 50], ways = ['exact', 'loose']) {
  const medians = new Map();
  const database = `bench_${tables}_test`;
  const client = await openFilled(server, tables, database);
  for (const autoIncrement of ways) {
    const started = performance.now();
    const data = await baseline({ server, database, autoIncrement });
    if (tables === TABLES) console.log(`  baseline taken in ${Math.round(performance.now() - started)} ms`);
    for (const count of counts) {
      const apart = [];
      const close = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        await new Promise((resolve) => setTimeout(resolve, SECOND_MS));
        apart.push(await one(round));
      }
      for (let round = 0; round < ROUNDS; round += 1) close.push(await one(round));
      medians.set(`${autoIncrement} ${count}`, median(apart));
      if (tables !== TABLES) continue;
      const words = `reset, ${autoIncrement}, ${String(count).padStart(2)} touched`;
      console.log(
        `  ${words}: ${median(apart).toFixed(1)} ms a second apart, ${median(close).toFixed(1)} ms back to back`,
      );

      async function one(round) {
        const names = Array.from({ length: count }, (_, at) => nameOf((at * 37 + round) % tables));
        if (count > 0) await touch(client, names);
        return timedMs(() => data.reset());
      }
    }
    await data.close();
  }
  await client.end();
  return medians;
}

async function benchOthers(server, ours) {
  const client = await openFilled(server, TABLES, 'bench_other');
  const touched = [0, 1, 2, 3, 4].map(nameOf);
  for (const [way, again] of Object.entries(usualWays('bench_other'))) {
    const times = [];
    for (let round = 0; round < Math.min(ROUNDS, 5); round += 1) {
      await touch(client, touched);
      times.push(await timedMs(() => client.query(again)));
    }
    const ms = median(times);
    const ratios = ['exact 5', 'loose 5'].map((key) => `${(ms / ours.get(key)).toFixed(0)}x of ${key}`);
    console.log(`  ${way}: ${ms.toFixed(0)} ms, ${ratios.join(', ')}`);
  }
  await client.end();
}
