// What changes a database and shows in none of the times that a server keeps. All tables are older than the change by
// more than a second: within the second of a look everything is looked at.

import { expect, onTestFinished, test } from 'vitest';
import { baseline } from '../../src/testing/index.ts';
import { createDatabase, databaseUrl, describeEachEngine, logicalDump, openClient } from '../support/servers.ts';

const SCHEMA = [
  'CREATE TABLE third (id INT PRIMARY KEY)',
  'CREATE TABLE plain (id INT AUTO_INCREMENT PRIMARY KEY, word VARCHAR(20))',
  'CREATE TABLE other (id INT AUTO_INCREMENT PRIMARY KEY, word VARCHAR(20))',
  'CREATE TABLE old (id INT PRIMARY KEY, word VARCHAR(20)) ENGINE=MyISAM',
  'CREATE TABLE older (id INT PRIMARY KEY, word VARCHAR(20)) ENGINE=MyISAM',
  ...['plain', 'other', 'old', 'older'].map((table) => `INSERT INTO ${table} VALUES (1, 'of ${table}'), (2, 'same')`),
];
const MARIADB_SCHEMA = [
  "CREATE TABLE late (id INT PRIMARY KEY, word VARCHAR(20)) ENGINE=Aria SELECT 1 AS id, 'a' AS word",
  'CREATE SEQUENCE numbers',
];

interface Change {
  readonly what: string;
  readonly statements: readonly string[];
  readonly on?: 'mariadb' | 'mysql';
}

const CHANGES: readonly Change[] = [
  { what: 'names swapped by RENAME TABLE', statements: ['RENAME TABLE plain TO x, other TO plain, x TO other'] },
  {
    what: 'names swapped by ALTER TABLE',
    statements: ['ALTER TABLE plain RENAME x', 'ALTER TABLE other RENAME plain', 'ALTER TABLE x RENAME other'],
  },
  { what: 'names of MyISAM tables swapped', statements: ['RENAME TABLE old TO x, older TO old, x TO older'] },
  { what: 'a comment on a MyISAM table', statements: ["ALTER TABLE old COMMENT = 'changed'"] },
  { what: 'a column of a MyISAM table renamed', statements: ['ALTER TABLE old RENAME COLUMN word TO words'] },
  { what: 'a row of an Aria table', statements: ["UPDATE late SET word = 'b'"], on: 'mariadb' },
  { what: 'a sequence renamed as if it were a table', statements: ['ALTER TABLE numbers RENAME n2'], on: 'mariadb' },
  {
    what: 'a sequence commented as if it were a table',
    statements: ["ALTER TABLE numbers COMMENT='x'"],
    on: 'mariadb',
  },
];

describeEachEngine(
  (server) => {
    const changes = CHANGES.filter(({ on }) => on === undefined || on === server.engine);

    test.each(changes)('a reset undoes $what', async ({ statements }) => {
      const { name, url } = await createDatabase(server, 'times_test');
      const client = await openClient(url);
      onTestFinished(() => client.close());
      const schema = server.engine === 'mariadb' ? [...SCHEMA, ...MARIADB_SCHEMA] : SCHEMA;
      for (const statement of schema) await client.query(statement);
      const data = await baseline({ url });
      const before = await logicalDump(server.url, [name]);
      // The first reset looks at what is as young as the baseline; the second knows everything by its time.
      for (let round = 0; round < 2; round += 1) {
        await client.query('DO SLEEP(1.2)');
        await client.query('INSERT INTO third VALUES (7)');
        await data.reset();
      }
      await client.query('DO SLEEP(1.2)');
      for (const statement of statements) await client.query(statement);
      await data.reset();
      expect(await logicalDump(server.url, [name])).toBe(before);
      await data.close();
    });

    test('what a transaction wrote that the login may not see is put back once it is committed', async () => {
      const { name, url } = await createDatabase(server, 'lowly_test');
      const root = await openClient(server.url);
      const user = `lowly_${name.slice(-8)}`;
      const account = `'${user}'@'${server.origin === 'binary' ? 'localhost' : '%'}'`;
      await root.query(`CREATE USER ${account} IDENTIFIED BY 'secret'`);
      onTestFinished(async () => {
        await root.query(`DROP USER ${account}`);
        await root.close();
      });
      for (const place of [name, 'snapback', 'snapback\\_base\\_%', 'sb\\_%']) {
        await root.query(`GRANT ALL ON \`${place}\`.* TO ${account}`);
      }
      const login = new URL(databaseUrl(server.url, name));
      login.username = user;
      login.password = 'secret';
      const client = await openClient(url);
      onTestFinished(() => client.close());
      await client.query('CREATE TABLE plain (id INT PRIMARY KEY)');
      await client.query('INSERT INTO plain VALUES (1)');
      const data = await baseline({ url: login.href });
      await client.query('DO SLEEP(1.2)');
      await client.query('BEGIN');
      await client.query('INSERT INTO plain VALUES (2)');
      await client.query('DO SLEEP(1.2)');
      // Not seen, or met as a lock: which of them is the server's business.
      await data.reset().catch(() => undefined);
      await client.query('COMMIT');
      await data.reset();
      expect(await client.query('SELECT id FROM plain')).toEqual([{ id: '1' }]);
      await data.close();
    });
  },
  { engines: ['mariadb', 'mysql'] },
);
