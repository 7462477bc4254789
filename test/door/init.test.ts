// `snapback init` on a live database: the plan that it writes is valid, and runs.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { guardedShop, PROGRAM } from '../support/guarded-shop.ts';
import { hundredRows } from '../support/hundred-rows.ts';
import { describeEachEngine, logicalDump } from '../support/servers.ts';

const MIGRATION = '-- migrate:up\nALTER TABLE orders ADD COLUMN currency CHAR(3);\n-- migrate:down\nSELECT 1;\n';

describeEachEngine((server) => {
  test('init writes a plan for the migrator whose files are here, which is valid and changes nothing', async () => {
    const { name, url } = await hundredRows(server);
    const folder = workFolder({ 'db/migrations/20260101_currency.sql': MIGRATION });
    const before = await logicalDump(server.url, [name]);
    const env = { DATABASE_URL: url };

    const init = await snapback(['init', '--yes'], folder, env);
    const validate = await snapback(['validate', 'plan.yaml'], folder, env);

    expect({ init: init.code, validate: validate.code, said: validate.stderr }).toEqual({
      init: 0,
      validate: 0,
      said: 'plan.yaml is valid\n',
    });
    const [, , , , schemaLine = '', ...lines] = readFileSync(join(folder, 'plan.yaml'), 'utf8').split('\n');
    const [, path = ''] = /^# yaml-language-server: \$schema=(.+)$/.exec(schemaLine) ?? [];
    expect(existsSync(join(path.startsWith('/') ? '' : folder, path))).toEqual(true);
    expect(lines.join('\n')).toEqual(`version: 1
name: upgrade
target:
  url: \${env:DATABASE_URL}
guards:
  writers: warn
steps:
  - id: before
    snapshot:
      databases: [${name}]
  - id: migrate
    run: [dbmate, --no-dump-schema, up]
    timeout: 30m
  - id: check
    verify:
      rows:
        ${name}.*: same
        ${name}.schema_migrations:
          min: 0
`);
    expect(init.stderr).toContain(`plan.yaml is written. It protects ${name} (2 tables, about `);
    expect(init.stderr).toContain(
      'It runs: dbmate --no-dump-schema up (db/migrations/20260101_currency.sql was found).',
    );
    expect(await logicalDump(server.url, [name])).toEqual(before);
  });

  test('a plan that init writes runs: a command that loses a row goes back', async () => {
    const { url, before, dump } = await guardedShop(server);
    const folder = workFolder({ 'change.mjs': PROGRAM, 'plans/keep.txt': '' });
    const command = "node change.mjs 'DELETE FROM orders WHERE id = 7'";
    const flags = ['--yes', '--command', command, '--name', 'loses-one'];
    const init = await snapback(['init', 'plans/loses.yaml', ...flags], folder, { DATABASE_URL: url });
    const run = await snapback(['run', 'plans/loses.yaml'], folder, { DATABASE_URL: url });
    expect({ init: init.code, run: run.code, dump: await dump() }).toEqual({ init: 0, run: 4, dump: before });
    expect(run.stderr).toContain('expected the same 100 rows, found 99');
  });

  test('init replaces no file unasked, names no database for you, and prints where that is wanted', async () => {
    const { name, url } = await hundredRows(server);
    const folder = workFolder({ 'plan.yaml': 'mine' });
    const ends = [
      await snapback(['init', '--yes'], folder, { DATABASE_URL: url }),
      await snapback(['init', 'other.yaml', '--yes', '--databases', 'nobody_of_that_name'], folder, {
        DATABASE_URL: url,
      }),
      await snapback(['init', '--yes', '--print'], folder, { DATABASE_URL: url }),
    ];
    expect({
      codes: ends.map(({ code }) => code),
      plan: readFileSync(join(folder, 'plan.yaml'), 'utf8'),
      isOtherThere: existsSync(join(folder, 'other.yaml')),
      printed: ends[2]?.stdout.includes(`databases: [${name}]`),
    }).toEqual({ codes: [2, 9, 0], plan: 'mine', isOtherThere: false, printed: true });
    expect(ends[0]?.stderr).toContain('plan.yaml is there already');
    expect(ends[2]?.stderr).toContain('No migration was found here');
  });
});
