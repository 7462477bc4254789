// A failover in the middle of a run that leaves it on a server that takes no writes: the run says what is so, and goes
// on when the server takes writes again.

import { spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../src/servers/index.ts';
import { CLI, snapback, workFolder } from '../support/cli.ts';
import { SEED } from '../support/hundred-rows.ts';
import { databaseUrl, describeEachEngine, logicalDump, openClient, runStatements } from '../support/servers.ts';
import { untilUnderWay } from '../support/under-way.ts';

const GATE = "SELECT GET_LOCK('gate', 100)";

const plan = (last: string, expected: string): Record<string, string> => ({
  'plan.yaml': `version: 1
name: failover
target: { url: "\${env:DATABASE_URL}" }
steps:
  - id: before
    snapshot: {}
  - id: first
    sql: { text: "ALTER TABLE orders ADD COLUMN currency CHAR(3); UPDATE orders SET note = 'changed'", transaction: no }
  - id: gate
    sql: { text: "${GATE}", transaction: no }
  - id: last
    ${last}
  - id: check
    verify: { queries: [{ name: changed, sql: "SELECT id FROM orders WHERE note <> 'changed'", expect: ${expected} }] }
`,
});

const WRITES = `sql: "UPDATE customers SET name = 'changed'"`;
const READS = 'sql: { text: "SELECT 1", transaction: no }';

describeEachEngine(
  ({ engine }) => {
    test.each([
      ['writes once more', plan(WRITES, 'none'), [6, 6], 4, 'before'],
      ['only has to go back', plan(READS, 'some'), [6, 6], 4, 'before'],
      ['only has to tidy up', plan(READS, 'none'), [6, 6], 0, 'changed'],
    ] as const)(
      'a run that %s when its server turns read-only tells so, and ends well when it is writable',
      async (_, files, codes, end, wanted) => {
        const server = await startServer({ engine, env: process.env });
        onTestFinished(() => server.stop());
        const readOnly = engine === 'mysql' ? 'super_read_only' : 'read_only';
        await runStatements(server.url, [
          'CREATE DATABASE shop',
          `CREATE USER 'app'@'localhost' IDENTIFIED BY 'secret'`,
          ...['shop', 'snapback', 'sb\\_%'].map((name) => `GRANT ALL ON \`${name}\`.* TO 'app'@'localhost'`),
        ]);
        await runStatements(databaseUrl(server.url, 'shop'), SEED);
        const login = new URL(databaseUrl(server.url, 'shop'));
        Object.assign(login, { username: 'app', password: 'secret' });
        const env = { DATABASE_URL: login.href };
        const folder = workFolder(files);
        const before = await logicalDump(server.url, ['shop']);
        const keeper = await openClient(server.url);
        await keeper.query("SELECT GET_LOCK('gate', 0)");

        const child = spawn(process.execPath, [CLI, 'run', 'plan.yaml'], {
          cwd: folder,
          env: { ...process.env, ...env },
          stdio: 'ignore',
        });
        const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
        await untilUnderWay(server.url, GATE, ended);
        const atTheGate = await logicalDump(server.url, ['shop']);
        await keeper.query(`SET GLOBAL ${readOnly} = 1`);
        await keeper.query("SELECT RELEASE_LOCK('gate')");
        const first = await ended;
        const again = await snapback(['resume'], folder, env);
        const isLeft = (await logicalDump(server.url, ['shop'])) === atTheGate;
        await keeper.query('SET GLOBAL read_only = 0');
        await keeper.close();
        const last = await snapback(['resume'], folder, env);

        const now = await logicalDump(server.url, ['shop']);
        expect({
          codes: [first, again.code],
          says: /read.only/i.test(again.stderr),
          isLeft,
          last: last.code,
          isRight: now === (wanted === 'before' ? before : atTheGate),
        }).toEqual({ codes, says: true, isLeft: true, last: end, isRight: true });
      },
      120_000,
    );
  },
  { engines: ['mariadb', 'mysql'], origins: ['binary'] },
);
