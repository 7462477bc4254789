// The window in which a run goes on is closed, or the connection to its machine is lost.

import { execFileSync, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CLI, snapback, workFolder } from '../support/cli.ts';
import { hundredRows } from '../support/hundred-rows.ts';
import { databaseUrl, describeEachEngine, logicalDump } from '../support/servers.ts';
import { untilUnderWay } from '../support/under-way.ts';

const WAIT = 'SELECT SLEEP(62)';

describeEachEngine(
  (server) => {
    test('a run whose terminal is closed stops with exit 6, and `resume` brings the data back', async () => {
      const { name } = await hundredRows(server);
      const before = await logicalDump(server.url, [name]);
      const env = { DATABASE_URL: databaseUrl(server.url, name) };
      const folder = workFolder({
        'plan.yaml': `version: 1
name: closed
target: { url: "\${env:DATABASE_URL}" }
steps:
  - id: before
    snapshot: {}
  - id: change
    sql: { text: "UPDATE orders SET note = 'changed'; ${WAIT}", transaction: no }
`,
      });
      execFileSync('mkfifo', [join(folder, 'code')]);
      // The outer shell goes with its terminal, and its jobs are told; the inner one says how the run ended.
      const inside = `trap "" HUP; "${process.execPath}" "${CLI}" run plan.yaml; echo $? > code`;
      const terminal = spawn('script', ['--quiet', '--flush', '--command', `sh -c '${inside}'; true`, 'shown'], {
        cwd: folder,
        env: { ...process.env, ...env },
        stdio: ['pipe', 'ignore', 'inherit'],
      });
      onTestFinished(() => void terminal.kill('SIGKILL'));
      const ended = readFile(join(folder, 'code'), 'utf8');

      await untilUnderWay(server.url, WAIT, ended);
      terminal.kill('SIGKILL');
      const code = Number(await ended);
      const resumed = await snapback(['resume'], folder, env);

      expect({ code, resumed: resumed.code, isBefore: (await logicalDump(server.url, [name])) === before }).toEqual({
        code: 6,
        resumed: 4,
        isBefore: true,
      });
    }, 120_000);
  },
  { engines: ['mariadb', 'mysql'] },
);
