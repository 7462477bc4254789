// What stays for a time on a server with snapshots of its own: one with `keep: 1s`, and what a restore destroyed.

import { expect, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { hundredRows, LOSES_TEN, upgradePlan } from '../support/hundred-rows.ts';
import { describeEachEngine, logicalDump, openClient } from '../support/servers.ts';

const KEPT = `version: 1
name: kept
target: { url: "\${env:DATABASE_URL}" }
guards: { writers: warn }
steps:
  - id: before
    snapshot: { keep: 1s }
  - sql: UPDATE customers SET name = UPPER(name)
`;

interface Listed {
  readonly name: string;
}

describeEachEngine(
  (server) => {
    test('a snapshot with `keep: 1s` stays at the commit, and prune lets it go when its time is over', async () => {
      const { url } = await hundredRows(server);
      const folder = workFolder({ 'plan.yaml': KEPT });
      const env = { DATABASE_URL: url };
      const { code } = await snapback(['run', 'plan.yaml'], folder, env);
      const { stdout } = await snapback(['runs', '--json'], folder);
      const { run } = JSON.parse(stdout.split('\n')[0] ?? '') as { run: string };
      const name = `sb_${run}_before`;
      const prunable = async (): Promise<boolean> => {
        const dry = await snapback(['prune', '--dry-run', '--json'], folder, env);
        return dry.stdout.split('\n').some((line) => line !== '' && (JSON.parse(line) as Listed).name === name);
      };
      await expect.poll(prunable, { timeout: 60_000 }).toEqual(true);
      await snapback(['snapshot', 'drop', '--sname', name, '--yes'], folder, env);
      expect({ code, isLeft: await prunable() }).toEqual({ code: 0, isLeft: false });
    });

    test('what a rollback destroyed is kept as a snapshot, which brings it back', async () => {
      const { name, url } = await hundredRows(server);
      const folder = workFolder(upgradePlan(LOSES_TEN));
      const env = { DATABASE_URL: url };
      const before = await logicalDump(server.url, [name]);
      const run = await snapback(['run', 'plan.yaml'], folder, env);
      const after = await logicalDump(server.url, [name]);
      const { stdout } = await snapback(['report', '--format', 'json'], folder);
      const [kept = ''] = /undone_\w+/.exec(stdout) ?? [];
      const restored = await snapback(['snapshot', 'restore', '--sname', kept, '--yes'], folder, env);
      const client = await openClient(url);
      const [row] = await client.query("SELECT COUNT(*) AS n FROM orders WHERE currency = 'EUR'");
      await client.close();
      expect({ codes: [run.code, restored.code], after, left: row }).toEqual({
        codes: [4, 0],
        after: before,
        left: { n: '90' },
      });
      await snapback(['snapshot', 'drop', '--sname', kept, '--yes'], folder, env);
    });
  },
  { engines: ['matrixone'] },
);
