import { expect, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { hundredRows, LOSES_TEN, upgradePlan } from '../support/hundred-rows.ts';
import { describeEachEngine, logicalDump, openClient } from '../support/servers.ts';

/** Databases that a run of ours left on the server, the catalog apart. */
async function copiesLeft(url: string): Promise<readonly unknown[]> {
  const client = await openClient(url);
  try {
    return await client.query("SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'sb\\_%'");
  } finally {
    await client.close();
  }
}

describeEachEngine((server) => {
  test('a migration that loses ten of a hundred rows is rolled back, proven, and ends with exit 4', async () => {
    const { name, url } = await hundredRows(server);
    const folder = workFolder(upgradePlan(LOSES_TEN));
    const before = await logicalDump(server.url, [name]);

    const run = await snapback(['run', 'plan.yaml'], folder, { DATABASE_URL: url });

    expect({ code: run.code, dump: await logicalDump(server.url, [name]) }).toEqual({ code: 4, dump: before });
    expect(run.stderr).toContain('expected the same 100 rows, found 90');
    expect(run.stderr).toContain('Rolled back and proven:');
    expect(run.stdout).toEqual('');

    const report = await snapback(['report', '--format', 'json'], folder);
    const { verdict, actions } = JSON.parse(report.stdout) as {
      verdict: string;
      actions: { action: string; state: string }[];
    };
    expect({ verdict, actions: actions.map(({ action, state }) => [action, state]) }).toEqual({
      verdict: 'rolled-back',
      actions: [
        ['steps/before', 'succeeded'],
        ['steps/migrate', 'succeeded'],
        ['steps/check', 'failed'],
        ['auto/restore', 'succeeded'],
        ['auto/proof', 'succeeded'],
        ['auto/release', 'succeeded'],
      ],
    });
  });

  test('the same migration without its fault is committed, ends with exit 0 and leaves no copy behind', async () => {
    const { name, url } = await hundredRows(server);
    const folder = workFolder(upgradePlan(undefined));

    const run = await snapback(['run', 'plan.yaml'], folder, { DATABASE_URL: url });

    expect({ code: run.code, copies: await copiesLeft(server.url) }).toEqual({ code: 0, copies: [] });
    expect(run.stderr).toContain(`Committed: ${name} is as the plan intends.`);
  });
});
