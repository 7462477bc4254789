// A canary in every place that a secret can come from, and then a look into everything that leaves the process.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { canariesIn, canary, filesBelow } from '../support/canaries.ts';
import { snapback, workFolder, type CliEnd } from '../support/cli.ts';
import { createDatabase, describeEachEngine, runStatements, type TestServer } from '../support/servers.ts';

/** Prints all that it was handed, leaves its environment and the command line of its parent in a file, and ends. */
const TELL = `import { readFileSync, writeFileSync } from 'node:fs';
const parent = readFileSync('/proc/' + process.ppid + '/cmdline', 'utf8');
writeFileSync('seen.json', JSON.stringify({ env: process.env, parent }));
for (const text of process.argv.slice(3)) console.log(text);
console.error(JSON.stringify({ url: process.env.DATABASE_URL, handed: process.env.HANDED }));
console.log(process.env.HANDED + process.env.DATABASE_URL + 'x'.repeat(7_000) + process.env.HANDED.repeat(40));
process.exitCode = Number(process.argv[2]);
`;

interface Story {
  readonly insert: string;
  readonly params: readonly string[];
  readonly exit: string;
  readonly expected: string;
}

const PARAM = '${env:PARAM_TOKEN}';
const SUCCESS: Story = { insert: 'SELECT ?', params: [PARAM], exit: '0', expected: PARAM };
const STORIES: readonly (readonly [string, Story, number])[] = [
  ['succeeds', SUCCESS, 0],
  ['fails in a statement', { ...SUCCESS, insert: 'SELECT ? UNION ALL SELECT ?', params: [PARAM, PARAM] }, 4],
  ['fails in a program', { ...SUCCESS, exit: '3' }, 4],
  ['fails in a check', { ...SUCCESS, expected: '${env:EXPECTED_TOKEN}' }, 4],
];

function planText({ insert, params, exit, expected }: Story): string {
  return `version: 1
name: canaries
targets:
  main: { url: "\${env:SHOP_URL}" }
  other: { url: "\${env:OTHER_URL}" }
vars: { api_token: "\${file:token.txt}", written_password: "canary7written", note: "\${env:NOTE_SECRET}" }
steps:
  - id: before
    target: main
    snapshot: {}
  - id: insert
    target: main
    sql: { text: "INSERT INTO notes ${insert}", params: ${JSON.stringify(params)} }
  - id: tell
    target: main
    run:
      command: [node, tell.mjs, "${exit}", "--word=\${env:WORD_TOKEN}", "\${var:api_token}", "\${var:written_password}"]
      env: { HANDED: "\${env:HANDED_SECRET}" }
  - id: check
    target: main
    verify:
      queries:
        - { sql: "SELECT what FROM notes WHERE what = ?", params: ["${PARAM}"], expect: { value: "${expected}" } }
  - id: elsewhere
    target: other
    verify: { queries: [{ sql: "SELECT ?", params: ["\${var:note}"], expect: some }] }
`;
}

const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** A login of its own for that URL, with that password. */
async function loginWith(server: TestServer, url: string, password: string): Promise<string> {
  const login = new URL(url);
  login.username = `u_${Math.random().toString(36).slice(2, 10)}`;
  login.password = encodeURIComponent(password);
  const account = `'${login.username}'@'localhost'`;
  await runStatements(server.url, [
    `CREATE USER ${account} IDENTIFIED BY ${literal(password)}`,
    `GRANT ALL ON *.* TO ${account} WITH GRANT OPTION`,
  ]);
  onTestFinished(() => runStatements(server.url, [`DROP USER ${account}`]));
  return login.href;
}

async function canaryShop(server: TestServer): Promise<{ name: string; env: Record<string, string> }> {
  const { name, url } = await createDatabase(server, 'canaries');
  await runStatements(url, ['CREATE TABLE notes (what VARCHAR(100) PRIMARY KEY)']);
  return {
    name,
    env: {
      SHOP_URL: await loginWith(server, url, canary('shop')),
      OTHER_URL: await loginWith(server, url, canary('other')),
      PARAM_TOKEN: canary('param'),
      EXPECTED_TOKEN: canary('expected'),
      WORD_TOKEN: canary('word'),
      HANDED_SECRET: canary('handed'),
      NOTE_SECRET: canary('note'),
      SNAPBACK_NEW_ADMIN_PASSWORD: canary('admin'),
      SNAPBACK_LOG: 'debug',
    },
  };
}

