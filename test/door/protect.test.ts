import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { CLI, snapback, workFolder } from '../support/cli.ts';
import { guardedShop } from '../support/guarded-shop.ts';
import { hundredRows, LOSES_TEN } from '../support/hundred-rows.ts';
import { programDump } from '../support/program-dump.ts';
import { describeEachEngine, logicalDump, openClient, ownLogin } from '../support/servers.ts';

const PACKAGES = join(import.meta.dirname, '../../node_modules');
const MYSQL2 = pathToFileURL(join(PACKAGES, 'mysql2/promise.js')).href;

/** A program that runs its words as statements, and then exits with 1 if the last one is `fail`. */
const PROGRAM = `import mysql from '${MYSQL2}';
const client = await mysql.createConnection(process.env.DATABASE_URL);
for (const sql of process.argv.slice(2)) {
  if (sql === 'fail') process.exit(1);
  console.log('running ' + sql);
  await client.query(sql);
}
process.exit(); // On MatrixOne the goodbye of end() may go unanswered.
`;

const GOOD = ['ALTER TABLE orders ADD COLUMN currency CHAR(3)', "UPDATE orders SET currency = 'EUR'"];

describeEachEngine((server) => {
  test('a program that fails after it has changed things: its data is as before, exit 4', async () => {
    const { name, url, before, dump } = await guardedShop(server);
    const folder = workFolder({ 'change.mjs': PROGRAM });
    const words = ['protect', '--databases', name, '--rows', 'same', '--', 'node', 'change.mjs', ...GOOD, 'fail'];
    const { code, stderr } = await snapback(words, folder, { DATABASE_URL: url });
    expect({
      code,
      dump: await dump(),
      isHeard: stderr.includes("| running UPDATE orders SET currency = 'EUR'"),
      isProven: stderr.includes('Rolled back and proven'),
    }).toEqual({ code: 4, dump: before, isHeard: true, isProven: true });
  });

  test('a program that succeeds and loses rows: the check fails; what it printed as a plan does the same', async () => {
    const { url, before, dump } = await guardedShop(server);
    const folder = workFolder({ 'change.mjs': PROGRAM });
    const env = { DATABASE_URL: url };
    const query = 'every order has a note: SELECT id FROM orders WHERE note IS NULL => none';
    const command = ['--', 'node', 'change.mjs', ...GOOD, LOSES_TEN];
    const flags = ['protect', '--rows', 'same', '--query', query, '--timeout', '5m'];
    const protectedEnd = await snapback([...flags, ...command], folder, env);
    const printed = await snapback([...flags, '--print-plan', ...command], folder, {});
    writeFileSync(join(folder, 'plan.yaml'), printed.stdout);
    const valid = await snapback(['validate', 'plan.yaml'], folder, env);
    const planned = await snapback(['run', 'plan.yaml'], folder, env);
    const told = ({ stderr }: { stderr: string }) => stderr.split('\n').filter((line) => /expected|found/.test(line));
    expect({
      codes: [protectedEnd.code, printed.code, valid.code, planned.code],
      dump: await dump(),
      planned: told(planned),
    }).toEqual({ codes: [4, 0, 0, 4], dump: before, planned: told(protectedEnd) });
  });
});

describeEachEngine(
  (server) => {
    test('killed while the program runs, `resume` brings the data back, and the password stands nowhere', async () => {
      const { name, url } = await hundredRows(server);
      const login = await ownLogin(server, url);
      const folder = workFolder({ 'change.mjs': PROGRAM });
      const env = { DATABASE_URL: login.url, API_TOKEN: 'canary-4712' };
      const before = await logicalDump(server.url, [name]);
      const slow = ['node', 'change.mjs', LOSES_TEN, 'SELECT SLEEP(60)', `-p${login.password}`, 'canary-4712'];
      const child = spawn(process.execPath, [CLI, 'protect', '--', ...slow], {
        cwd: folder,
        env: { ...process.env, ...env },
      });
      const ended = new Promise((resolve) => child.once('close', resolve));
      await new Promise<void>((resolve) => {
        let heard = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          heard += text;
          if (heard.includes('running SELECT SLEEP(60)')) resolve();
        });
      });
      child.kill('SIGKILL');
      await ended;
      const resumed = await snapback(['resume'], folder, env);
      const journals = readdirSync(join(folder, '.snapback/runs')).map((file) =>
        readFileSync(join(folder, '.snapback/runs', file), 'utf8'),
      );
      expect({
        code: resumed.code,
        dump: await logicalDump(server.url, [name]),
        leaks: journals.filter((text) => text.includes(login.password) || text.includes('canary-4712')).length,
      }).toEqual({ code: 4, dump: before, leaks: 0 });
    });

    test('a program that leaves a daemon behind, writing on: it is ended before the data goes back', async () => {
      const { name, url } = await guardedShop(server);
      const folder = workFolder({
        'daemon.mjs': `import mysql from '${MYSQL2}';
import { appendFileSync } from 'node:fs';
const client = await mysql.createConnection(process.env.DATABASE_URL);
await client.query('CREATE TABLE notes (n INT AUTO_INCREMENT PRIMARY KEY)');
appendFileSync('daemon.pid', String(process.pid));
for (;;) await client.query('INSERT INTO notes VALUES ()');
`,
        'start.mjs': `import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
spawn(process.execPath, ['daemon.mjs'], { detached: true, stdio: 'ignore' }).unref();
while (!existsSync('daemon.pid')) await setTimeout(20);
process.exit(3);
`,
      });
      const before = await logicalDump(server.url, [name]);
      const end = await snapback(['protect', '--', 'node', 'start.mjs'], folder, { DATABASE_URL: url });
      const pid = readFileSync(join(folder, 'daemon.pid'), 'utf8');
      expect({
        code: end.code,
        isThere: isRunning(pid),
        dump: await logicalDump(server.url, [name]),
      }).toEqual({ code: 4, isThere: false, dump: before });
    });
  },
  { engines: ['mariadb', 'mysql'], origins: ['binary'] },
);

