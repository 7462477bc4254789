// What a replica of the server is told by a run that goes back: all that it needs, and no copies.

import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../src/servers/index.ts';
import { snapback, workFolder } from '../support/cli.ts';
import { databaseUrl, describeEachEngine, logicalDump, openClient, runStatements } from '../support/servers.ts';

const PLAN = {
  'plan.yaml': `version: 1
name: replicated
target: { url: "\${env:DATABASE_URL}" }
steps:
  - id: before
    snapshot: { keep: always }
  - id: change
    sql:
      transaction: no
      text: |
        UPDATE few SET note = 'changed' WHERE id % 1000 = 7;
        DELETE FROM few WHERE id % 1000 = 8;
        INSERT INTO few (note) VALUES ('added');
        UPDATE most SET note = 'changed';
        ALTER TABLE altered ADD COLUMN more INT;
        DROP TABLE gone;
  - id: check
    verify: { queries: [{ name: none, sql: "SELECT id FROM most", expect: none }] }
`,
};

describeEachEngine(
  ({ engine }) => {
    test('a replica holds what its source holds after a rollback, and none of the rows that were copied', async () => {
      const [source, replica] = await Promise.all([0, 1].map(() => startServer({ engine, env: process.env })));
      if (source === undefined || replica === undefined) throw new Error('two servers were started');
      onTestFinished(() => source.stop());
      onTestFinished(() => replica.stop());
      const told = await openClient(source.url);
      onTestFinished(() => told.close());
      const follower = await openClient(replica.url);
      onTestFinished(() => follower.close());
      const login = new URL(source.url);
      await told.query("CREATE USER 'replica'@'%' IDENTIFIED BY 'secret'");
      await told.query("GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%'");
      const endOfLog = async () => {
        const [place] = await told.query(
          "SELECT local->>'$.binary_log_file' AS file, local->>'$.binary_log_position' AS position" +
            ' FROM performance_schema.log_status',
        );
        return { file: place?.['file'] ?? '', position: place?.['position'] ?? '' };
      };
      const begin = await endOfLog();
      await follower.query('SET GLOBAL server_id = 2');
      await follower.query(
        `CHANGE REPLICATION SOURCE TO SOURCE_HOST='${login.hostname}', SOURCE_PORT=${login.port}, SOURCE_USER='replica',
           SOURCE_PASSWORD='secret', GET_SOURCE_PUBLIC_KEY=1, SOURCE_LOG_FILE='${begin.file}',
           SOURCE_LOG_POS=${begin.position}`,
      );
      await follower.query('START REPLICA');
      await runStatements(source.url, [
        'CREATE DATABASE shop',
        'USE shop',
        'CREATE TABLE digits (n INT PRIMARY KEY)',
        'INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)',
        ...['few', 'most', 'altered', 'gone'].flatMap((table) => [
          `CREATE TABLE ${table} (id INT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(20), KEY (note))`,
          `INSERT INTO ${table} (note) SELECT CONCAT('note ', a.n, b.n, c.n, d.n)
             FROM digits a, digits b, digits c, digits d`,
        ]),
      ]);
      const before = await logicalDump(source.url, ['shop']);

      const { code } = await snapback(['run', 'plan.yaml'], workFolder(PLAN), {
        DATABASE_URL: databaseUrl(source.url, 'shop'),
      });
      const goOn = async (): Promise<boolean> => {
        const end = await endOfLog();
        const [waited] = await follower.query(
          `SELECT SOURCE_POS_WAIT('${end.file}', ${end.position}, 60) >= 0 AS isThere`,
        );
        return waited?.['isThere'] === '1';
      };
      const follows = await goOn();
      const isBefore = [
        (await logicalDump(source.url, ['shop'])) === before,
        (await logicalDump(replica.url, ['shop'])) === before,
      ];
      const copied = await follower.query(
        "SELECT table_name FROM information_schema.tables WHERE table_schema LIKE 'sb\\_%'",
      );
      const [held] = await told.query('SELECT name FROM snapback.snapshots');
      const drop = ['snapshot', 'drop', '--sname', held?.['name'] ?? '', '--yes'];
      const dropped = await snapback(drop, workFolder({}), { DATABASE_URL: databaseUrl(source.url, 'shop') });

      expect({ code, follows, isBefore, copied, dropped: dropped.code, followsOn: await goOn() }).toEqual({
        code: 4,
        follows: true,
        isBefore: [true, true],
        copied: [],
        dropped: 0,
        followsOn: true,
      });
    }, 120_000);
  },
  { engines: ['mysql'], origins: ['binary'] },
);
