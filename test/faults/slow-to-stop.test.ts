// A signal ends a run with exit 6 within five seconds, also where the server does not answer any more: a stopped
// process (SIGSTOP) stands for one that is undoing a big change.

import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../src/servers/index.ts';
import { silentLog, type Fault } from '../../src/kernel/index.ts';
import { CLI, snapback, workFolder } from '../support/cli.ts';
import { SEED } from '../support/hundred-rows.ts';
import { databaseUrl, describeEachEngine, logicalDump, runStatements } from '../support/servers.ts';

const LIMIT_MS = 5_000;
const STILL = 'it may still be undoing it';

const PLAN = {
  'plan.yaml': `version: 1
name: slow
target: { url: "\${env:DATABASE_URL}" }
steps:
  - id: before
    snapshot: {}
  - id: change
    sql: { text: "UPDATE orders SET note = 'changed'; UPDATE orders SET note = SLEEP(60)", transaction: no }
`,
};

describeEachEngine(
  ({ engine }) => {
    test('a signal ends a run within five seconds although the server hangs, and `resume` goes back', async () => {
      let pid = 0;
      const log = { ...silentLog, debug: (facts: unknown) => void (pid = (facts as { pid: number }).pid) };
      const server = await startServer({ engine, env: process.env, log });
      onTestFinished(() => server.stop());
      await runStatements(server.url, ['CREATE DATABASE shop']);
      const url = databaseUrl(server.url, 'shop');
      await runStatements(url, SEED);
      const folder = workFolder(PLAN);
      const before = await logicalDump(server.url, ['shop']);

      const run = await runTo(folder, url, 1);
      process.kill(pid, 'SIGSTOP');
      const end = await interrupted(run);
      process.kill(pid, 'SIGCONT');
      const resumed = await snapback(['resume'], folder, { DATABASE_URL: url });

      expect({
        ...end,
        resumed: resumed.code,
        isBefore: (await logicalDump(server.url, ['shop'])) === before,
      }).toEqual({
        code: 6,
        isInTime: true,
        recorded: `interrupted, and ${new URL(url).host} had not ended the statement after 3.0 s: ${STILL}`,
        resumed: 4,
        isBefore: true,
      });
    });
  },
  { engines: ['mariadb', 'mysql'], origins: ['binary'] },
);

interface Started {
  readonly child: ChildProcess;
  /** Why it was interrupted, as the journal has it. */
  readonly recorded: () => string;
}

/** Starts a run and resolves as soon as that statement is on its way. */
async function runTo(folder: string, url: string, statement: number): Promise<Started> {
  const child = spawn(process.execPath, [CLI, 'run', 'plan.yaml', '--json'], {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: url },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let recorded = '';
  await new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { event, data } = JSON.parse(line) as { event: string; data: { index?: number; fault?: Fault } };
      if (event === 'interrupted') recorded = data.fault?.message ?? '';
      if (event === 'statement-intended' && data.index === statement) resolve();
    });
  });
  return { child, recorded: () => recorded };
}

async function interrupted({ child, recorded }: Started) {
  const startedMs = performance.now();
  child.kill('SIGINT');
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, isInTime: performance.now() - startedMs < LIMIT_MS, recorded: recorded() };
}
