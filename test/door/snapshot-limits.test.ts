import { expect, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { createDatabase, describeEachEngine, openClient, runStatements } from '../support/servers.ts';

describeEachEngine(
  (server) => {
    test('`snapshot create` takes the limits that a plan can set on a copy', async () => {
      const { name, url } = await createDatabase(server, 'limits');
      await runStatements(url, ['CREATE TABLE t (id INT PRIMARY KEY)', 'INSERT INTO t VALUES (1), (2)']);
      const [folder, env] = [workFolder(), { DATABASE_URL: url }];
      const create = (...words: readonly string[]) =>
        snapback(['snapshot', 'create', '--sname', `sp_${name}`, ...words], folder, env);
      const writer = await openClient(url);
      await writer.query('BEGIN');
      await writer.query('INSERT INTO t VALUES (3)');
      const stalled = await create('--max-stall', '1s');
      await writer.query('ROLLBACK');
      await writer.close();
      const big = await create('--max-copy', '1KiB');
      const brief = await create('--lock', 'brief', '--max-stall', '1m');
      const unknown = await create('--lock', 'quick');
      await snapback(['snapshot', 'drop', '--sname', `sp_${name}`, '--yes'], folder, env);
      expect({
        codes: [stalled, big, brief, unknown].map(({ code }) => code),
        stalled: stalled.stderr.includes('for writers of'),
        big: big.stderr.includes('`max_copy` allows 1.0 KiB'),
      }).toEqual({ codes: [4, 4, 0, 2], stalled: true, big: true });
    });
  },
  { engines: ['mariadb', 'mysql'] },
);
