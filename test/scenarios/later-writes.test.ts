// Taking a committed run back: unasked only while what its snapshot covers is still what the run left.

import { expect, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { hundredRows } from '../support/hundred-rows.ts';
import { describeEachEngine, freshDatabase, logicalDump, runStatements, type TestServer } from '../support/servers.ts';

const plan = (keep: string): string => `version: 1
name: keeps
target: { url: "\${env:DATABASE_URL}" }
guards: { writers: warn }
steps:
  - id: before
    snapshot: ${keep}
  - id: migrate
    sql: UPDATE customers SET name = UPPER(name)
`;

interface Committed {
  readonly name: string;
  readonly url: string;
  readonly folder: string;
  readonly before: string;
}

async function committed(server: TestServer, keep: string): Promise<Committed> {
  const { name, url } = await hundredRows(server);
  const folder = workFolder({ 'plan.yaml': plan(keep) });
  const before = await logicalDump(server.url, [name]);
  const { code } = await snapback(['run', 'plan.yaml'], folder, { DATABASE_URL: url });
  expect(code).toEqual(0);
  return { name, url, folder, before };
}

async function newestRun(folder: string): Promise<string> {
  const { stdout } = await snapback(['runs', '--json'], folder);
  return (JSON.parse(stdout.split('\n')[0] ?? '') as { run: string }).run;
}

async function rollback({ folder, url }: Committed, ...flags: string[]) {
  return snapback(['rollback', await newestRun(folder), '--yes', ...flags], folder, { DATABASE_URL: url });
}

describeEachEngine((server) => {
  test('a committed run whose data are as it left them is taken back, and that is a success', async () => {
    const run = await committed(server, '{ keep: 24h }');
    const back = await rollback(run);
    expect({ code: back.code, dump: await logicalDump(server.url, [run.name]) }).toEqual({ code: 0, dump: run.before });
    expect(back.stderr).toContain('Rolled back and proven:');
  });

  test('one whose data were written to since is refused, naming them, until that loss is meant', async () => {
    const run = await committed(server, '{ keep: always }');
    await runStatements(run.url, [
      "UPDATE orders SET note = 'later' WHERE id = 5",
      'CREATE TABLE later (id INT PRIMARY KEY)',
    ]);
    const later = await logicalDump(server.url, [run.name]);

    const asked = await snapback(['rollback', await newestRun(run.folder)], run.folder, { DATABASE_URL: run.url });
    const refused = await rollback(run);
    const untouched = await logicalDump(server.url, [run.name]);
    const meant = await rollback(run, '--discard-later-writes');

    expect({ refused: refused.code, untouched, meant: meant.code }).toEqual({
      refused: 13,
      untouched: later,
      meant: 0,
    });
    // Without a terminal nobody can be asked: what would be, stands there all the same.
    expect({ code: asked.code, told: asked.stderr.split('\n').filter((line) => /^ {2}/.test(line)) }).toEqual({
      code: 2,
      told: [
        `  ${run.name}.later: table is not in the snapshot`,
        `  ${run.name}.customers: table has other rows`,
        '    changed: id 1, 2, 3, 4 and 6 more',
        `  ${run.name}.orders: table has other rows`,
        '    changed: id 5',
        '  Add --yes.',
      ],
    });
    const words = refused.stderr.replace(/\s+/g, ' ');
    expect(words).toContain(`not as it was then: table ${run.name}.later, table ${run.name}.orders`);
    expect(words).toContain('--discard-later-writes');
    expect(await logicalDump(server.url, [run.name])).toEqual(run.before);
  });

  test('a write that was taken back again is none', async () => {
    const run = await committed(server, '{ keep: always }');
    await runStatements(run.url, [
      'BEGIN',
      "INSERT INTO orders (customer_id, note) VALUES (1, 'never')",
      'ROLLBACK',
      "UPDATE orders SET note = 'for a moment' WHERE id = 5",
      "UPDATE orders SET note = 'order 5' WHERE id = 5",
    ]);
    const back = await rollback(run);
    expect({ code: back.code, dump: await logicalDump(server.url, [run.name]) }).toEqual({ code: 0, dump: run.before });
  });

  test('a snapshot that another run has replaced since is no way back', async () => {
    const snapshot = freshDatabase('nightly');
    const run = await committed(server, `{ name: ${snapshot}, replace: true }`);
    const first = await newestRun(run.folder);
    const again = await snapback(['run', 'plan.yaml'], run.folder, { DATABASE_URL: run.url });
    const now = await logicalDump(server.url, [run.name]);
    const flags = ['--yes', '--discard-later-writes'];
    const refused = await snapback(['rollback', first, ...flags], run.folder, { DATABASE_URL: run.url });
    expect({ again: again.code, refused: refused.code, dump: await logicalDump(server.url, [run.name]) }).toEqual({
      again: 0,
      refused: 13,
      dump: now,
    });
    expect(refused.stderr.replace(/\s+/g, ' ')).toContain('was replaced by run');
    await snapback(['snapshot', 'drop', '--sname', snapshot, '--yes', '--url', run.url], run.folder);
  });
});
