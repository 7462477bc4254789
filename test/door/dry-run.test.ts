// A dry run and the doctor, as a login that may only read. The server's own log and a dump of all say what they did.

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startServer } from '../../src/servers/index.ts';
import { snapback, workFolder } from '../support/cli.ts';
import { LOSES_TEN, SEED, upgradePlan } from '../support/hundred-rows.ts';
import { databaseUrl, describeEachEngine, logicalDump, openClient, runStatements } from '../support/servers.ts';

/** What reads, and what only sets up a session. MatrixOne is asked which RESTORE it knows by one that names nothing. */
const READS = /^(?:\/\*.*?\*\/ *)*(?:SELECT|SHOW|SET SESSION|SET NAMES|SET SESSION TRANSACTION READ ONLY)\b/is;
const PROBE = /^(?:\/\*.*?\*\/ *)*RESTORE TABLE `x`\.`y` \{SNAPSHOT = '__no_such_snapshot__'\}$/i;

describeEachEngine(
  ({ engine }) => {
    test('a dry run and the doctor read, and do nothing else, as a login with SELECT only', async () => {
      const server = await startServer({ engine, env: process.env });
      try {
        await runStatements(server.url, ['CREATE DATABASE shop']);
        await runStatements(databaseUrl(server.url, 'shop'), [...SEED, 'CREATE VIEW few AS SELECT id FROM orders']);
        const url = await readerOf(server.url, engine);
        const folder = workFolder(upgradePlan(LOSES_TEN));
        const before = await logicalDump(server.url, ['shop']);
        const databases = await databasesOf(server.url);
        const logOf = await startLog(server.url, engine);

        const dry = await snapback(['run', 'plan.yaml', '--dry-run'], folder, { DATABASE_URL: url });
        const doctor = await snapback(['doctor'], folder, { DATABASE_URL: url });

        const statements = await logOf();
        const others = statements.filter((text) => !READS.test(text) && !PROBE.test(text));
        expect({ codes: [dry.code, doctor.code], others }).toEqual({ codes: [13, 13], others: [] });
        if (engine !== 'matrixone') expect(statements.length).toBeGreaterThan(10);
        expect(await logicalDump(server.url, ['shop'])).toEqual(before);
        expect(await databasesOf(server.url)).toEqual(databases);
        expect(existsSync(join(folder, '.snapback'))).toEqual(false);
        expect(dry.stdout).toContain('ALTER TABLE orders ADD COLUMN currency CHAR(3)');
        expect(dry.stdout).toContain('SELECT id FROM orders WHERE currency IS NULL');
        expect(dry.stdout).toContain('Point of no return: the end of the run');
        expect(dry.stdout).toContain(engine === 'matrixone' ? 'CREATE SNAPSHOT' : 'INSERT INTO `sb_TOKEN_0`.`orders`');
        expect(doctor.stdout).toMatch(/^ {4}GRANT .* TO .*;$/m);
        expect(dry.stderr + doctor.stderr).toEqual('');
      } finally {
        await server.stop();
      }
    });
  },
  { origins: ['binary'] },
);

async function readerOf(rootUrl: string, engine: string): Promise<string> {
  const [user, password] = ['reader', `aA1!${randomBytes(6).toString('hex')}`];
  const rights =
    engine === 'matrixone'
      ? [
          `CREATE ROLE looks`,
          'GRANT CONNECT ON ACCOUNT * TO looks',
          'GRANT SHOW DATABASES ON ACCOUNT * TO looks',
          'GRANT SHOW TABLES ON DATABASE shop TO looks',
          'GRANT SELECT ON TABLE shop.* TO looks',
          `CREATE USER ${user} IDENTIFIED BY '${password}' DEFAULT ROLE looks`,
        ]
      : [`CREATE USER ${user}@localhost IDENTIFIED BY '${password}'`, `GRANT SELECT ON shop.* TO ${user}@localhost`];
  await runStatements(rootUrl, rights);
  const url = new URL(databaseUrl(rootUrl, 'shop'));
  url.username = user;
  url.password = password;
  return url.href;
}

async function databasesOf(url: string): Promise<readonly unknown[]> {
  const client = await openClient(url);
  try {
    return await client.query('SHOW DATABASES');
  } finally {
    await client.close();
  }
}

/** Every statement that the reader sends from now on, as the server logs it. */
async function startLog(url: string, engine: string): Promise<() => Promise<readonly string[]>> {
  if (engine === 'matrixone') return () => Promise.resolve([]); // it has no log that is complete at once
  await runStatements(url, ["SET GLOBAL log_output = 'TABLE'", 'SET GLOBAL general_log = 1']);
  return async () => {
    const client = await openClient(url);
    try {
      const rows = await client.query(
        `SELECT CONVERT(argument USING utf8mb4) AS text FROM mysql.general_log
         WHERE user_host LIKE 'reader%' AND command_type NOT IN ('Connect', 'Quit')`,
      );
      return rows.map(({ text }) => String(text));
    } finally {
      await client.close();
    }
  };
}
