import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { createDatabase, describeEachEngine, openClient, runStatements, type TestServer } from '../support/servers.ts';

const numbers = (count: number): string => Array.from({ length: count }, (_, n) => `(${n + 1})`).join(', ');

async function countIn(url: string, table: string): Promise<string | null | undefined> {
  const client = await openClient(url);
  try {
    return (await client.query(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.['n'];
  } finally {
    await client.close();
  }
}

/** The database of the manual's examples: `t` has 100 rows and `u` 200. */
async function example(server: TestServer) {
  const database = await createDatabase(server, 'snapshot_read');
  await runStatements(database.url, [
    'CREATE TABLE t (a INT PRIMARY KEY)',
    `INSERT INTO t VALUES ${numbers(100)}`,
    'CREATE TABLE u (a INT PRIMARY KEY)',
    `INSERT INTO u VALUES ${numbers(200)}`,
  ]);
  const { name, url } = database;
  return { name, url, snapshot: `sp_${name}`.toLowerCase(), folder: workFolder(), env: { DATABASE_URL: url } };
}

describeEachEngine(
  (server) => {
    test('a table loses half of its rows, and restoring it alone brings back its rows and nothing else', async () => {
      const { name, url, snapshot, folder, env } = await example(server);
      const created = await snapback(['snapshot', 'create', '--db', name, '--sname', snapshot, '--json'], folder, env);
      await runStatements(url, ['DELETE FROM t WHERE a <= 50', 'DELETE FROM u WHERE a <= 100']);
      const words = ['snapshot', 'restore', '--db', name, '--table', 't', '--sname', snapshot];
      const unasked = await snapback(words, folder, env);
      const halved = await countIn(url, 't');
      const restored = await snapback([...words, '--yes'], folder, env);
      expect({
        codes: [created.code, unasked.code, restored.code],
        snapshot: (JSON.parse(created.stdout) as { name: string }).name,
        preview: unasked.stderr.includes(`table ${name}.t has other rows`),
        counts: [halved, await countIn(url, 't'), await countIn(url, 'u')],
      }).toEqual({ codes: [0, 2, 0], snapshot, preview: true, counts: ['50', '100', '100'] });
      await snapback(['snapshot', 'drop', '--sname', snapshot, '--yes'], folder, env);
    });

    test('a database that is gone comes back with all of its tables, from the flags of mo_br alone', async () => {
      const { name, url, snapshot, folder } = await example(server);
      const { hostname, port, username, password } = new URL(server.url);
      const login = [
        '--host',
        hostname,
        '--port',
        port,
        '--user',
        decodeURIComponent(username),
        '--password-env',
        'PW',
      ];
      const env = { PW: decodeURIComponent(password) };
      const level = ['--level', 'database', '--db', name];
      const created = await snapback(['snapshot', 'create', ...login, ...level, '--sname', snapshot], folder, env);
      await runStatements(server.url, [`DROP DATABASE \`${name}\``]);
      const restored = await snapback(
        ['snapshot', 'restore', ...login, '--db', name, '--sname', snapshot, '--yes'],
        folder,
        env,
      );
      const dropped = await snapback(['snapshot', 'drop', ...login, '--sname', snapshot, '--yes'], folder, env);
      const shown = await snapback(['snapshot', 'show', ...login, '--sname', snapshot, '--json'], folder, env);
      expect({
        codes: [created.code, restored.code, dropped.code, shown.code],
        counts: [await countIn(url, 't'), await countIn(url, 'u')],
        shown: shown.stdout,
      }).toEqual({ codes: [0, 0, 0, 0], counts: ['100', '200'], shown: '' });
    });

    test("show prints mo_br's columns, times in UTC, and its filters narrow them", async () => {
      const { name, snapshot, folder, env } = await example(server);
      await snapback(['snapshot', 'create', '--sname', snapshot], folder, env);
      const show = (...words: string[]) => snapback(['snapshot', 'show', '--sname', snapshot, ...words], folder, env);
      const all = await show('--db', name);
      const [header = '', row = ''] = all.stdout.split('\n').map((line) => line.split('\t').map((cell) => cell.trim()));
      expect({
        header,
        row: [row[0], row[2], row[4]],
        utc: all.stderr,
        later: (await show('--beginTs', '2999-01-01 00:00:00', '--json')).stdout,
      }).toEqual({
        header: ['SNAPSHOT NAME', 'TIMESTAMP', 'SNAPSHOT LEVEL', 'ACCOUNT NAME', 'DATABASE NAME', 'TABLE NAME'],
        row: [snapshot, 'database', name],
        utc: 'Times are in UTC.\n',
        later: '',
      });
      await snapback(['snapshot', 'drop', '--sname', snapshot, '--yes'], folder, env);
    });

    test('prune --dry-run names what its rules let go, and no journal holds the URL of the login', async () => {
      const { snapshot, folder, env } = await example(server);
      await snapback(['snapshot', 'create', '--sname', snapshot], folder, env);
      const young = await snapback(['prune', '--older-than', '1h', '--dry-run'], folder, env);
      const named = await snapback(['prune', '--older-than', '0s', '--dry-run'], folder, env);
      const journals = readdirSync(join(folder, '.snapback/runs'), { recursive: true, encoding: 'utf8' });
      const texts = journals
        .filter((path) => path.endsWith('.journal'))
        .map((path) => readFileSync(join(folder, '.snapback/runs', path), 'utf8'));
      expect({
        young: young.stdout.includes(snapshot),
        named: named.stdout.split('\n').includes(snapshot),
        holdsLogin: texts.some((text) => text.includes(env.DATABASE_URL)),
        journals: texts.length,
      }).toEqual({ young: false, named: true, holdsLogin: false, journals: 1 });
      expect((await snapback(['snapshot', 'drop', '--sname', snapshot, '--yes'], folder, env)).code).toEqual(0);
    });
  },
  { engines: ['mysql', 'mariadb'] },
);

test('a restore into a new account says which of its flags is missing, before a server is contacted', async () => {
  const env = { DATABASE_URL: 'mysql://root@127.0.0.1:9/shop' };
  const words = ['snapshot', 'restore', '--sname', 'x', '--yes', '--new_account', 'acc2'];
  const [one, two] = [
    await snapback(words, workFolder(), env),
    await snapback([...words, '--new_admin_name', 'admin'], workFolder(), env),
  ];
  expect([one.code, one.stderr.includes('--new_admin_name is missing')]).toEqual([2, true]);
  expect([two.code, two.stderr.includes('--new_admin_password is missing')]).toEqual([2, true]);
});
