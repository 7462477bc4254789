// The README's examples of `protect`, in a shell, in GitLab and in GitHub, run as they stand there.

import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { CLI, workFolder } from '../support/cli.ts';
import { guardedShop } from '../support/guarded-shop.ts';
import { LOSES_TEN } from '../support/hundred-rows.ts';
import { Job } from '../support/runner.ts';
import { describeEachEngine } from '../support/servers.ts';

const README = readFileSync('README.md', 'utf8');
const PACKAGES = join(import.meta.dirname, '../../node_modules');
/** The command as it will be found on PATH, and by npx. */
const SNAPBACK = `snapback() { "${process.execPath}" "${CLI}" "$@"; }
npx() { if [ "$1" = snapback-db ]; then shift; snapback "$@"; else command npx "$@"; fi; }
`;

/** The README's block of that language that begins after `title`. */
function block(language: string, title: string): string {
  const [, text = ''] = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(README.split(title)[1] ?? '') ?? [];
  return text;
}

function bash(script: string, cwd: string, env: Readonly<Record<string, string>>) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const words = ['--noprofile', '--norc', '-c', SNAPBACK + script];
    execFile('bash', words, { cwd, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

function migrationFiles(...statements: readonly string[]): Record<string, string> {
  const calls = statements.map((sql) => `await knex.raw(${JSON.stringify(sql)});`);
  return {
    'knexfile.js': "module.exports = { client: 'mysql2', connection: process.env.DATABASE_URL };\n",
    'migrations/1_currency.js': `exports.config = { transaction: false };
exports.up = async (knex) => { ${calls.join(' ')} };
exports.down = () => {};
`,
    'package.json': '{ "type": "commonjs" }',
  };
}

const ADDS = 'ALTER TABLE orders ADD COLUMN currency CHAR(3)';

test('each way to protect a migrator is a sound plan', async () => {
  const examples = block('sh', '## Protect any migrator');
  const printing = examples.replaceAll('snapback protect', 'snapback protect --print-plan');
  const { code, stdout, stderr } = await bash(`set -e\n${printing}`, workFolder(), {});
  const names = [...stdout.matchAll(/^name: (.*)$/gm)].map(([, name]) => name);
  expect({ code, stderr, names }).toEqual({
    code: 0,
    stderr: '',
    names: ['prisma', 'drizzle-kit', 'dbmate', 'flyway', 'liquibase', 'migrate.sh'].map((name) => `protect-${name}`),
  });
});

describeEachEngine(
  (server) => {
    describe('GitLab', () => {
      const job = (parse(block('yaml', 'GitLab:')) as Record<string, Record<'script' | 'after_script', string[]>>)[
        'migrate'
      ];

      test.each([
        ['that is good', [ADDS], 0, 'Committed', false],
        ['that loses rows', [ADDS, LOSES_TEN], 4, 'expected the same 100 rows, found 90', true],
        ['that fails half-way', [ADDS, 'INSERT INTO no_such_table VALUES (1)'], 4, 'no_such_table', true],
      ])('a migration %s', async (_, statements, code, says, isBack) => {
        const { url, before, dump } = await guardedShop(server);
        const folder = workFolder(migrationFiles(...statements));
        symlinkSync(PACKAGES, join(folder, 'node_modules'));
        const end = await bash(job?.script.join('\n') ?? '', folder, { DATABASE_URL: url });
        const after = await bash(job?.after_script.join('\n') ?? '', folder, { DATABASE_URL: url });
        expect({
          code: end.code,
          isSaid: end.stderr.includes(says),
          isNothingOpen: after.stderr.includes('no open run'),
          isBack: (await dump()) === before,
        }).toEqual({ code, isSaid: true, isNothingOpen: true, isBack });
      });
    });

    test.each([
      ['true', 'deployed\n', 0],
      ['false', 'failed, and the data is as it was\n', 4],
    ])('a shell: a script that ends with %s', async (last, said, code) => {
      const { name, url } = await guardedShop(server);
      const folder = workFolder({ 'deploy.sh': `${last}\necho done\n` });
      const script = block('sh', 'A shell, where').replace('shop', name);
      const end = await bash(script, folder, { DATABASE_URL: url });
      expect({ code: end.code, stdout: end.stdout }).toEqual({ code, stdout: said });
    });

    test('GitHub: a migration that loses rows is taken back, and then one that does not is committed', async () => {
      const { url, before, dump } = await guardedShop(server);
      const workflow = parse(block('yaml', '## GitHub Actions')) as {
        jobs: { migrate: { steps: { with?: Record<string, string>; id?: string }[] } };
      };
      const inputs = workflow.jobs.migrate.steps.find(({ id }) => id === 'migration')?.with ?? {};
      const ends: unknown[] = [];
      const first = new Job({ DATABASE_URL: url }, migrationFiles(ADDS, LOSES_TEN));
      const second = new Job({ DATABASE_URL: url }, migrationFiles(ADDS));
      for (const job of [first, second]) {
        symlinkSync(PACKAGES, join(job.folder, 'node_modules'));
        const { code, outputs } = await job.main(inputs);
        await job.post(inputs, code === 0 ? 'success' : 'failure');
        ends.push([code, outputs['verdict'], outputs['failed-step'], (await dump()) === before]);
      }
      expect(ends).toEqual([
        [4, 'rolled-back', 'check', true],
        [0, 'committed', '', false],
      ]);
    });
  },
  { engines: ['mariadb'], origins: ['binary'] },
);
