// Plans in plans/ that need more than a shop: a program, a login to be locked out.

import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { guardedShop } from '../support/guarded-shop.ts';
import { describeEachEngine, freshDatabase, openClient, runStatements } from '../support/servers.ts';

const PLANS = join(import.meta.dirname, '../../plans');
const MYSQL2 = pathToFileURL(join(import.meta.dirname, '../../node_modules/mysql2/promise.js')).href;

/**
 * Stands in for Prisma, whose engine is no part of its package and is fetched from a place of its own: `migrate deploy`
 * applies what is in prisma/migrations and keeps the books that Prisma keeps. It also tries the application's login.
 */
const PRISMA = `#!/usr/bin/env node
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
if (process.argv.slice(2).join(' ') !== 'migrate deploy') process.exit(64);
(async () => {
  const mysql = await import(${JSON.stringify(MYSQL2)});
  const isIn = await mysql.createConnection(process.env.APP_URL).then(() => true, () => false);
  writeFileSync('app-login.txt', isIn ? 'let in' : 'kept out');
  const client = await mysql.createConnection({ uri: process.env.DATABASE_URL, multipleStatements: true });
  await client.query(\`CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) NOT NULL PRIMARY KEY, checksum VARCHAR(64) NOT NULL, finished_at DATETIME(3),
    migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at DATETIME(3),
    started_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), applied_steps_count INT NOT NULL DEFAULT 0)\`);
  for (const name of readdirSync('prisma/migrations')) {
    const insert = 'INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES (UUID(), ?, ?)';
    await client.query(insert, [name, name]);
    await client.query(readFileSync('prisma/migrations/' + name + '/migration.sql', 'utf8'));
    await client.query('UPDATE _prisma_migrations SET finished_at = NOW(3) WHERE migration_name = ?', [name]);
  }
  process.exit();
})();
`;

const project = (sql: string): Readonly<Record<string, string>> => ({
  'plans/04-prisma-upgrade.yaml': readFileSync(join(PLANS, '04-prisma-upgrade.yaml'), 'utf8'),
  'prisma/migrations/20260101000000_currency/migration.sql': sql,
  'node_modules/prisma/package.json': '{ "name": "prisma", "version": "0.0.0", "bin": "cli.js" }',
  'node_modules/prisma/cli.js': PRISMA,
  'package.json': '{ "name": "shop", "private": true }',
});

function binOf(folder: string): string {
  const bin = join(folder, 'node_modules/.bin');
  mkdirSync(bin);
  chmodSync(join(folder, 'node_modules/prisma/cli.js'), 0o755);
  return join(bin, 'prisma');
}

describeEachEngine(
  (server) => {
    test('04-prisma-upgrade.yaml keeps the application out, commits what is good, takes back what is bad', async () => {
      const { name, url, dump } = await guardedShop(server);
      const user = freshDatabase('app');
      await runStatements(server.url, [
        `CREATE USER '${user}'@'%' IDENTIFIED BY 'secret-of-app'`,
        `GRANT ALL ON ${name}.* TO '${user}'@'%'`,
      ]);
      onTestFinished(() => runStatements(server.url, [`DROP USER '${user}'@'%'`]));
      const before = await dump();
      const app = new URL(url);
      app.username = user;
      app.password = 'secret-of-app';
      const env = { DATABASE_URL: url, APP_URL: app.href };
      const words = ['run', 'plans/04-prisma-upgrade.yaml', '--var', `app=${user}`];
      const upgrade = async (sql: string) => {
        const folder = workFolder(project(sql));
        symlinkSync('../prisma/cli.js', binOf(folder));
        const { code, stderr } = await snapback(words, folder, env);
        const login = readFileSync(join(folder, 'app-login.txt'), 'utf8');
        return { code, login, ...(code === 0 || code === 4 ? {} : { stderr }) };
      };

      const bad = await upgrade('ALTER TABLE orders ADD COLUMN currency CHAR(3); DELETE FROM orders WHERE id > 90;');
      const afterBad = await dump();
      const good = await upgrade("ALTER TABLE orders ADD COLUMN currency CHAR(3) NOT NULL DEFAULT 'EUR';");
      const client = await openClient(app.href);
      const [row] = await client.query("SELECT COUNT(*) AS n FROM orders WHERE currency = 'EUR'");
      await client.close();

      expect({ bad, afterBad, good, seen: row }).toEqual({
        bad: { code: 4, login: 'kept out' },
        afterBad: before,
        good: { code: 0, login: 'kept out' },
        seen: { n: '100' },
      });
    });
  },
  { engines: ['mysql', 'mariadb'] },
);
