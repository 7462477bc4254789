// The bundle in action/, driven as GitHub's runner drives it. `SNAPBACK_LONG=1` cancels at every point there is.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { hundredRows, LOSES_TEN, upgradePlan } from '../support/hundred-rows.ts';
import { Job, type Cancel } from '../support/runner.ts';
import { describeEachEngine, logicalDump, openClient, ownLogin } from '../support/servers.ts';
import { runStatements, type TestServer } from '../support/servers.ts';

const IS_LONG = (process.env['SNAPBACK_LONG'] ?? '') !== '';
const MYSQL2 = pathToFileURL(join(import.meta.dirname, '../../node_modules/mysql2/promise.js')).href;

/** Runs its words as statements. */
const PROGRAM = `import mysql from '${MYSQL2}';
const client = await mysql.createConnection(process.env.DATABASE_URL);
for (const sql of process.argv.slice(2)) await client.query(sql);
await client.end();
`;
const GOOD = `node change.mjs "ALTER TABLE orders ADD COLUMN currency CHAR(3)" "UPDATE orders SET currency = 'EUR'"`;

async function shop(server: TestServer) {
  const { name, url } = await hundredRows(server);
  const login = await ownLogin(server, url);
  const dump = (): Promise<string> => logicalDump(server.url, [name]);
  return { name, url: login.url, before: await dump(), dump };
}

/** A journal without its place: `RUN.journal`. */
function nameOf(path: string | undefined): string {
  return (path ?? '').split('/').at(-1) ?? '';
}