const TOKEN = `-----BEGIN OF A KEY-----\nfirst-canary7filefirst\nsecond-canary7filesecond\n`;

const LOOKS = [
  ['run', 'plan.yaml', '--dry-run'],
  ['run', 'plan.yaml', '--dry-run', '--json'],
  ['doctor', 'plan.yaml'],
  ['validate', 'plan.yaml', '--json'],
  ['graph', 'plan.yaml'],
  ['graph', 'plan.yaml', '--format', 'svg'],
  ['graph', 'plan.yaml', '--format', 'json'],
  ['status', 'RUN', '--json'],
  ['status', 'RUN'],
  ['runs', '--json'],
  ['report', '--format', 'html'],
  ['report', '--format', 'markdown'],
  ['report', '--format', 'json'],
  ['report', '--format', 'junit'],
];

const leaksOf = (ends: readonly CliEnd[]): readonly string[] =>
  canariesIn(ends.map(({ stdout, stderr }) => `${stdout}\n${stderr}`).join('\n'));

describeEachEngine(
  (server) => {
    test.each(STORIES)('a run that %s, and all that tells of it, holds no secret', async (_, story, code) => {
      const { env } = await canaryShop(server);
      const folder = workFolder({ 'tell.mjs': TELL, 'token.txt': TOKEN, 'plan.yaml': planText(story) });
      const runs = [
        await snapback(['run', 'plan.yaml'], folder, env),
        await snapback(['rollback'], folder, env),
        await snapback(['run', 'plan.yaml', '--json', '--journal-dir', 'other'], folder, env),
      ];
      const looks: CliEnd[] = [];
      const [file = ''] = readdirSync(join(folder, '.snapback/runs')).filter((one) => one.endsWith('.journal'));
      const run = file.replace('.journal', '');
      for (const words of LOOKS) {
        looks.push(
          await snapback(
            words.map((word) => (word === 'RUN' ? run : word)),
            folder,
            env,
          ),
        );
      }
      const record = await snapback(['runs', '--json', '--url', env['SHOP_URL'] ?? ''], folder, env);
      expect({
        codes: [runs[0]?.code, looks.map(({ code: end }) => end)],
        shown: leaksOf([...runs, ...looks, record]),
        journals: canariesIn(filesBelow(join(folder, '.snapback')) + filesBelow(join(folder, 'other'))),
      }).toEqual({
        codes: [code, LOOKS.map(() => 0)],
        shown: [],
        journals: [],
      });
    });

    test('a program finds the secrets that it was handed, and none that the plan has for others', async () => {
      const { env } = await canaryShop(server);
      const folder = workFolder({ 'tell.mjs': TELL, 'token.txt': TOKEN, 'plan.yaml': planText(SUCCESS) });
      const { code } = await snapback(['run', 'plan.yaml'], folder, env);
      const seen = JSON.parse(readFileSync(join(folder, 'seen.json'), 'utf8')) as {
        readonly env: Record<string, string>;
        readonly parent: string;
      };
      const holders = Object.entries(seen.env).flatMap(([name, value]) => (/canary7/.test(value) ? [name] : []));
      expect({ code, holders: holders.sort(), parent: canariesIn(seen.parent) }).toEqual({
        code: 0,
        // The URL of its own target under both names, what its step names, and what is no matter of the plan.
        holders: ['DATABASE_URL', 'EXPECTED_TOKEN', 'HANDED', 'HANDED_SECRET', 'SHOP_URL', 'WORD_TOKEN'],
        parent: [],
      });
    });

    test('a login that is refused is told without its password, whatever it was given by', async () => {
      const { env, name } = await canaryShop(server);
      const { hostname, port } = new URL(server.url);
      const wrong = new URL(env['SHOP_URL'] ?? '');
      wrong.password = encodeURIComponent(canary('wrong'));
      const folder = workFolder({
        'tell.mjs': TELL,
        'token.txt': TOKEN,
        'plan.yaml': planText(SUCCESS),
        'pw.txt': canary('passwordfile'),
      });
      const parts = ['--host', hostname, '--port', port, '--user', wrong.username, '--databases', name];
      const given = { ...env, SHOP_URL: wrong.href, DATABASE_URL: wrong.href, PW: canary('passwordenv') };
      const commands = [
        ['run', 'plan.yaml'],
        ['run', 'plan.yaml', '--json'],
        ['doctor', 'plan.yaml'],
        ['doctor'],
        ['runs', '--url', wrong.href],
        ['snapshot', 'create', ...parts, '--password', canary('password')],
        ['snapshot', 'create', ...parts, '--password-env', 'PW'],
        ['snapshot', 'create', ...parts, '--password-file', 'pw.txt'],
        ['protect', '--url', wrong.href, '--', 'node', '-e', '0', '--', `-p${canary('wrong')}`],
        [
          'protect',
          ...parts,
          '--password-file',
          'pw.txt',
          '--',
          'node',
          `-p${canary('passwordfile')}`,
          canary('param'),
        ],
      ];
      const ends: CliEnd[] = [];
      for (const words of commands) ends.push(await snapback(words, folder, given));
      expect({
        codes: ends.map(({ code }) => code),
        shown: leaksOf(ends),
        journals: canariesIn(filesBelow(join(folder, '.snapback'))),
      }).toEqual({ codes: commands.map(() => 9), shown: [], journals: [] });
    });

    test('snapshots and protected programs with a password from a variable, a file or the command line', async () => {
      const { env, name } = await canaryShop(server);
      const { username } = new URL(env['SHOP_URL'] ?? '');
      const { hostname, port } = new URL(server.url);
      const folder = workFolder({ 'tell.mjs': TELL, 'pw.txt': `${canary('shop')}\n` });
      const given = { ...env, PW: canary('shop') };
      const parts = ['--host', hostname, '--port', port, '--user', username];
      const sname = `snap_${name}`;
      const tell = [
        '--',
        'node',
        'tell.mjs',
        '0',
        `-p${canary('shop')}`,
        canary('word'),
        encodeURIComponent(canary('shop')),
      ];
      const commands = [
        ['snapshot', 'create', ...parts, '--password', canary('shop'), '--db', name, '--sname', sname],
        ['snapshot', 'show', ...parts, '--password-env', 'PW'],
        ['snapshot', 'restore', ...parts, '--password-file', 'pw.txt', '--db', name, '--sname', sname, '--yes'],
        ['snapshot', 'drop', ...parts, '--password-env', 'PW', '--sname', sname, '--yes'],
        ['protect', ...parts, '--password-file', 'pw.txt', '--databases', name, ...tell],
        ['protect', ...parts, '--password-env', 'PW', '--databases', name, '--print-plan', ...tell],
        ...['html', 'markdown', 'json', 'junit'].map((format) => ['report', '--format', format]),
      ];
      const ends: CliEnd[] = [];
      for (const words of commands) ends.push(await snapback(words, folder, { ...given, HANDED: '' }));
      const account = ['--new_account', 'a', '--new_admin_name', 'b', '--new_admin_password', canary('typed')];
      const refused = await snapback(
        [
          'snapshot',
          'restore',
          ...parts,
          '--password-env',
          'PW',
          '--sname',
          sname,
          '--account',
          'sys',
          ...account,
          '--yes',
        ],
        folder,
        given,
      );
      expect({
        codes: ends.map(({ code }) => code),
        isRefused: refused.code !== 0,
        shown: leaksOf([...ends, refused]),
        journals: canariesIn(filesBelow(join(folder, '.snapback'))),
      }).toEqual({ codes: commands.map(() => 0), isRefused: true, shown: [], journals: [] });
    });
  },
  { engines: ['mariadb', 'mysql'], origins: ['binary'] },
);

test('a variable that is called a password is not taken from the command line', async () => {
  const plan = `version: 1
target: { url: "mysql://root@127.0.0.1:9/shop" }
vars: { db_password: x }
steps:
  - run: [deploy, "\${var:db_password}"]
`;
  const folder = workFolder({ 'plan.yaml': plan });
  const { code, stderr } = await snapback(['run', 'plan.yaml', '--var', `db_password=${canary('typed')}`], folder);
  expect({ code, says: stderr.includes('db_password: "${env:DB_PASSWORD}"'), leaks: canariesIn(stderr) }).toEqual({
    code: 3,
    says: true,
    leaks: [],
  });
});
