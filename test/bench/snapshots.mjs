// Snapshots and rollbacks against mydumper/myloader and mysqldump/mysql, on the same data, in one run, on servers of its
// own. `npm run bench:snapshots -- [--engine mariadb,mysql] [--data wide|orders] [--rows 1000000] [--rounds 3] [--growth]
// [--pool 1024] [--only snapshot]`; `npm run build` first. What it does not measure is printed at the end.
import { openSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import mysql from 'mysql2/promise';
import { startServer } from '../../dist/testing/index.js';
import { median, timed } from './client.mjs';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const TABLES = 20;
const { values: options } = parseArgs({
  options: {
    engine: { type: 'string', default: 'mariadb,mysql' },
    data: { type: 'string', default: 'wide' },
    rows: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    growth: { type: 'boolean', default: false },
    // MiB of memory for the server's pages, and of its log: as a server has that is in use. 0 leaves what it comes with.
    pool: { type: 'string', default: '1024' },
    // `snapshot` leaves the rollbacks out.
    only: { type: 'string', default: '' },
  },
});
// `orders`: rows of about 100 bytes with two indexes; `wide`: 250 bytes with one, as those that the budgets were set on.
const DATA = {
  orders: {
    columns: `customer INT NOT NULL, placed DATETIME NOT NULL, amount DECIMAL(10,2) NOT NULL,
      state ENUM('new', 'paid', 'sent') NOT NULL, note VARCHAR(120), KEY (customer), KEY (placed)`,
    names: 'customer, placed, amount, state, note',
    values: `n * 7919 % 100003, TIMESTAMP('2026-01-01') + INTERVAL n SECOND, n % 1000 + 0.5, 1 + n % 3,
      CONCAT('order ', n, ' ', SHA2(n, 224))`,
  },
  wide: {
    columns: 'amount INT NOT NULL, note CHAR(120) NOT NULL, remark CHAR(60) NOT NULL, KEY (amount)',
    names: 'amount, note, remark',
    values: 'n * 7919 % 100003, RPAD(SHA2(n, 256), 120, SHA2(n + 1, 256)), RPAD(SHA2(n, 224), 60, n)',
  },
};
const ROUNDS = Number(options.rounds);

for (const engine of options.engine.split(',')) {
  const server = await startServer({ engine, env: process.env });
  const folder = mkdtempSync(join(tmpdir(), 'snapback-bench-'));
  try {
    const bench = await openBench(server, folder);
    if (options.growth) await growth(bench);
    else await compare(bench, Number(options.rows));
    await bench.client.end();
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}
console.log(
  'Not measured: networks, disks slower than this one, writers at work, servers that are tuned; both cores are shared by\n' +
    'the server and its clients. snapback starts anew for each command, and a rollback includes the proof of all tables.',
);

async function openBench(server, folder) {
  const client = await mysql.createConnection({ uri: server.url, multipleStatements: true });
  const [[{ version, isLogging }]] = await client.query('SELECT version() AS version, @@log_bin AS isLogging');
  await sizeServer(client, server.engine);
  const url = new URL(server.url);
  const login = ['-h', url.hostname, '-P', url.port, '-u', decodeURIComponent(url.username)];
  const password = decodeURIComponent(url.password);
  if (password !== '') login.push(`--password=${password}`);
  url.pathname = '/bench';
  const snapback = (...words) =>
    timed(process.execPath, [CLI, ...words, '--quiet', '--journal-dir', join(folder, 'runs')], {
      env: { DATABASE_URL: url.href },
    });
  return { client, login, folder, snapback, isLogging: isLogging === 1, label: `${server.engine} ${version}` };
}

async function poolOf({ client }) {
  const [[{ size }]] = await client.query('SELECT @@innodb_buffer_pool_size >> 20 AS size');
  return size;
}

async function sizeServer(client, engine) {
  const bytes = Number(options.pool) * 2 ** 20;
  if (bytes === 0) return;
  const log = engine === 'mysql' ? 'innodb_redo_log_capacity' : 'innodb_log_file_size';
  await client.query(`SET GLOBAL innodb_buffer_pool_size = ${bytes}; SET GLOBAL ${log} = ${bytes}`);
  for (let size = 0; size < bytes;) [[{ size }]] = await client.query('SELECT @@innodb_buffer_pool_size AS size');
}

async function fill({ client }, rows) {
  const perTable = Math.floor(rows / TABLES);
  await client.query('DROP DATABASE IF EXISTS bench; CREATE DATABASE bench; USE bench');
  const digits = Array.from({ length: 10 }, (_, n) => `SELECT ${n} AS n`).join(' UNION ALL ');
  await client.query(`CREATE TABLE digits AS ${digits}`);
  const numbers = `SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n + 100000 * f.n AS n
    FROM digits a, digits b, digits c, digits d, digits e, digits f`;
  for (let table = 1; table <= TABLES; table += 1) {
    const { columns, names, values } = DATA[options.data];
    await client.query(`CREATE TABLE orders_${table} (id INT AUTO_INCREMENT PRIMARY KEY, ${columns})`);
    await client.query(`INSERT INTO orders_${table} (${names}) SELECT ${values} FROM (${numbers}) AS numbers
      WHERE n < ${perTable}`);
  }
  await client.query('DROP TABLE digits');
}

async function changeTables({ client }, { tables, rows = 'id % 10 = 0' }) {
  for (let table = 1; table <= tables; table += 1) {
    await client.query(`UPDATE bench.orders_${table} SET amount = amount + 1 WHERE ${rows}`);
  }
}

async function compare(bench, rows) {
  const { snapback, login, folder, isLogging, label } = bench;
  const dump = join(folder, 'dump');
  const file = join(folder, 'dump.sql');
  await fill(bench, rows);
  console.log(
    `\n${label}: ${TABLES} tables, ${rows} rows (${options.data}), pages in memory: ${await poolOf(bench)} MiB, median of ${ROUNDS} interleaved rounds`,
  );
  const common = ['--no-defaults'];
  const load = ['myloader', [...login, '-d', dump, '-o', '-t', '2', '-v', '1']];
  // Left to itself, myloader tells replicas nothing of what it loads. The others do.
  const logged = isLogging ? { 'myloader --enable-binlog': () => timed(load[0], [...load[1], '--enable-binlog']) } : {};
  const changed = {
    'rollback, a tenth of the rows of 20 of 20 tables changed': { tables: TABLES },
    'rollback, every row of 20 of 20 tables changed': { tables: TABLES, rows: 'TRUE' },
    'rollback, a tenth of the rows of 1 of 20 tables changed': { tables: 1 },
  };
  const contestants = {
    snapshot: {
      mydumper: () => timed('mydumper', [...login, '-B', 'bench', '-o', dump, '-t', '2', '-v', '1']),
      mysqldump: () =>
        timed(
          'sh',
          ['-c', 'exec mysqldump "$@" > "$OUT"', 'sh', ...common, ...login, '--single-transaction', 'bench'],
          {
            env: { OUT: file },
          },
        ),
      snapback: () => snapback('snapshot', 'create', '--sname', 'held', '--max-stall', '1h'),
    },
    ...Object.fromEntries(
      Object.keys(changed).map((what) => [
        what,
        {
          myloader: () => timed(...load),
          ...logged,
          mysql: () => timed('mysql', [...common, ...login, 'bench'], { input: openSync(file) }),
          snapback: () => snapback('snapshot', 'restore', '--sname', 'held', '--yes'),
        },
      ]),
    ),
  };
  const seen = {};
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [what, tools] of Object.entries(contestants).filter(([name]) => name.startsWith(options.only))) {
      for (const [tool, run] of Object.entries(tools)) {
        if (tool === 'mydumper') rmSync(dump, { recursive: true, force: true });
        if (what === 'snapshot' && tool === 'snapback' && round > 0)
          await mustRun(snapback('snapshot', 'drop', '--sname', 'held', '--yes'));
        if (what in changed) await changeTables(bench, changed[what]);
        const result = await run();
        if (result.code !== 0) {
          if (round === 0) console.log(`  ${tool} cannot do this here: ${result.said.trim().split('\n').at(-1)}`);
          delete tools[tool];
          if (tool === 'snapback') throw new Error(result.said);
          continue;
        }
        if (round > 0) ((seen[what] ??= {})[tool] ??= []).push(result);
      }
    }
  }
  for (const [what, tools] of Object.entries(seen)) print(what, tools);
}

