// How long a failing check takes to name the rows that differ, as a multiple of one fingerprint pass over the same
// table, in one run, on servers of its own. `npm run bench:differences -- [--engine mariadb,mysql] [--rows 5000000]
// [--rounds 3]`; `npm run build` first. What it does not measure is printed at the end.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import mysql from 'mysql2/promise';
import { openTarget } from '../../dist/index.js';
import { startServer } from '../../dist/testing/index.js';
import { median, timed } from './client.mjs';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const TABLE = { database: 'bench', table: 'orders' };
const { values: options } = parseArgs({
  options: {
    engine: { type: 'string', default: 'mariadb,mysql' },
    rows: { type: 'string', default: '5000000' },
    rounds: { type: 'string', default: '3' },
  },
});
const ROWS = Number(options.rows);
const GONE = [11, Math.floor(ROWS / 2), ROWS - 1];
const CHANGED = [1, 77, ...[0.14, 0.26, 0.63, 0.8].map((part) => Math.floor(part * ROWS)), ROWS];
const ADDED = [ROWS + 1_000_001, ROWS + 1_000_002];

for (const engine of options.engine.split(',')) {
  const server = await startServer({ engine, env: process.env });
  const folder = mkdtempSync(join(tmpdir(), 'snapback-bench-'));
  try {
    await measure(server, folder);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}
console.log(
  'budget: all 12 keys within 3x one pass. Not measured: networks, writers at work, wide rows, tables without a key,\n' +
    'differences of many rows (they are counted by a join of both sides), a machine with one core: both sides are read\n' +
    'at the same time.',
);

async function measure(server, folder) {
  const client = await mysql.createConnection({ uri: server.url, multipleStatements: true });
  const [[{ version }]] = await client.query('SELECT version() AS version');
  await fill(client);
  const url = new URL(server.url);
  url.pathname = '/bench';
  const target = await openTarget(url.href);
  const { signal } = new AbortController();
  const pass = [];
  const checks = { unchanged: [], rows: [] };
  for (let round = 0; round <= Number(options.rounds); round += 1) {
    const started = process.hrtime.bigint();
    await target.data.fingerprint(TABLE, { kind: 'now' }, signal);
    if (round > 0) pass.push(Number(process.hrtime.bigint() - started) / 1e9);
    for (const check of Object.keys(checks)) {
      const seconds = await failingCheck({ check, folder, url: url.href });
      if (round > 0) checks[check].push(seconds); // the first round warms the caches
      await client.query(
        `DELETE FROM bench.orders WHERE id > ${ROWS}; REPLACE INTO bench.orders SELECT * FROM bench.lost`,
      );
    }
  }
  await target.close();
  await client.end();
  console.log(
    `\n${server.engine} ${version}: ${ROWS} rows, 7 changed, 3 gone, 2 added; median of ${options.rounds} rounds`,
  );
  console.log(`  one fingerprint pass           ${median(pass).toFixed(1).padStart(6)} s`);
  for (const [check, seconds] of Object.entries(checks)) {
    const ratio = (median(seconds) / median(pass)).toFixed(2);
    console.log(`  failing check \`${check}\``.padEnd(33) + `${median(seconds).toFixed(1).padStart(6)} s   ${ratio}x`);
  }
}

async function fill(client) {
  const digits = Array.from({ length: 10 }, (_, n) => `SELECT ${n} AS n`).join(' UNION ALL ');
  await client.query(`CREATE DATABASE bench; USE bench; CREATE TABLE digits AS ${digits}`);
  await client.query(`CREATE TABLE orders (
    id INT AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, placed DATETIME NOT NULL, amount DECIMAL(10,2) NOT NULL,
    state ENUM('new', 'paid', 'sent') NOT NULL, note VARCHAR(120))`);
  const numbers = `SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n + 100000 * f.n AS n
    FROM digits a, digits b, digits c, digits d, digits e, digits f`;
  for (let from = 0; from < ROWS; from += 1_000_000) {
    await client.query(`INSERT INTO orders
      SELECT ${from} + n + 1, n * 7919 % 100003, TIMESTAMP('2026-01-01') + INTERVAL n SECOND, n % 1000 + 0.5, 1 + n % 3,
        CONCAT('order ', n, ' ', SHA2(n, 224)) FROM (${numbers}) AS numbers WHERE ${from} + n < ${ROWS}`);
  }
  const kept = [...GONE, ...CHANGED].join(', ');
  await client.query(
    `CREATE TABLE lost AS SELECT * FROM orders WHERE id IN (${kept}); DROP TABLE digits; ANALYZE TABLE orders`,
  );
}

/** Seconds of the verify step alone, from the journal, which also names the rows. */
async function failingCheck({ check, folder, url }) {
  const plan = join(folder, 'plan.yaml');
  const runs = join(folder, `runs-${Math.random()}`);
  const verify = check === 'rows' ? '{ rows: { orders: same } }' : '{ unchanged: [orders] }';
  writeFileSync(
    plan,
    `version: 1
name: bench
target: { url: "\${env:DATABASE_URL}" }
steps:
  - id: before
    snapshot: { tables: [bench.orders], max_stall: 30m }
  - id: change
    sql: |
      DELETE FROM orders WHERE id IN (${GONE.join(', ')});
      UPDATE orders SET amount = amount + 1 WHERE id IN (${CHANGED.join(', ')});
      INSERT INTO orders (id, customer, placed, amount, state) VALUES (${ADDED.join(", 1, NOW(), 1, 'new'), (")}, 1, NOW(), 1, 'new');
  - id: check
    verify: ${verify}
    on_failure: stop
`,
  );
  const words = [CLI, 'run', plan, '--quiet', '--journal-dir', runs];
  const { code, said } = await timed(process.execPath, words, { env: { DATABASE_URL: url } });
  if (code !== 11) throw new Error(`exit code ${code}: ${said}`);
  const [run] = readdirSync(runs).filter((name) => name.endsWith('.journal'));
  const report = await timed(process.execPath, [
    CLI,
    'report',
    run.slice(0, -8),
    '--format',
    'json',
    '--journal-dir',
    runs,
  ]);
  const action = JSON.parse(report.said).actions.find(({ evidence }) => evidence?.kind === 'verify');
  assertNamed(action.evidence.checks[0].rows);
  await timed(process.execPath, [CLI, 'prune', '--outcome', 'stopped', '--yes', '--url', url, '--journal-dir', runs]);
  return action.duration_ms / 1_000;
}

function assertNamed({ sample }) {
  const said = sample.map(({ change, key }) => `${change} ${key}`).toSorted();
  const named = (change, ids) => ids.map((id) => `${change} id=${id}`);
  const wanted = [...named('gone', GONE), ...named('changed', CHANGED), ...named('added', ADDED)].toSorted();
  if (JSON.stringify(said) !== JSON.stringify(wanted)) throw new Error(`the check named ${said.join(', ')}`);
}
