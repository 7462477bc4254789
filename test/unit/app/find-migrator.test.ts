import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findMigrator } from '../../../src/app/find-migrator.ts';

const PLACE = { host: 'db1', port: 3306, user: 'app', database: 'shop' };

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'snapback-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const UP = '-- migrate:up\nCREATE TABLE t (id INT);\n-- migrate:down\nDROP TABLE t;\n';

test.each([
  [
    'Prisma',
    { 'prisma/schema.prisma': '', 'prisma/migrations/20260101_init/migration.sql': '' },
    ['npx', 'prisma', 'migrate', 'deploy'],
    ['_prisma_migrations'],
  ],
  ['Drizzle', { 'drizzle.config.ts': '' }, ['npx', 'drizzle-kit', 'migrate'], ['__drizzle_migrations']],
  [
    'Rails',
    { 'db/migrate/20260101000000_add_currency.rb': '', 'config/application.rb': '' },
    ['bin/rails', 'db:migrate'],
    ['schema_migrations', 'ar_internal_metadata'],
  ],
  [
    'Liquibase, its changelog named by the properties,',
    { 'liquibase.properties': 'changelogFile: my.xml\n' },
    ['liquibase', 'update'],
    ['DATABASECHANGELOG*'],
  ],
  [
    'Liquibase without properties',
    { 'src/main/resources/db/changelog/db.changelog-master.yaml': '' },
    ['liquibase', '--changelog-file=src/main/resources/db/changelog/db.changelog-master.yaml', 'update'],
    ['DATABASECHANGELOG*'],
  ],
  ['Flyway with a configuration', { 'flyway.toml': '' }, ['flyway', 'migrate'], ['flyway_schema_history']],
  [
    'Flyway without one',
    { 'src/main/resources/db/migration/V1__init.sql': '' },
    ['flyway', '-locations=filesystem:src/main/resources/db/migration', 'migrate'],
    ['flyway_schema_history'],
  ],
  ['dbmate', { 'db/migrations/20260101_init.sql': UP }, ['dbmate', '--no-dump-schema', 'up'], ['schema_migrations']],
  [
    'dbmate among the dependencies',
    { 'migrations/1_init.sql': UP, 'node_modules/.bin/dbmate': '' },
    ['npx', 'dbmate', '--migrations-dir', 'migrations', '--no-dump-schema', 'up'],
    ['schema_migrations'],
  ],
  [
    'golang-migrate',
    { 'db/migrations/000001_init.up.sql': 'CREATE TABLE t (id INT);\n', 'db/migrations/000001_init.down.sql': '' },
    `migrate -path db/migrations -database "$(printf %s "$DATABASE_URL" | sed -E 's#@([^/]+)/#@tcp(\\1)/#')" up`,
    ['schema_migrations'],
  ],
  ['knex', { 'knexfile.js': '' }, ['npx', 'knex', 'migrate:latest'], ['knex_migrations*']],
])('a folder of %s is known by its files', async (_name, files, command, books) => {
  const found = await findMigrator(folderWith(files), PLACE);
  expect({ command: found?.command, books: found?.books }).toEqual({ command, books });
});

test('Flyway and Liquibase are told the address in their own words, the password by its variable', async () => {
  const flyway = await findMigrator(folderWith({ 'flyway.conf': '' }), PLACE);
  const liquibase = await findMigrator(folderWith({ 'liquibase.properties': '' }), PLACE);
  expect([flyway?.env, liquibase?.env]).toEqual([
    {
      FLYWAY_URL: 'jdbc:mysql://db1:3306/shop',
      FLYWAY_USER: 'app',
      FLYWAY_PASSWORD: '${env:FLYWAY_PASSWORD:-}',
    },
    {
      LIQUIBASE_COMMAND_URL: 'jdbc:mysql://db1:3306/shop',
      LIQUIBASE_COMMAND_USERNAME: 'app',
      LIQUIBASE_COMMAND_PASSWORD: '${env:LIQUIBASE_COMMAND_PASSWORD:-}',
    },
  ]);
});

test.each([
  ['nothing', {}],
  ['SQL files of nobody in particular', { 'sql/report.sql': 'SELECT 1', 'migrations/1_init.sql': 'SELECT 1' }],
])('a folder with %s belongs to no migrator', async (_name, files) => {
  expect(await findMigrator(folderWith(files), PLACE)).toEqual(undefined);
});
