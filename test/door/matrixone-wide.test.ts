// Snapshots of the whole cluster, and of another account, by command: on a server of the file's own, because they undo
// whatever anybody else does there.

import { beforeEach, expect, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { ownMatrixone } from '../support/own-matrixone.ts';
import { describeEachEngine, type TestServer } from '../support/servers.ts';

function wide({ label }: TestServer): void {
  const server = ownMatrixone();
  const tenant = (): string => server.url('acc1:admin');

  beforeEach(async () => {
    await server.run([
      'DROP DATABASE IF EXISTS shop',
      'CREATE DATABASE shop',
      'CREATE TABLE shop.t (a INT)',
      'INSERT INTO shop.t VALUES (1)',
      'DROP ACCOUNT IF EXISTS acc1',
      "CREATE ACCOUNT acc1 ADMIN_NAME 'admin' IDENTIFIED BY '111'",
    ]);
    await server.run(
      [
        'CREATE DATABASE d',
        'CREATE TABLE d.t (a INT)',
        'INSERT INTO d.t VALUES (2)',
        'CREATE ROLE reader',
        'GRANT SELECT ON TABLE d.t TO reader',
      ],
      tenant(),
    );
  });

  const typed = async (command: string, ...words: readonly string[]) =>
    snapback(['snapshot', command, ...server.login(), ...words], workFolder());

  test('a cluster comes back with all of its accounts, and the end says what sys could not show', async () => {
    const taken = await typed('create', '--level', 'cluster', '--sname', 'everything');
    const shown = await typed('show', '--cluster', 'sys', '--json');
    await server.run(['DELETE FROM shop.t']);
    await server.run(['DELETE FROM d.t', 'CREATE TABLE d.later (a INT)'], tenant());
    const unasked = await typed('restore', '--sname', 'everything');
    const part = await typed('restore', '--sname', 'everything', '--db', 'shop', '--yes');
    const afterRefusal = await server.column('SELECT sname FROM mo_catalog.mo_snapshots');
    const restored = await typed('restore', '--sname', 'everything', '--yes');
    expect({
      codes: [taken.code, unasked.code, part.code, restored.code],
      shown: (JSON.parse(shown.stdout) as { level: string }).level,
      preview: ['table shop.t has other rows', 'table acc1:d.later is newer'].filter((one) =>
        unasked.stderr.includes(one),
      ),
      isHalfPossible: unasked.stderr.includes('a RESTORE CLUSTER that fails half-way is not taken back'),
      part: part.stderr.includes('only the whole cluster comes back from it'),
      afterRefusal,
      told: restored.stderr.includes('not shown: the rows of acc1'),
      end: restored.stderr.trimEnd().split('\n').at(-1),
      sys: await server.column('SELECT a FROM shop.t'),
      tenant: [await server.column('SELECT a FROM d.t', tenant()), await server.column('SHOW TABLES FROM d', tenant())],
    }).toEqual({
      codes: [0, 2, 4, 0],
      shown: 'cluster',
      preview: ['table shop.t has other rows', 'table acc1:d.later is newer'],
      isHalfPossible: label.includes(' 3.'),
      part: true,
      afterRefusal: ['everything'],
      told: true,
      end: 'Restored. Account sys is proven equal to the snapshot; of other accounts only which objects they have.',
      sys: ['1'],
      tenant: [['2'], ['t']],
    });
    await typed('drop', '--sname', 'everything', '--yes');
  });

  test('sys takes, shows, restores and drops a snapshot of another account, and never into one not named', async () => {
    const account = ['--account', 'acc1'];
    const taken = await typed('create', '--level', 'account', '--sname', 'of_acc1', ...account);
    await server.run(['DELETE FROM d.t'], tenant());
    const shown = await typed('show', ...account, '--json');
    const wrong = await typed('restore', '--sname', 'of_acc1', '--account', 'sys', '--yes');
    const restored = await typed('restore', '--sname', 'of_acc1', ...account, '--yes');
    const rows = await server.column('SELECT a FROM d.t', tenant());
    const dropped = await typed('drop', '--sname', 'of_acc1', '--yes');
    expect({
      codes: [taken, wrong, restored, dropped].map(({ code }) => code),
      shown: (JSON.parse(shown.stdout) as { name: string }).name,
      isRightTold: restored.stderr.includes('lost, to be granted again by a login of the account'),
      rows,
    }).toEqual({ codes: [0, 4, 0, 0], shown: 'of_acc1', isRightTold: true, rows: ['2'] });
  });

  test('levels database and table: taken, shown with their names, restored and dropped', async () => {
    const database = ['--level', 'database', '--db', 'shop', '--sname', 'of_db'];
    const table = ['--level', 'table', '--db', 'shop', '--table', 't', '--sname', 'of_table'];
    const taken = [await typed('create', ...database), await typed('create', ...table)];
    await server.run(['INSERT INTO shop.t VALUES (7)', 'CREATE TABLE shop.later (a INT)']);
    const shown = (await typed('show', '--db', 'shop')).stdout
      .split('\n')
      .map((line) => line.split('\t').toSpliced(1, 1));
    const one = await typed(
      'restore',
      '--account',
      'sys',
      '--db',
      'shop',
      '--table',
      't',
      '--sname',
      'of_table',
      '--yes',
    );
    const between = [await server.column('SELECT a FROM shop.t'), await server.column('SHOW TABLES FROM shop')];
    const all = await typed('restore', '--account', 'sys', '--db', 'shop', '--sname', 'of_db', '--yes');
    expect({
      codes: [...taken, one, all].map(({ code }) => code),
      shown,
      between,
      after: await server.column('SHOW TABLES FROM shop'),
    }).toEqual({
      codes: [0, 0, 0, 0],
      shown: [
        ['SNAPSHOT NAME', 'SNAPSHOT LEVEL', 'ACCOUNT NAME', 'DATABASE NAME', 'TABLE NAME'],
        ['of_db', 'database', 'sys', 'shop', ''],
        ['of_table', 'table', 'sys', 'shop', 't'],
        [''],
      ],
      between: [['1'], ['later', 't']],
      after: ['t'],
    });
    for (const name of ['of_db', 'of_table']) await typed('drop', '--sname', name, '--yes');
  });
}

describeEachEngine(wide, { engines: ['matrixone'], origins: ['binary'] });