async function mustRun(running) {
  const { code, said } = await running;
  if (code !== 0) throw new Error(said);
}

function print(what, tools) {
  const [[, base]] = Object.entries(tools);
  const baseSeconds = median(base.map(({ seconds }) => seconds));
  const isWide = Object.keys(tools).some((tool) => tool.length > 10);
  console.log(`  ${what}`);
  for (const [tool, runs] of Object.entries(tools)) {
    const seconds = median(runs.map((run) => run.seconds));
    const peak = Math.max(...runs.map(({ peakMiB }) => peakMiB));
    const ratio = (seconds / baseSeconds).toFixed(2);
    console.log(
      `    ${tool.padEnd(isWide ? 24 : 10)} ${seconds.toFixed(2).padStart(7)} s  ${ratio.padStart(5)}x  peak ${peak.toFixed(0)} MiB`,
    );
  }
}

async function growth(bench) {
  const { snapback, label } = bench;
  console.log(`\n${label}: growth, ${TABLES} tables, all changed before the rollback`);
  for (const rows of [1e4, 1e5, 1e6, 1e7]) {
    await fill(bench, rows);
    const taken = await snapback('snapshot', 'create', '--sname', 'grown', '--max-stall', '1h');
    await changeTables(bench, { tables: TABLES });
    const restored = await snapback('snapshot', 'restore', '--sname', 'grown', '--yes');
    for (const { code, said } of [taken, restored]) if (code !== 0) throw new Error(said);
    await mustRun(snapback('snapshot', 'drop', '--sname', 'grown', '--yes'));
    const show = ({ seconds, peakMiB }) => `${seconds.toFixed(2)} s, peak ${peakMiB.toFixed(0)} MiB`;
    console.log(`  ${String(rows).padStart(8)} rows: snapshot ${show(taken)}; rollback and proof ${show(restored)}`);
  }
}
