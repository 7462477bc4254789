// Long plans and long journals: what snapback itself costs, apart from the server. Ratios and rates from one run, on this
// machine, now, on a private MariaDB (or whatever server is found). `npm run bench:plans` needs `npm run build` first.
import { spawn } from 'node:child_process';
import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { startServer } from '../../dist/testing/index.js';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const PEAK = `data:text/javascript,process.on('exit',()=>process.stderr.write('\\npeak '+process.resourceUsage().maxRSS))`;
const RECORDS = 100_000;
const folder = mkdtempSync(join(tmpdir(), 'snapback-bench-'));
const server = await startServer({ env: process.env });
try {
  const syncMs = costOfSync();
  const sizes = [];
  for (const steps of [100, 1_000]) sizes.push(await measure(steps, syncMs));
  const [small, large] = sizes;
  console.log(
    `\ngrowth from ${small.steps} to ${large.steps} steps: ${(large.totalMs / small.totalMs).toFixed(1)}x the time`,
  );
  await readMany();
  console.log(
    'budgets: own time <= 10 ms a step plus one fsync a record; 1,000 steps linear and < 100 MiB; 100,000 records < 1 s.\n' +
      'Not measured: other disks, remote servers, statements that take long (they are the server’s time).',
  );
} finally {
  await server.stop();
  rmSync(folder, { recursive: true });
}

async function measure(steps, syncMs) {
  const path = join(folder, `plan-${steps}.yaml`);
  const many = Array.from({ length: steps }, (_, n) => `  - { id: change-${n}, sql: "SET @done = ${n}" }\n`).join('');
  writeFileSync(
    path,
    `version: 1\nname: long\ntarget: { url: "\${env:DATABASE_URL}" }\non_failure: stop\nsteps:\n${many}`,
  );
  const journals = join(folder, `journals-${steps}`);
  const { tookMs, peakMib } = await run(['run', path, '--quiet', '--journal-dir', journals]);
  const records = journalIn(journals);
  const serverMs = records.reduce((sum, one) => sum + (one.kind === 'statement-settled' ? one.duration_ms : 0), 0);
  const ownMs = (tookMs - serverMs - records.length * syncMs) / steps;
  console.log(
    `${steps} steps: ${(tookMs / 1_000).toFixed(1)} s, of that ${records.length} records of ${syncMs.toFixed(2)} ms fsync;` +
      ` own time ${ownMs.toFixed(1)} ms a step, start included; peak ${peakMib.toFixed(0)} MiB`,
  );
  await measureReport(steps, journals);
  return { steps, totalMs: tookMs };
}

/** The page that people open, at most 2 MB. */
async function measureReport(steps, journals) {
  const path = join(folder, `report-${steps}.html`);
  const { tookMs } = await run(['report', '--format', 'html', '--output', path, '--journal-dir', journals]);
  const kilobytes = statSync(path).size / 1_000;
  console.log(`  its HTML report: ${kilobytes.toFixed(0)} kB in ${tookMs.toFixed(0)} ms, start included`);
}

function run(words) {
  return new Promise((resolve, reject) => {
    const started = process.hrtime.bigint();
    const child = spawn(process.execPath, ['--import', PEAK, CLI, ...words], {
      cwd: folder,
      env: { ...process.env, DATABASE_URL: server.url },
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.once('close', (code) => {
      const tookMs = Number(process.hrtime.bigint() - started) / 1e6;
      const peakMib = Number(/peak (\d+)/.exec(stderr)?.[1]) / 1_024;
      if (code === 0) resolve({ tookMs, peakMib });
      else reject(new Error(`exit ${code}: ${stderr}`));
    });
  });
}

function journalIn(directory) {
  const [file] = readdirSync(directory).filter((name) => name.endsWith('.journal'));
  return readFileSync(join(directory, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).record);
}

/** Median cost of one append and fdatasync in the folder where the journals are, ms. */
function costOfSync() {
  const file = openSync(join(folder, 'sync'), 'w');
  const times = Array.from({ length: 200 }, () => {
    const started = process.hrtime.bigint();
    writeSync(file, 'x'.repeat(300));
    fdatasyncSync(file);
    return Number(process.hrtime.bigint() - started) / 1e6;
  });
  closeSync(file);
  return times.toSorted((a, b) => a - b)[100];
}

async function readMany() {
  const bundle = join(folder, 'journal.mjs');
  const entryPoints = [fileURLToPath(new URL('../../src/journal/index.ts', import.meta.url))];
  await build({ entryPoints, bundle: true, platform: 'node', format: 'esm', outfile: bundle });
  const { encodeFrame, readFrames } = await import(pathToFileURL(bundle).href);
  let previousHash = '0'.repeat(64);
  const lines = Array.from({ length: RECORDS }, (_, index) => {
    const record = {
      kind: 'statement-settled',
      action: `steps/change-${index}`,
      index,
      rows_affected: 1,
      duration_ms: 2,
    };
    const time = '2026-01-31T07:41:22.000Z';
    const { line, hash } = encodeFrame({ sequence: index + 1, time, previousHash }, record);
    previousHash = hash;
    return line;
  });
  const bytes = Buffer.from(lines.join(''));
  const started = process.hrtime.bigint();
  const { kind, entries } = readFrames(bytes);
  const tookMs = Number(process.hrtime.bigint() - started) / 1e6;
  console.log(
    `a journal of ${entries.length} records (${kind}) is read and checked in ${(tookMs / 1_000).toFixed(2)} s`,
  );
}
