// The bundle in action/, driven as GitHub's runner drives it. A cancelled job: action-cancel.test.ts.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

import { GOOD, PROGRAM, guardedShop } from '../support/guarded-shop.ts';
import { LOSES_TEN, upgradePlan } from '../support/hundred-rows.ts';
import { Job } from '../support/runner.ts';
import { describeEachEngine, runStatements } from '../support/servers.ts';
import { untilUnderWay } from '../support/under-way.ts';

const IS_LONG = (process.env['SNAPBACK_LONG'] ?? '') !== '';
/** A journal without its place: `RUN.journal`. */
function nameOf(path: string | undefined): string {
  return (path ?? '').split('/').at(-1) ?? '';
}

describeEachEngine(
  (server) => {
    test('a plan that loses rows: exit 4, outputs, annotations on its lines, the verdict on top', async () => {
      const { url, before, dump } = await guardedShop(server);
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
      const { name, url, before, dump } = await guardedShop(server);
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
        const { url, before, dump } = await guardedShop(server);
        const job = new Job({ DATABASE_URL: url }, { 'change.mjs': PROGRAM });
        const main = await job.main({ guard: 'job', rows: 'same' });
        const slow = [LOSES_TEN, 'CREATE TABLE late (n INT)', 'DO SLEEP(100)', 'INSERT INTO late VALUES (1)'];
        const later = spawn(process.execPath, ['change.mjs', ...slow], {
          cwd: job.folder,
          env: { ...process.env, ...job.env },
          detached: true,
        });
        await untilUnderWay(server.url, 'DO SLEEP(100)');
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
      const good = await guardedShop(server);
      const job = new Job({ DATABASE_URL: good.url });
      await job.main({ guard: 'job', rows: 'same', 'cancel-seconds': '0' });
      await runStatements(good.url, ['ALTER TABLE orders ADD COLUMN currency CHAR(3)']);
      const unknown = await job.post({ guard: 'job', rows: 'same', 'job-status': '' }, 'success');
      const post = await job.post({ guard: 'job', rows: 'same' }, 'success');

      const bad = await guardedShop(server);
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

    test('a restore that may not fit into a cancelled job is warned of before the command begins', async () => {
      const { url } = await guardedShop(server);
      const job = new Job({ DATABASE_URL: url });
      const main = await job.main({ command: 'echo begun', 'cancel-seconds': '0' });
      const post = await job.post({ command: 'echo begun', 'cancel-seconds': '0' }, 'success');
      const [warning = '', ...others] = main.commands;
      expect({
        codes: [main.code, post.code],
        warning: warning.slice(0, 60),
        others,
        isEarly: main.log.indexOf(warning) < main.log.indexOf('begun'),
      }).toEqual({
        codes: [0, 0],
        warning: '::warning title=snapback%3A a restore may not fit into a can',
        others: [],
        isEarly: true,
      });
    });
  },
  { engines: IS_LONG ? ['mariadb', 'mysql'] : ['mariadb'], origins: ['binary'] },
);

test('a server that is not there: exit 9, nothing was changed, and the post step has nothing to do', async () => {
  const job = new Job({ DATABASE_URL: 'mysql://root@127.0.0.1:9/shop' });
  const main = await job.main({ command: 'true' });
  const post = await job.post({ command: 'true' }, 'failure');
  expect({
    codes: [main.code, post.code],
    verdict: main.outputs['verdict'],
    hasReport: existsSync(main.outputs['report'] ?? ''),
    commands: main.commands,
    isInSummary: main.summary.includes('no connection to 127.0.0.1:9'),
  }).toEqual({
    codes: [9, 0],
    verdict: 'failed-clean',
    hasReport: true,
    commands: [
      expect.stringMatching(/^::error title=snapback%3A SERVER_UNREACHABLE::Nothing was changed\. no connection to/),
    ],
    isInSummary: true,
  });
});

test.each([
  [{}, 'give one of the inputs'],
  [{ plan: 'plan.yaml', command: 'true' }, 'give one of the inputs'],
  [{ guard: 'step' }, 'guard: step: it can be `job`'],
  [{ command: 'true', schema: 'equal' }, 'schema: equal: it can be `same`'],
  [{ command: 'true', databases: 'a', tables: 'a.b' }, 'give `databases` or `tables`, not both'],
  [{ command: 'true', 'cancel-seconds': 'five' }, 'cancel-seconds: five: it is a whole number'],
  [{ command: 'true' }, 'no server is named'],
])('inputs %j are refused: exit 2, %s', async (inputs, says) => {
  const job = new Job({ DATABASE_URL: '' });
  const main = await job.main(inputs);
  const post = await job.post(inputs, 'failure');
  expect({ codes: [main.code, post.code], commands: main.commands }).toEqual({
    codes: [2, 0],
    commands: [expect.stringMatching(`^::error title=snapback%3A USAGE::${says}`)],
  });
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
        const { url } = await guardedShop(server);
        const hostile = '::error::x <script>alert(1)</script> [a](javascript:b) `c` | ##[error]d \u001b[31m';
        const table = 'n\n::error::x\u001b[31m<b>[a](javascript:b)`c`|##[error]d%0A::e';
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
          tags: /<(script|b)>|[^\\]\]\(javascript/.test(main.summary),
          size: Buffer.byteLength(main.summary) < 100_000,
          report: /<script>alert|<b>\[a/.test(readFileSync(main.outputs['report'] ?? '', 'utf8')),
        }).toEqual({ code: 4, commands: [], longest: true, escapes: false, tags: false, size: true, report: false });
      });
    },
    { engines: ['mariadb'] },
  );
});
