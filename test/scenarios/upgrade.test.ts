import { expect, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { startServer, type ServerEngine } from '../../src/servers/index.ts';
import { hundredRows, LOSES_TEN, SEED, upgradePlan } from '../support/hundred-rows.ts';
import { databaseUrl, describeEachEngine, logicalDump, openClient, runStatements } from '../support/servers.ts';

/** Copies and native snapshots that runs of ours left on the server. */
async function copiesLeft(engine: ServerEngine, url: string): Promise<readonly unknown[]> {
  const client = await openClient(url);
  try {
    if (engine === 'matrixone') {
      return await client.query("SELECT sname FROM mo_catalog.mo_snapshots WHERE sname LIKE 'sb%'");
    }
    return await client.query("SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'sb%'");
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
});

describeEachEngine(
  ({ engine }) => {
    test('the same migration without its fault is committed, ends with exit 0 and leaves no copy behind', async () => {
      // A server of its own: copies of other tests, that run beside this one, are not to be counted.
      const server = await startServer({ engine, env: process.env });
      try {
        await runStatements(server.url, ['CREATE DATABASE shop']);
        const url = databaseUrl(server.url, 'shop');
        await runStatements(url, SEED);

        const run = await snapback(['run', 'plan.yaml'], workFolder(upgradePlan(undefined)), { DATABASE_URL: url });

        expect({ code: run.code, copies: await copiesLeft(engine, server.url) }).toEqual({ code: 0, copies: [] });
        expect(run.stderr).toContain('Committed: shop is as the plan intends.');
      } finally {
        await server.stop();
      }
    });
  },
  { origins: ['binary'] },
);