describeEachEngine(
  (server) => {
    test('a plan that loses rows: exit 4, outputs, annotations on its lines, the verdict on top', async () => {
      const { url, before, dump } = await shop(server);
      const job = new Job({ DATABASE_URL: url }, upgradePlan(LOSES_TEN));
      const main = await job.main({ plan: 'plan.yaml' });
      const post = await job.post({ plan: 'plan.yaml' }, 'failure');
      const { 'run-id': run = '', report = '', journal, snapshot, ...told } = main.outputs;
      expect({
        codes: [main.code, post.code],
        told,
        paths: [existsSync(report), nameOf(journal), snapshot?.startsWith(`sb_${run}`)],
        annotations: main.commands,
        title: main.summary.split('\n')[0],
        hasDiagram: main.summary.includes('```mermaid'),
        post: post.commands,
        dump: await dump(),
      }).toEqual({
        codes: [4, 0],
        told: { verdict: 'rolled-back', 'failed-step': 'check' },
        paths: [true, `${run}.journal`, true],
        annotations: [
          expect.stringMatching(
            /^::error file=plan\.yaml,line=12,col=13,title=check%3A shop_\w+\.orders::expected the same/,
          ),
          expect.stringMatching(/^::warning title=snapback::Rolled back and proven/),
        ],
        title: '## ↩️ add-currency: Rolled back and proven',
        hasDiagram: true,
        post: [],
        dump: before,
      });
    });

    test('a command whose first line fails stops there, its password is masked, and its data is back', async () => {
      const { name, url, before, dump } = await shop(server);
      const user = `ci_${name.slice(-8)}`;
      await runStatements(server.url, [
        `CREATE USER '${user}'@'localhost' IDENTIFIED BY 'canary%4711'`,
        `GRANT ALL ON *.* TO '${user}'@'localhost' WITH GRANT OPTION`,
      ]);
      onTestFinished(() => runStatements(server.url, [`DROP USER '${user}'@'localhost'`]));
      const login = new URL(url);
      login.username = user;
      login.password = 'canary%254711';
      const job = new Job({}, { 'change.mjs': PROGRAM });
      const command = `${GOOD}\necho "::error::not an annotation $DATABASE_URL"\nfalse\ntouch reached`;
      const main = await job.main({ command, url: login.href, rows: 'same' });
      const visible = main.log.split('\n').filter((line) => !line.startsWith('::add-mask::'));
      expect({
        code: main.code,
        masks: main.masks,
        others: main.commands.filter(
          (line) => !/^::(error title=change%3A PROGRAM_FAILED|warning title=snapback)/.test(line),
        ),
        leaks: visible.filter((line) => line.includes('canary')),
        isReached: existsSync(join(job.folder, 'reached')),
        dump: await dump(),
      }).toEqual({
        code: 4,
        masks: ['::add-mask::canary%25254711', '::add-mask::canary%254711'],
        others: [],
        leaks: [],
        isReached: false,
        dump: before,
      });
    });

    test.each(['failure', 'cancelled'] as const)(
      'guard: job, %s: statements and daemons of later steps are ended, and the data is back',
      async (status) => {
        const { url, before, dump } = await shop(server);
        const job = new Job({ DATABASE_URL: url }, { 'change.mjs': PROGRAM });
        const main = await job.main({ guard: 'job', rows: 'same' });
        const slow = [LOSES_TEN, 'CREATE TABLE late (n INT)', 'DO SLEEP(100)', 'INSERT INTO late VALUES (1)'];
        const later = spawn(process.execPath, ['change.mjs', ...slow], {
          cwd: job.folder,
          env: { ...process.env, ...job.env },
          detached: true,
        });
        await untilStatement(server.url, 'DO SLEEP(100)');
        const post = await job.post({ guard: 'job', rows: 'same' }, status);
        if (later.exitCode === null && later.signalCode === null) await once(later, 'exit');
        expect({
          codes: [main.code, post.code],
          verdicts: [main.outputs['verdict'], post.outputs['verdict']],
          isMarked: job.env['SNAPBACK_RUN'] === main.outputs['run-id'],
          dump: await dump(),
        }).toEqual({ codes: [0, 0], verdicts: ['open', 'rolled-back'], isMarked: true, dump: before });
      },
    );

    test('guard: job, success: the checks decide, and without a job status nothing is decided', async () => {
      const good = await shop(server);
      const job = new Job({ DATABASE_URL: good.url });
      await job.main({ guard: 'job', rows: 'same', 'cancel-seconds': '0' });
      await runStatements(good.url, ['ALTER TABLE orders ADD COLUMN currency CHAR(3)']);
      const unknown = await job.post({ guard: 'job', rows: 'same', 'job-status': '' }, 'success');
      const post = await job.post({ guard: 'job', rows: 'same' }, 'success');

      const bad = await shop(server);
      const other = new Job({ DATABASE_URL: bad.url });
      await other.main({ guard: 'job', rows: 'same' });
      await runStatements(bad.url, [LOSES_TEN]);
      const failed = await other.post({ guard: 'job', rows: 'same' }, 'success');
      expect({
        codes: [unknown.code, post.code, failed.code],
        verdicts: [post.outputs['verdict'], failed.outputs['verdict']],
        isChanged: (await good.dump()) !== good.before,
        dump: await bad.dump(),
      }).toEqual({ codes: [7, 0, 4], verdicts: ['committed', 'rolled-back'], isChanged: true, dump: bad.before });
    });

    test('a snapshot whose restore may not fit into a cancelled job is warned of', async () => {
      const { url } = await shop(server);
      const job = new Job({ DATABASE_URL: url });
      const main = await job.main({ command: 'true', 'cancel-seconds': '0' });
      const post = await job.post({ command: 'true' }, 'success');
      expect({ codes: [main.code, post.code], commands: main.commands.map((line) => line.slice(0, 60)) }).toEqual({
        codes: [0, 0],
        commands: ['::warning title=snapback%3A a restore may not fit into a can'],
      });
    });

    test('a post step that is killed in the middle of a restore: the run is taken back from anywhere', async () => {
      const { url, before, dump } = await shop(server);
      const job = new Job({ DATABASE_URL: url });
      const main = await job.main({ guard: 'job' });
      await runStatements(url, [LOSES_TEN]);
      const post = await job.post({ guard: 'job' }, 'failure', { afterSyncs: 8, signals: ['SIGKILL'], pauseMs: 0 });
      const elsewhere = workFolder();
      const words = ['rollback', main.outputs['run-id'] ?? '', '--url', url, '--yes'];
      const rolledBack = await snapback(words, elsewhere);
      expect({ codes: [post.code, rolledBack.code], dump: await dump() }).toEqual({ codes: [null, 0], dump: before });
    });
  },
  { engines: IS_LONG ? ['mariadb', 'mysql'] : ['mariadb'], origins: ['binary'] },
);

/** GitHub's whole sequence; a step that obeys; one that is too slow for the second signal; one that is just killed. */
const SEQUENCES: Readonly<Record<string, Omit<Cancel, 'afterSyncs'>>> = {
  'SIGINT, SIGTERM, kill': { signals: ['SIGINT', 'SIGTERM', 'SIGKILL'], pauseMs: 100 },
  SIGINT: { signals: ['SIGINT'], pauseMs: 0 },
  kill: { signals: ['SIGKILL'], pauseMs: 0 },
};
/** More than a run that fails and goes back has. */
const SYNCS_MAX = 45;
const POINTS = IS_LONG
  ? Object.keys(SEQUENCES).flatMap((name) => Array.from({ length: SYNCS_MAX }, (_, at) => [name, at + 1] as const))
  : ([
      ['kill', 2],
      ['SIGINT', 6],
      ['kill', 9],
      ['SIGINT, SIGTERM, kill', 12],
      ['kill', 14],
      ['SIGINT', 17],
      ['kill', 20],
    ] as const);

