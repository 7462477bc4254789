// A plan on a table with 10 million rows on MatrixOne: how much memory snapback takes, and how much of the time is its own.
//   npm run build && node test/bench/matrixone-ten-million.mjs mysql://root:111@127.0.0.1:6001/ [rows]
// Own time is the whole time less the time in which at least one of its statements was with the server.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { createConnection } from 'mysql2/promise';

const [, , serverUrl, rowsText = '10000000'] = process.argv;
if (serverUrl === undefined) throw new Error('give the URL of a MatrixOne server for throw-away data');
const ROWS = Number(rowsText);
const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const DATABASE = 'snapback_ten_million';
const MEMORY_MAX_MIB = 150;

const folder = mkdtempSync(join(tmpdir(), 'snapback-ten-million-'));
const client = await createConnection(serverUrl);
await client.query(`DROP DATABASE IF EXISTS ${DATABASE}`);
await client.query(`CREATE DATABASE ${DATABASE}`);
await client.query(`CREATE TABLE ${DATABASE}.t (id BIGINT PRIMARY KEY, amount INT, note VARCHAR(40))`);
await client.query(
  `INSERT INTO ${DATABASE}.t SELECT result, result % 1000, concat('note ', result) FROM generate_series(1, ${ROWS}) g`,
);

const url = new URL(serverUrl);
url.pathname = `/${DATABASE}`;
writeFileSync(join(folder, 'plan.yaml'), plan());
writeFileSync(join(folder, 'meter.mjs'), meter());
const startedMs = performance.now();
const child = spawn(
  process.execPath,
  ['--import', pathToFileURL(join(folder, 'meter.mjs')).href, CLI, 'run', 'plan.yaml'],
  {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: url.href, METER: join(folder, 'meter.json') },
    stdio: ['ignore', 'inherit', 'inherit'],
  },
);
const code = await new Promise((resolve) => child.once('close', resolve));
const wholeMs = performance.now() - startedMs;
const { serverMs, cpuMs, peakMiB } = JSON.parse(readFileSync(join(folder, 'meter.json'), 'utf8'));
const [[{ n }]] = await client.query(`SELECT CAST(COUNT(*) AS CHAR) AS n FROM ${DATABASE}.t WHERE amount >= 0`);
await client.query(`DROP DATABASE ${DATABASE}`);
client.destroy();
rmSync(folder, { recursive: true });

const ownMs = wholeMs - serverMs;
const budgetMs = Math.max(0.1 * serverMs, 100);
const figures = {
  rows: ROWS,
  exit: code,
  rows_after: n,
  whole_ms: wholeMs,
  server_ms: serverMs,
  own_ms: ownMs,
  cpu_ms: cpuMs, // of the program: on a busy machine its own time is mostly waiting for a processor
  peak_mib: peakMiB,
};
console.log(JSON.stringify(figures, (_key, value) => (typeof value === 'number' ? Math.round(value) : value)));
console.log(`memory ${peakMiB < MEMORY_MAX_MIB ? 'kept' : 'BROKEN'}: ${Math.round(peakMiB)} of ${MEMORY_MAX_MIB} MiB`);
console.log(`own time ${ownMs < budgetMs ? 'kept' : 'BROKEN'}: ${Math.round(ownMs)} of ${Math.round(budgetMs)} ms`);
process.exitCode = code === 4 && ownMs < budgetMs && peakMiB < MEMORY_MAX_MIB ? 0 : 1;

/** Changes every row and loses ten, which the check sees: so it takes a snapshot, compares, restores and proves. */
function plan() {
  return `version: 1
name: ten-million
target: { url: "\${env:DATABASE_URL}" }
steps:
  - id: before
    snapshot: {}
  - id: change
    sql: "UPDATE t SET amount = amount + 1 WHERE id % 10 = 0; DELETE FROM t WHERE id <= 10"
    timeout: 30m
  - id: check
    verify: { rows: same }
    timeout: 30m
`;
}

/** Loaded into the program's own process: what is with the server is measured on its sockets, not by the program. */
function meter() {
  return `import { Socket } from 'node:net';
import { writeFileSync } from 'node:fs';
let waiting = 0, since = 0, serverMs = 0;
const busy = new WeakSet();
const write = Socket.prototype.write;
// A statement is with the server from its last byte out to its last byte in; several at once count once.
Socket.prototype.write = function (...args) {
  if (this.remotePort !== undefined || this.connecting) {
    if (!busy.has(this)) { busy.add(this); if (waiting++ === 0) since = performance.now(); watch(this); }
  }
  return write.apply(this, args);
};
const watched = new WeakSet();
function rest(socket) {
  if (!busy.delete(socket)) return;
  if (--waiting === 0) serverMs += performance.now() - since;
}
function watch(socket) {
  if (watched.has(socket)) return;
  watched.add(socket);
  socket.prependListener('data', () => rest(socket));
  socket.once('close', () => rest(socket));
}
process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const cpuMs = (userCPUTime + systemCPUTime) / 1000;
  writeFileSync(process.env.METER, JSON.stringify({ serverMs, cpuMs, peakMiB: maxRSS / 1024 }));
});
`;
}
