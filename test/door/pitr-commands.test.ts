import { expect, onTestFinished, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { createDatabase, describeEachEngine, freshDatabase, openClient, runStatements } from '../support/servers.ts';
import type { TestServer } from '../support/servers.ts';

async function cellOf(url: string, sql: string): Promise<string | null | undefined> {
  const client = await openClient(url);
  try {
    return Object.values((await client.query(sql))[0] ?? {})[0];
  } finally {
    await client.close();
  }
}

const second = (time: string): string => time.slice(0, 19);

/** A second that has begun after `work` and is over: the server goes back to whole seconds, and not to the future. */
async function secondAfter(url: string): Promise<string> {
  const now = async (): Promise<string> => second((await cellOf(url, 'SELECT CAST(UTC_TIMESTAMP() AS CHAR)')) ?? '');
  const before = await now();
  let wanted = before;
  while (wanted === before) wanted = await now();
  let later = wanted;
  while (later === wanted) later = await now();
  return wanted;
}

/** A database with 100 rows in `t`, and its PITR. */
async function kept(server: TestServer) {
  const { name, url } = await createDatabase(server, 'kept');
  const pitr = freshDatabase('p');
  onTestFinished(() => runStatements(server.url, [`DROP PITR IF EXISTS ${pitr}`]));
  const rows = Array.from({ length: 100 }, (_, n) => `(${n + 1})`).join(', ');
  await runStatements(url, ['CREATE TABLE t (a INT PRIMARY KEY)', `INSERT INTO t VALUES ${rows}`]);
  const [folder, env] = [workFolder(), { DATABASE_URL: server.url }];
  const run = (...words: readonly string[]) => snapback(['pitr', ...words], folder, env);
  const level = ['--level', 'database', '--database', name, '--rangevalue', '1', '--rangeunit', 'h'];
  const created = await run('create', '--pname', pitr, ...level);
  return { name, url, pitr, run, created };
}

describeEachEngine(
  (server) => {
    test('a PITR is made, shown in UTC, made longer, and dropped when that is confirmed', async () => {
      const { name, pitr, run, created } = await kept(server);
      const altered = await run('alter', '--pname', pitr, '--rangevalue', '2');
      const shortened = await run('alter', '--pname', pitr, '--rangevalue', '1', '--rangeunit', 'h');
      const shown = await run('show', '--database', name, '--json');
      const { created_at, modified_at, ...rest } = JSON.parse(shown.stdout) as Record<string, string>;
      const table = await run('show', '--pname', pitr);
      const unasked = await run('drop', '--pname', pitr);
      const dropped = await run('drop', '--pname', pitr, '--yes');
      const gone = await run('drop', '--pname', pitr, '--yes');
      const ageMs = Date.now() - Date.parse(created_at ?? '');
      expect({
        codes: [created, altered, shortened, unasked, dropped, gone].map(({ code }) => code),
        rest,
        isUtc: ageMs > -60_000 && ageMs < 600_000 && modified_at?.endsWith('Z') === true,
        header: table.stdout
          .split('\n')[0]
          ?.split('\t')
          .slice(0, 4)
          .map((cell) => cell.trim()),
        said: table.stderr,
      }).toEqual({
        codes: [0, 0, 2, 2, 0, 5],
        rest: {
          name: pitr,
          level: 'database',
          account: 'sys',
          database: name,
          table: '',
          range_value: 2,
          range_unit: 'd',
        },
        isUtc: true,
        header: ['PITR NAME', 'CREATED TIME', 'MODIFIED TIME', 'PITR LEVEL'],
        said: 'Times are in UTC.\n',
      });
    });

    test('a database goes back to a second, previewed before and compared after', async () => {
      const { name, url, pitr, run } = await kept(server);
      const time = await secondAfter(url);
      await runStatements(url, ['DELETE FROM t WHERE a <= 50', 'CREATE TABLE later (a INT)']);
      const words = ['restore', '--pname', pitr, '--database', name, '--timestamp', time];
      const unasked = await run(...words);
      const restored = await run(...words, '--yes');
      expect({
        codes: [unasked.code, restored.code],
        preview: [`table ${name}.t has other rows`, `table ${name}.later is newer`].map((text) =>
          unasked.stderr.includes(text),
        ),
        proven: restored.stderr.includes('were compared with that moment and are equal'),
        rows: await cellOf(url, 'SELECT COUNT(*) FROM t'),
        later: await cellOf(
          url,
          'SELECT COUNT(*) FROM information_schema.tables WHERE table_name = "later" AND table_schema = DATABASE()',
        ),
      }).toEqual({ codes: [2, 0], preview: [true, true], proven: true, rows: '100', later: '0' });
    });

    test('one table goes back and nothing else does', async () => {
      const { name, url, pitr, run } = await kept(server);
      await runStatements(url, ['CREATE TABLE u (a INT)', 'INSERT INTO u VALUES (1)']);
      const time = await secondAfter(url);
      await runStatements(url, ['DELETE FROM t', 'DELETE FROM u']);
      const restored = await run(
        'restore',
        '--pname',
        pitr,
        '--database',
        name,
        '--table',
        't',
        '--timestamp',
        time,
        '--yes',
      );
      expect([
        restored.code,
        await cellOf(url, 'SELECT COUNT(*) FROM t'),
        await cellOf(url, 'SELECT COUNT(*) FROM u'),
      ]).toEqual([0, '100', '0']);
    });

    test('what the server would not do, and a moment that it does not keep, are refused', async () => {
      const { name, url, pitr, run } = await kept(server);
      const child = await createDatabase(server, 'child');
      const points = `CREATE TABLE ${child.name}.c (a INT, CONSTRAINT k FOREIGN KEY (a) REFERENCES ${name}.t (a))`;
      await runStatements(url, [points]);
      const time = await secondAfter(url);
      const words = ['restore', '--pname', pitr, '--database', name];
      const parent = await run(...words, '--timestamp', time, '--yes');
      await runStatements(url, [`DROP TABLE ${child.name}.c`]);
      const old = await run(...words, '--timestamp', '2020-01-01 00:00:00', '--yes');
      const named = await run(...words, '--timestamp', 'yesterday', '--yes');
      const into = await run(...words, '--timestamp', time, '--new_account', 'acc2', '--yes');
      expect({
        codes: [parent.code, old.code, named.code, into.code],
        outside: parent.stderr.includes('from outside'),
        flag: into.stderr.includes('--new_account'),
        rows: await cellOf(url, 'SELECT COUNT(*) FROM t'),
      }).toEqual({ codes: [4, 4, 2, 4], outside: true, flag: true, rows: '100' });
    });
  },
  { engines: ['matrixone'] },
);

describeEachEngine(
  (server) => {
    test('a server without a past of its own is refused by name', async () => {
      const shown = await snapback(['pitr', 'show'], workFolder(), { DATABASE_URL: server.url });
      expect([shown.code, shown.stderr.includes(server.label.split('.')[0] ?? '')]).toEqual([13, true]);
    });
  },
  { engines: ['mariadb', 'mysql'] },
);