describe('a job that is cancelled', () => {
  describeEachEngine(
    (server) => {
      test.each(POINTS)('%s after record %i: the post step leaves the data as it was', async (name, afterSyncs) => {
        const { url, before, dump } = await shop(server);
        const job = new Job({ DATABASE_URL: url }, { 'change.mjs': PROGRAM });
        const inputs = { command: `${GOOD}\nnode change.mjs "${LOSES_TEN}"`, rows: 'same' };
        const sequence = SEQUENCES[name] ?? { signals: [], pauseMs: 0 };
        await job.main(inputs, { ...sequence, afterSyncs });
        const post = await job.post(inputs, 'cancelled');
        expect({ code: post.code, dump: await dump() }).toEqual({ code: 0, dump: before });
      });
    },
    { engines: IS_LONG ? ['mariadb', 'mysql'] : ['mariadb'], origins: ['binary'] },
  );
});

describe('hostile text', () => {
  test('a plan with thirty mistakes is ten annotations, none of which breaks out of its line', async () => {
    const wrong = Array.from(
      { length: 30 },
      (_, at) => `  - { id: "a${at}", "x::error::%0A\\u001b[31m${at}": 1, snapshot: {} }`,
    );
    const plan = `version: 1\nname: "<script>"\ntarget: { url: "\${env:DATABASE_URL}" }\nsteps:\n${wrong.join('\n')}\n`;
    const job = new Job({ DATABASE_URL: 'mysql://root@127.0.0.1:9/shop' }, { 'plan.yaml': plan });
    const main = await job.main({ plan: 'plan.yaml' });
    expect({
      code: main.code,
      count: main.commands.length,
      odd: main.commands.filter(
        (line) => !/^::error file=plan\.yaml,line=\d+,col=\d+,title=\w+::[^\u001b]*$/.test(line),
      ),
    }).toEqual({ code: 3, count: 10, odd: [expect.stringMatching(/^::error title=and more::21 more/)] });
  });

  describeEachEngine(
    (server) => {
      test('names, cells of ten megabytes and output of programs come out inert and bounded', async () => {
        const { url } = await shop(server);
        const hostile = '::error::x <script>alert(1)</script> [a](javascript:b) `c` | ##[error]d \u001b[31m';
        const table = hostile.slice(0, 60).trim();
        const quoted = `\`${table.replaceAll('`', '``')}\``;
        await runStatements(url, [`CREATE TABLE ${quoted} (a INT PRIMARY KEY)`, `INSERT INTO ${quoted} VALUES (1)`]);
        const job = new Job({ DATABASE_URL: url }, { 'change.mjs': PROGRAM, 'hostile.txt': `${hostile}\n`.repeat(3) });
        const main = await job.main({
          command: `cat hostile.txt\nnode change.mjs "DELETE FROM ${quoted.replaceAll('`', '\\`')}"`,
          rows: 'same',
          queries: `${hostile.replaceAll('`', '')}: SELECT REPEAT('<b>::error::y', 1000000) => none`,
        });
        expect({
          code: main.code,
          commands: main.commands.filter((line) => !/^::(error|warning) title=[^:]*::[^:]/.test(line)),
          longest: Math.max(...main.log.split('\n').map((line) => line.length)) < 5_000,
          escapes: main.log.includes('\u001b'),
          tags: /<(script|b)>/.test(main.summary),
          size: Buffer.byteLength(main.summary) < 100_000,
          report: /<script>alert/.test(readFileSync(main.outputs['report'] ?? '', 'utf8')),
        }).toEqual({ code: 4, commands: [], longest: true, escapes: false, tags: false, size: true, report: false });
      });
    },
    { engines: ['mariadb'] },
  );
});

/** Resolves once some session runs that statement. */
async function untilStatement(url: string, statement: string): Promise<void> {
  const client = await openClient(url);
  try {
    for (;;) {
      const rows = await client.query('SELECT info FROM information_schema.processlist');
      if (rows.some(({ info }) => info === statement)) return;
    }
  } finally {
    await client.close();
  }
}
