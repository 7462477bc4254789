// The guards of a plan, each reached on every engine: others who write, restores that are too wide, targets that are
// not meant, and logins that are locked out for the time of the run.

import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { hundredRows } from '../support/hundred-rows.ts';
import {
  databaseUrl,
  describeEachEngine,
  logicalDump,
  openClient,
  ownHome,
  runStatements,
  type SqlClient,
  type TestServer,
} from '../support/servers.ts';

interface PlanParts {
  readonly guards?: string;
  readonly change?: string;
  readonly steps?: string;
}

const LOSES_TEN = 'UPDATE orders SET note = NULL WHERE id > 90';

function plan({ guards = '', change = 'UPDATE customers SET name = UPPER(name)', steps }: PlanParts): string {
  const usual = `  - id: before
    snapshot: {}
  - id: migrate
    sql: ${JSON.stringify(change)}
  - id: check
    verify:
      queries:
        - { name: every order has a note, sql: SELECT id FROM orders WHERE note IS NULL, expect: none }
`;
  return `version: 1
name: guarded
target: { url: "\${env:DATABASE_URL}" }
${guards}
steps:
${steps ?? usual}`;
}

/** Somebody in the middle of a transaction that has changed a row, in that database. */
async function writer(url: string): Promise<SqlClient> {
  const client = await openClient(url);
  await client.query('BEGIN');
  await client.query("UPDATE orders SET note = 'mine' WHERE id = 1");
  onTestFinished(async () => {
    await client.query('ROLLBACK').catch(() => undefined);
    await client.close();
  });
  return client;
}

/** A program that says that it is here, and ends with that code when it may go. */
function waiting(code: number): string {
  const script =
    "const fs = require('fs'); fs.writeFileSync('here', '');" +
    ` const t = setInterval(() => { if (fs.existsSync('go')) { clearInterval(t); process.exit(${code}); } }, 50)`;
  return JSON.stringify(['node', '-e', script]);
}

async function statuses(folder: string): Promise<string> {
  return (await snapback(['runs', '--json'], folder)).stdout;
}

/** A login that may write in that database, dropped at the end. */
async function appLogin(server: TestServer, database: string): Promise<{ user: string; url: string; written: string }> {
  const user = `app_${randomBytes(4).toString('hex')}`;
  const isMatrixone = server.engine === 'matrixone';
  const role = `${user}_role`;
  await runStatements(
    server.url,
    isMatrixone
      ? [
          `CREATE USER ${user} IDENTIFIED BY 'secret-of-app'`,
          `CREATE ROLE ${role}`,
          `GRANT CONNECT ON ACCOUNT * TO ${role}`,
          `GRANT ALL ON DATABASE ${database} TO ${role}`,
          `GRANT ALL ON TABLE ${database}.* TO ${role}`,
          `GRANT ${role} TO ${user}`,
        ]
      : [`CREATE USER '${user}'@'%' IDENTIFIED BY 'secret-of-app'`, `GRANT ALL ON ${database}.* TO '${user}'@'%'`],
  );
  onTestFinished(() =>
    runStatements(server.url, isMatrixone ? [`DROP USER ${user}`, `DROP ROLE ${role}`] : [`DROP USER '${user}'@'%'`]),
  );
  const url = new URL(databaseUrl(server.url, database));
  const [account, admin] = decodeURIComponent(url.username).split(':');
  url.username = isMatrixone ? `${admin === undefined ? 'sys' : account}:${user}:${role}` : user;
  url.password = 'secret-of-app';
  return { user, url: url.href, written: isMatrixone ? user : `${user}@'%'` };
}

async function canLogIn(url: string): Promise<boolean> {
  try {
    const client = await openClient(url);
    await client.query('SELECT 1');
    await client.close();
    return true;
  } catch {
    return false;
  }
}

