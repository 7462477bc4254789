// The README's examples for test suites, from the package as it is published, in an empty folder.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { removeWorkers } from '../../src/testing/index.ts';
import { runNode } from '../support/cli.ts';
import { createDatabase, describeEachEngine, openClient, runStatements } from '../support/servers.ts';

const ROOT = join(import.meta.dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;
// A plan may take its time on a busy machine.
const VITEST = ['node_modules/vitest/vitest.mjs', 'run', '--testTimeout=90000'];
const RUNNERS = ['vitest', 'jest', '@jest/globals', 'typescript', '@types/node'];

const SHOP = `CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, item VARCHAR(20));
INSERT INTO orders (item) VALUES ('bread'), ('salt');
`;
const UPGRADE = `version: 1
name: upgrade
target: { url: "\${env:DATABASE_URL}" }
vars: { from: "100" }
steps:
  - id: before
    snapshot: {}
  - id: migrate
    sql: { text: "DELETE FROM orders WHERE id >= ?", params: ["\${var:from}"] }
  - id: check
    verify: { rows: same }
`;
const FAILING = `import { databaseTest } from 'snapback-db/testing/vitest';
import { createConnection } from 'mysql2/promise';
const test = databaseTest({ url: process.env.DATABASE_URL, keepOnFailure: true });
test('a test that fails', async ({ db }) => {
  const client = await createConnection(db.url);
  await client.query("UPDATE orders SET item = 'evidence' WHERE id = 1");
  await client.end();
  throw new Error('as it should');
});
`;
const TEARDOWN = `import { removeWorkers } from 'snapback-db/testing';
export const teardown = () => removeWorkers({ url: process.env.DATABASE_URL });
`;
const STRICT = {
  compilerOptions: {
    ...{ strict: true, noEmit: true, target: 'es2022', module: 'nodenext', types: ['node'] },
    ...{ exactOptionalPropertyTypes: true, skipLibCheck: false },
  },
  include: ['*.ts'],
};

/** The README's example that begins with this name of a file. */
function example(file: string): string {
  const [, text] =
    new RegExp(`\`\`\`[jt]s\\n(// ${file.replaceAll('.', '\\.')}\\n[\\s\\S]*?)\`\`\``).exec(README) ?? [];
  if (text === undefined) throw new Error(`the README has no example ${file}`);
  return text;
}

let packed: string;
beforeAll(() => {
  packed = mkdtempSync(join(tmpdir(), 'snapback-pack-'));
  const words = ['pack', '--ignore-scripts', '--silent', '--pack-destination', packed];
  const name = execFileSync('npm', words, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n').at(-1) ?? '';
  execFileSync('tar', ['-xzf', join(packed, name), '-C', packed]);
});
afterAll(() => rmSync(packed, { recursive: true, force: true }));

/** An empty folder with the package, the packages that it asks for, and the runners. */
function emptyFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'snapback-user-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(packed, 'package'), join(folder, 'node_modules/snapback-db'), { recursive: true });
  for (const name of [...Object.keys(PACKAGE['dependencies'] ?? {}), ...RUNNERS]) {
    const place = join(folder, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), place);
  }
  const all = { 'package.json': '{ "type": "module" }', 'shop.sql': SHOP, 'tsconfig.json': JSON.stringify(STRICT) };
  for (const [name, text] of Object.entries({ ...all, ...files })) writeFileSync(join(folder, name), text);
  return folder;
}

test('the types of the examples resolve, for a strict user', async () => {
  const names = ['orders.test.ts', 'plans.test.ts'];
  const folder = emptyFolder(Object.fromEntries(names.map((name) => [name, example(name)])));
  const { code, stdout } = await runNode(['node_modules/typescript/bin/tsc'], folder);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
});

describeEachEngine(
  (server) => {
    const runners = [
      { runner: 'vitest', file: 'orders.test.ts', words: VITEST },
      { runner: 'node:test', file: 'orders.test.mjs', words: ['--test'] },
      {
        runner: 'jest',
        file: 'orders.test.js',
        words: ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--runInBand'],
      },
      { runner: 'vitest, on plans', file: 'plans.test.ts', words: VITEST },
    ];

    test.each(runners)('the example for $runner', async ({ file, words }) => {
      const { url } = await createDatabase(server, 'shop_test');
      onTestFinished(async () => {
        await removeWorkers({ url });
      });
      const folder = emptyFolder({ [file]: example(file), 'upgrade.yaml': UPGRADE });
      const { code, stdout, stderr } = await runNode(words, folder, { DATABASE_URL: url, NODE_OPTIONS: '' });
      expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
    });

    test('the example for programs that run a plan themselves', async () => {
      const { url } = await createDatabase(server, 'shop_test');
      await runStatements(url, SHOP.trim().split('\n'));
      const folder = emptyFolder({ 'upgrade.mjs': example('upgrade.mjs'), 'plan.yaml': UPGRADE });
      const { code, stdout, stderr } = await runNode(['upgrade.mjs'], folder, { DATABASE_URL: url });
      const lines = stdout.trim().split('\n');
      expect({ code, stderr, first: lines[0], last: lines.at(-1) }).toEqual({
        code: 0,
        stderr: '',
        first: 'run-opened',
        last: 'committed 0',
      });
    });
  },
  { engines: ['mariadb'] },
);

describeEachEngine(
  (server) => {
    // The server never gives a value of AUTO_INCREMENT again: everything else of the example holds there.
    test('the example for vitest, whatever id a row gets', async () => {
      const { url } = await createDatabase(server, 'shop_test');
      onTestFinished(async () => {
        await removeWorkers({ url });
      });
      const text = example('orders.test.ts');
      const anyId = text.replace('toBe(3)', 'toBeGreaterThan(2)');
      expect(anyId).not.toEqual(text);
      const folder = emptyFolder({ 'orders.test.ts': anyId });
      const { code, stdout, stderr } = await runNode(VITEST, folder, { DATABASE_URL: url, NODE_OPTIONS: '' });
      expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
    });

    test('the database of a failed test stays, and those of the workers are gone at the end', async () => {
      const { name, url } = await createDatabase(server, 'shop_test');
      await runStatements(url, SHOP.trim().split('\n'));
      const config = "export default { test: { globalSetup: ['./teardown.js'] } };";
      const files = { 'fails.test.js': FAILING, 'teardown.js': TEARDOWN, 'vitest.config.js': config };
      const { code, stderr } = await runNode(VITEST, emptyFolder(files), { DATABASE_URL: url, NODE_OPTIONS: '' });
      const [, place = ''] = /the database of "a test that fails" is kept: \S+:\*\*\*@\S+\/(\w+)/.exec(stderr) ?? [];
      const client = await openClient(server.url);
      onTestFinished(async () => {
        await client.query(`DROP DATABASE IF EXISTS \`${place}\``);
        await client.close();
      });
      expect({
        code,
        rows: place === '' ? stderr : await client.query(`SELECT item FROM \`${place}\`.orders ORDER BY id`),
        left: (await client.query(`SHOW DATABASES LIKE '${name}%'`)).map((row) => Object.values(row)),
      }).toEqual({ code: 1, rows: [{ item: 'evidence' }, { item: 'salt' }], left: [[name], [place]] });
    });
  },
  { engines: ['mariadb', 'matrixone'] },
);
