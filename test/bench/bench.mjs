// Start-up and journal benchmarks: ratios from one run, on this machine, now. They say nothing about servers, networks or
// other disks; `npm run bench` needs `npm run build` first.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const ROUNDS = 25;
const folder = mkdtempSync(join(tmpdir(), 'snapback-bench-'));
const plan = join(folder, 'ten-steps.yaml');
writeFileSync(plan, tenSteps());

const commands = {
  'node -e 0': ['-e', '0'],
  'snapback --help': [CLI, '--help'],
  'snapback validate (10 steps)': [CLI, 'validate', plan],
};
const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
// One round measures each command once, so that a busy moment of the machine hits them all alike.
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const [name, words] of Object.entries(commands)) {
    const started = process.hrtime.bigint();
    const { status, stderr } = spawnSync(process.execPath, words, {
      encoding: 'utf8',
      env: { ...process.env, DATABASE_URL: 'mysql://u@h/d' },
    });
    const tookMs = Number(process.hrtime.bigint() - started) / 1e6;
    if (status !== 0) throw new Error(`${name} exited with ${status}: ${stderr}`);
    if (round > 0) times[name].push(tookMs); // the first round warms the disk cache
  }
}
rmSync(folder, { recursive: true });

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const base = median(times['node -e 0']);
console.log(`median of ${ROUNDS} interleaved rounds, Node ${process.version}`);
for (const [name, values] of Object.entries(times)) {
  console.log(
    `${name.padEnd(30)} ${median(values).toFixed(0).padStart(4)} ms   ${(median(values) / base).toFixed(2)}x`,
  );
}
console.log(
  'budgets: --help <= 1.5x, validate <= 2x. Not measured: servers, the first start after an install, other machines.',
);

function tenSteps() {
  const steps = Array.from(
    { length: 8 },
    (_, n) => `  - id: change-${n}\n    sql: UPDATE t SET a = ${n}\n    timeout: 1m\n`,
  );
  return [
    'version: 1\nname: ten-steps\ntarget:\n  url: ${env:DATABASE_URL}\nsteps:\n  - id: before\n    snapshot: {}\n',
    ...steps,
    '  - id: check\n    verify:\n      rows: same\n      queries:\n        - { name: none lost, sql: SELECT 1 FROM t WHERE a IS NULL, expect: none }\n',
  ].join('');
}