describeEachEngine((server) => {
  test('a writer is told of when a snapshot is taken, by default and where the plan says warn', async () => {
    const { url } = await hundredRows(server);
    await writer(url);
    // A copy of the table that is being written would wait for the writer.
    const scope = server.engine === 'matrixone' ? '{}' : '{ tables: [untouched], lock: none }';
    await runStatements(url, ['CREATE TABLE untouched (id INT PRIMARY KEY)']);
    const steps = `  - id: before\n    snapshot: ${scope}\n`;
    const folder = workFolder({
      'default.yaml': plan({ steps }),
      'warn.yaml': plan({ steps, guards: 'guards: { writers: warn }' }),
      'ignore.yaml': plan({ steps, guards: 'guards: { writers: ignore }' }),
    });
    const told = [];
    for (const name of ['default', 'warn', 'ignore']) {
      const { code, stderr } = await snapback(['run', `${name}.yaml`], folder, { DATABASE_URL: url });
      told.push({ code, isTold: flat(stderr).includes('while a snapshot is taken, others write: connection ') });
    }
    // MySQL knows which tables a transaction holds; MariaDB only in which database its session is.
    const isTold = server.engine !== 'mysql';
    expect(told).toEqual([
      { code: 0, isTold },
      { code: 0, isTold },
      { code: 0, isTold: false },
    ]);
  });

  test('writers: refuse ends before anything is done, with exit 13, and goes when the writer is gone', async () => {
    const { name, url } = await hundredRows(server);
    const folder = workFolder({ 'plan.yaml': plan({ guards: 'guards: { writers: refuse }' }) });
    const client = await writer(url);

    const refused = await snapback(['run', 'plan.yaml'], folder, { DATABASE_URL: url });
    await client.query('ROLLBACK');
    const before = await logicalDump(server.url, [name]);
    const passed = await snapback(['run', 'plan.yaml'], folder, { DATABASE_URL: url });

    expect({ refused: refused.code, passed: passed.code, runs: await statuses(folder) }).toEqual({
      refused: 13,
      passed: 0,
      runs: expect.stringMatching(/"committed"[^]*"failed-clean"/) as string,
    });
    expect(flat(refused.stderr)).toMatch(/others write \(connection \d+ of .*in a transaction/);
    expect(await logicalDump(server.url, [name])).not.toEqual(before);
  });

  test('before a restore a writer that comes to no end is refused, and the run goes on when it is gone', async () => {
    const home = await ownHome(server);
    const { name, url } = await hundredRows(home);
    // The program's login would not do: what it opened since the step began is ended with the program.
    const other = await appLogin(home, name);
    const before = await logicalDump(home.url, [name]);
    const go = {
      steps: `  - id: before
    snapshot: {}
  - id: migrate
    sql: ${JSON.stringify(LOSES_TEN)}
  - id: wait
    run: ${waiting(3)}
`,
    };
    const folder = workFolder({ 'plan.yaml': plan(go) });
    const running = snapback(['run', 'plan.yaml'], folder, { DATABASE_URL: url });
    await appears(folder, 'here');
    const client = await writer(other.url);
    touch(folder, 'go');
    const open = await running;
    await client.query('ROLLBACK');
    const resumed = await snapback(['resume'], folder, { DATABASE_URL: url });

    expect({ open: open.code, resumed: resumed.code }).toEqual({ open: 6, resumed: 4 });
    expect(flat(open.stderr)).toMatch(/others write \(.*the restore would take away what they write/);
    expect(await logicalDump(home.url, [name])).toEqual(before);
  });

  test('a target that no pattern of guards.url matches is refused, with exit 13', async () => {
    const { url } = await hundredRows(server);
    const { port } = new URL(url);
    const folder = workFolder({
      'wrong.yaml': plan({ guards: 'guards: { url: ["db-test-*", "*:1/shop"] }' }),
      'right.yaml': plan({ guards: `guards: { url: ["127.0.0.1:${port}/*", "localhost:${port}/*"] }` }),
    });
    const wrong = await snapback(['run', 'wrong.yaml'], folder, { DATABASE_URL: url });
    const right = await snapback(['run', 'right.yaml'], folder, { DATABASE_URL: url });
    expect({ wrong: wrong.code, right: right.code }).toEqual({ wrong: 13, right: 0 });
    expect(flat(wrong.stderr)).toContain('the plan allows db-test-*, *:1/shop only');
  });

  test('a restore as wide as an account has to be allowed by guards.wide', async () => {
    const { url } = await hundredRows(server);
    const wide = '  - id: before\n    snapshot: { account: true }\n  - sql: UPDATE customers SET name = UPPER(name)\n';
    const folder = workFolder({ 'plan.yaml': plan({ steps: wide }) });
    const refused = await snapback(['run', 'plan.yaml'], folder, { DATABASE_URL: url });
    expect({ code: refused.code }).toEqual({ code: 13 });
    expect(flat(refused.stderr)).toContain('guards: { wide: [account] }');
  });

  test('quiesce locks a login out, ends its sessions, and lets it in again at the verdict', async () => {
    const home = await ownHome(server);
    const { name, url } = await hundredRows(home);
    const app = await appLogin(home, name);
    const folder = workFolder({
      'plan.yaml': plan({
        guards: `guards: { writers: refuse }\nquiesce: { lock_users: ["${app.written}"] }`,
        steps: `  - id: before
    snapshot: {}
  - id: migrate
    run: ${waiting(0)}
  - id: check
    verify: { rows: same }
`,
      }),
    });
    const client = await openClient(app.url);
    await client.query('BEGIN');
    await client.query("UPDATE orders SET note = 'mine' WHERE id = 1");

    const running = snapback(['run', 'plan.yaml'], folder, { DATABASE_URL: url });
    await appears(folder, 'here');
    const during = {
      isIn: await canLogIn(app.url),
      isAlive: await client.query('SELECT 1').then(
        () => true,
        () => false,
      ),
    };
    touch(folder, 'go');
    const end = await running;
    await client.close().catch(() => undefined);

    expect({ code: end.code, during, isInAgain: await canLogIn(app.url) }).toEqual({
      code: 0,
      during: { isIn: false, isAlive: false },
      isInAgain: true,
    });
  });

  test('quiesce refuses a login that is not there, and the login of the run itself', async () => {
    const { url } = await hundredRows(server);
    const folder = workFolder({
      'nobody.yaml': plan({ guards: 'quiesce: { lock_users: [nobody_of_that_name] }' }),
      'own.yaml': plan({ guards: `quiesce: { lock_users: [${new URL(url).username}] }` }),
    });
    const nobody = await snapback(['run', 'nobody.yaml'], folder, { DATABASE_URL: url });
    const own = await snapback(['run', 'own.yaml'], folder, { DATABASE_URL: url });
    expect({ nobody: nobody.code, own: own.code }).toEqual({ nobody: 13, own: 13 });
  });

  test('a run that was interrupted keeps a login out until it is closed', async () => {
    const home = await ownHome(server);
    const { name, url } = await hundredRows(home);
    const app = await appLogin(home, name);
    const folder = workFolder({
      'plan.yaml': plan({
        guards: `quiesce: { lock_users: ["${app.written}"] }`,
        steps: `  - id: before
    snapshot: {}
  - id: migrate
    run: [node, -e, "process.kill(process.ppid, 'SIGKILL')"]
`,
      }),
    });
    const killed = await snapback(['run', 'plan.yaml'], folder, { DATABASE_URL: url });
    const isIn = await canLogIn(app.url);
    const { run } = JSON.parse((await statuses(folder)).split('\n')[0] ?? '') as { run: string };
    const closed = await snapback(['close', run, '--because', 'looked at it'], folder, { DATABASE_URL: url });
    expect({ killed: killed.code, isIn, closed: closed.code, isInAgain: await canLogIn(app.url) }).toEqual({
      killed: null,
      isIn: false,
      closed: 0,
      isInAgain: true,
    });
  });
});

/** As one line, whatever the width of the terminal. */
function flat(text: string): string {
  return text.replace(/\s+/g, ' ');
}

async function appears(folder: string, name: string): Promise<void> {
  await expect.poll(() => existsSync(`${folder}/${name}`), { timeout: 60_000 }).toEqual(true);
}

function touch(folder: string, name: string): void {
  writeFileSync(`${folder}/${name}`, '');
}
