import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { startServer } from '../../src/servers/index.ts';
import { CLI, snapback, workFolder } from '../support/cli.ts';
import { hundredRows, SEED } from '../support/hundred-rows.ts';
import { databaseUrl, describeEachEngine, logicalDump, openClient, runStatements } from '../support/servers.ts';

/** Changes every row, and then waits long enough for anything to happen to it. */
const SLOW = {
  'plan.yaml': `version: 1
name: slow
target: { url: "\${env:DATABASE_URL}" }
steps:
  - id: before
    snapshot: {}
  - id: change
    sql: { text: "UPDATE orders SET note = 'changed'; SELECT SLEEP(60)", transaction: no }
`,
};

interface RunningPlan {
  readonly process: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** Starts a run and resolves as soon as its second statement is under way. */
async function runToTheWait(folder: string, url: string): Promise<RunningPlan> {
  const child = spawn(process.execPath, [CLI, 'run', 'plan.yaml', '--json'], {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: url },
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, stderr }));
  });
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { event, data } = JSON.parse(line) as { event: string; data: { index?: number } };
      if (event === 'statement-intended' && data.index === 1) resolve();
    });
    void ended.then(({ stderr: said }) => reject(new Error(`it ended too early: ${said}`)));
  });
  return { process: child, ended };
}

/** Nobody reads any more what the program writes. */
function closeTerminal({ stdout, stderr }: ChildProcess): void {
  stdout?.destroy();
  stderr?.destroy();
}

describeEachEngine(
  (server) => {
    test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
      '%s stops a run with exit 6, its statement cancelled in the server, and `resume` brings the data back',
      async (signal) => {
        const { name, url } = await hundredRows(server);
        const folder = workFolder(SLOW);
        const before = await logicalDump(server.url, [name]);

        const run = await runToTheWait(folder, url);
        if (signal === 'SIGHUP') closeTerminal(run.process);
        run.process.kill(signal);
        const { code } = await run.ended;
        expect({ code, sleeping: await sleeping(server.url) }).toEqual({ code: 6, sleeping: [] });

        const resumed = await snapback(['resume'], folder, { DATABASE_URL: url });
        expect({ code: resumed.code, dump: await logicalDump(server.url, [name]) }).toEqual({ code: 4, dump: before });
      },
    );

    test('kill -9 leaves its statement in the server: `resume` ends it before it looks at anything', async () => {
      const { name, url } = await hundredRows(server);
      const folder = workFolder(SLOW);
      const before = await logicalDump(server.url, [name]);

      const run = await runToTheWait(folder, url);
      run.process.kill('SIGKILL');
      await run.ended;
      const resumed = await snapback(['resume'], folder, { DATABASE_URL: url });
      expect({
        code: resumed.code,
        sleeping: await sleeping(server.url),
        dump: await logicalDump(server.url, [name]),
      }).toEqual({ code: 4, sleeping: [], dump: before });
    });

    test('`rollback` takes an interrupted run back, and that is success: exit 0', async () => {
      const { name, url } = await hundredRows(server);
      const folder = workFolder(SLOW);
      const before = await logicalDump(server.url, [name]);

      const run = await runToTheWait(folder, url);
      run.process.kill('SIGINT');
      await run.ended;
      const env = { DATABASE_URL: url };
      const unasked = await snapback(['rollback'], folder, env);
      const rolledBack = await snapback(['rollback', '--yes'], folder, env);
      expect({
        unasked: unasked.code,
        code: rolledBack.code,
        dump: await logicalDump(server.url, [name]),
      }).toEqual({ unasked: 2, code: 0, dump: before });
    });
  },
  { engines: ['mariadb', 'mysql'] },
);

/** Statements that outlived their client. */
async function sleeping(url: string): Promise<readonly unknown[]> {
  const client = await openClient(url);
  try {
    return await client.query(
      `SELECT info FROM information_schema.processlist WHERE info LIKE '%SLEEP(60)%' AND info NOT LIKE '%processlist%'`,
    );
  } finally {
    await client.close();
  }
}

describeEachEngine(
  ({ engine }) => {
    test('a server killed in the middle ends the run with exit 6; once it is back, `resume` goes back', async () => {
      const server = await startServer({ engine, env: process.env });
      try {
        await runStatements(server.url, ['CREATE DATABASE shop']);
        const url = databaseUrl(server.url, 'shop');
        await runStatements(url, SEED);
        const folder = workFolder(SLOW);
        const before = await logicalDump(server.url, ['shop']);

        const run = await runToTheWait(folder, url);
        await server.kill();
        const { code } = await run.ended;
        const away = await snapback(['resume'], folder, { DATABASE_URL: url });
        await server.restart();
        const resumed = await snapback(['resume'], folder, { DATABASE_URL: url });

        expect({ code, away: away.code, resumed: resumed.code, dump: await logicalDump(server.url, ['shop']) }).toEqual(
          {
            code: 6,
            away: 6,
            resumed: 4,
            dump: before,
          },
        );
      } finally {
        await server.stop();
      }
    });
  },
  { engines: ['mariadb', 'mysql'], origins: ['binary'] },
);

describeEachEngine(
  (server) => {
    test('a server that is read-only is named as such, and nothing is changed', async () => {
      const { name, url } = await hundredRows(server);
      const user = `app_${name.slice(-8)}`;
      await runStatements(server.url, [
        `CREATE USER '${user}'@'localhost' IDENTIFIED BY 'secret'`,
        `GRANT ALL ON \`${name}\`.* TO '${user}'@'localhost'`,
        `GRANT ALL ON \`snapback\`.* TO '${user}'@'localhost'`,
        `GRANT ALL ON \`sb\\_%\`.* TO '${user}'@'localhost'`,
      ]);
      const login = new URL(url);
      login.username = user;
      login.password = 'secret';
      await runStatements(server.url, ['SET GLOBAL read_only = 1']);
      try {
        const end = await snapback(['run', 'plan.yaml'], workFolder(SLOW), { DATABASE_URL: login.href });
        expect({ code: end.code, says: /read.only/i.test(end.stderr) }).toEqual({ code: 4, says: true });
      } finally {
        await runStatements(server.url, ['SET GLOBAL read_only = 0', `DROP USER '${user}'@'localhost'`]);
      }
    });
  },
  { engines: ['mariadb', 'mysql'], origins: ['binary'] },
);