test('the help of flags that may be repeated names no value of a program for a default', async () => {
  const { code, stdout } = await snapback(['protect', '--help'], workFolder());
  const lines = stdout.split('\n').filter((line) => line.includes('may be repeated'));
  expect({ code, count: lines.length, odd: lines.filter((line) => line.includes('default')) }).toEqual({
    code: 0,
    count: 3,
    odd: [],
  });
});

describe('migrators of other people', () => {
  describeEachEngine(
    (server) => {
      test.each([
        ['knex', ['migrate:latest', '--knexfile', 'knexfile.cjs'], knexFiles, 'knex_migrations'],
        ['dbmate', ['--no-dump-schema', 'up'], dbmateFiles, 'schema_migrations'],
      ])(
        '%s fails half-way through its second file of DDL: both are taken back; mended, both are committed',
        async (program, words, files, books) => {
          const { name, url } = await guardedShop(server);
          const folder = workFolder(files('INSERT INTO no_such_table VALUES (1)'));
          symlinkSync(PACKAGES, join(folder, 'node_modules'));
          // By a dump of our own, and by the program that people use.
          const dump = async () => [await logicalDump(server.url, [name]), await programDump(server, [name])];
          const before = await dump();
          const checks = ['--databases', name, '--rows', 'same', '--rows', `${name}.${books}=any`];
          const command = ['protect', ...checks, '--', 'npx', '--no-install', program, ...words];
          const failed = await snapback(command, folder, { DATABASE_URL: url });
          const after = await dump();
          writeFiles(folder, files('INSERT INTO currencies VALUES (1)'));
          const mended = await snapback(command, folder, { DATABASE_URL: url });
          expect({
            codes: [failed.code, mended.code],
            says: failed.stderr.includes('no_such_table'),
            after,
            currencies: await countOf(url, 'currencies'),
          }).toEqual({ codes: [4, 0], says: true, after: before, currencies: '1' });
        },
      );
    },
    { engines: ['mariadb', 'mysql'] },
  );
});

/** A process that has ended may wait, as a zombie, for a parent that never asks. */
function isRunning(pid: string): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && !/\) Z /.test(readFileSync(file, 'utf8'));
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
}

async function countOf(url: string, table: string): Promise<string | null | undefined> {
  const client = await openClient(url);
  try {
    return (await client.query(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.['n'];
  } finally {
    await client.close();
  }
}

const FIRST = ['ALTER TABLE orders ADD COLUMN currency CHAR(3)', 'DELETE FROM orders WHERE id = 1000'];

function second(last: string): readonly string[] {
  return [
    'CREATE TABLE currencies (id INT PRIMARY KEY)',
    'ALTER TABLE orders DROP FOREIGN KEY order_of',
    'ALTER TABLE customers ADD COLUMN vat VARCHAR(20), ADD INDEX by_name (name)',
    last,
    'ALTER TABLE orders ADD COLUMN late INT',
  ];
}

function knexFiles(last: string): Record<string, string> {
  const migration = (statements: readonly string[]): string =>
    `exports.config = { transaction: false };
exports.up = async (knex) => { ${statements.map((sql) => `await knex.raw(${JSON.stringify(sql)});`).join(' ')} };
exports.down = () => {};
`;
  return {
    'knexfile.cjs': "module.exports = { client: 'mysql2', connection: process.env.DATABASE_URL };\n",
    'migrations/1_first.js': migration(FIRST),
    'migrations/2_second.js': migration(second(last)),
    'package.json': '{ "type": "commonjs" }',
  };
}

function dbmateFiles(last: string): Record<string, string> {
  const migration = (statements: readonly string[]): string =>
    `-- migrate:up transaction:false\n${statements.join(';\n')};\n-- migrate:down\n`;
  return {
    'db/migrations/1_first.sql': migration(FIRST),
    'db/migrations/2_second.sql': migration(second(last)),
  };
}
