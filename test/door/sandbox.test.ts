import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CLI, snapback, workFolder } from '../support/cli.ts';
import { describeEachEngine, openClient } from '../support/servers.ts';

const MYSQL2 = pathToFileURL(join(import.meta.dirname, '../../node_modules/mysql2/promise.js')).href;

/** Prints what it finds in its database, and ends as it is told. */
const PROGRAM = `import mysql from '${MYSQL2}';
const client = await mysql.createConnection(process.env.DATABASE_URL);
const [rows] = await client.query('SELECT DATABASE() AS place, word FROM words');
console.log(JSON.stringify({ rows, url: process.env.DATABASE_URL }));
process.exit(Number(process.argv[2]));
`;

/** A delimiter of its own, as for the mysql client. */
const SEED = `CREATE TABLE words (word VARCHAR(20));
DELIMITER //
CREATE TRIGGER louder BEFORE INSERT ON words FOR EACH ROW BEGIN SET NEW.word = UPPER(NEW.word); END//
DELIMITER ;
INSERT INTO words VALUES ('hello');
`;

describeEachEngine(
  (server) => {
    test('a sandbox for a command: seeded, ended with it, its exit code passed on', async () => {
      const folder = workFolder({ 'look.mjs': PROGRAM, 'seed.sql': SEED });
      // A server that is named for tests is somebody's own.
      const env = { SNAPBACK_TEST_MARIADB_URL: server.url, SNAPBACK_TEST_MYSQL_URL: server.url };
      const words = ['sandbox', '--engine', server.engine, '--database', 'shop_test', '--seed', 'seed.sql'];
      const { code, stdout, stderr } = await snapback([...words, '--', 'node', 'look.mjs', '7'], folder, env);
      const { rows, url } = JSON.parse(stdout) as { rows: unknown; url: string };
      expect({ code, stderr, rows, isOther: new URL(url).port !== new URL(server.url).port }).toEqual({
        code: 7,
        stderr: '',
        rows: [{ place: 'shop_test', word: 'HELLO' }],
        isOther: true,
      });
      await expect(openClient(url)).rejects.toThrow('ECONNREFUSED');
    });

    test.each(['SIGINT', 'SIGTERM'] as const)('a sandbox stays until %s, and nothing is left of it', async (signal) => {
      const words = [CLI, 'sandbox', '--engine', server.engine];
      const child = spawn(process.execPath, words, { cwd: workFolder(), stdio: ['ignore', 'pipe', 'ignore'] });
      const ended = once(child, 'close');
      const lines: string[] = [];
      const output = createInterface({ input: child.stdout });
      output.on('line', (line) => lines.push(line));
      await once(output, 'line');
      const [url = ''] = lines;
      const client = await openClient(url);
      expect(await client.query('SELECT DATABASE() AS place')).toEqual([{ place: 'sandbox' }]);
      await client.close();
      child.kill(signal);
      expect({ end: await ended, lines }).toEqual({ end: [0, null], lines: [url] });
      await expect(openClient(url)).rejects.toThrow('ECONNREFUSED');
    });

    test.each([
      ['a seed that is not there', ['--seed', 'none.sql'], 'USAGE: the seed none.sql cannot be read'],
      ['a seed that does not run', ['--seed', 'bad.sql'], "Table 'sandbox.nothing' doesn't exist"],
      ['a command that is not there', ['--', './nothing'], 'USAGE: ./nothing could not be started'],
      ['an engine that is none', ['--engine', 'oracle'], 'USAGE: --engine oracle: it can be mariadb, mysql, matrixone'],
    ])('%s ends it with exit 2', async (_, words, says) => {
      const folder = workFolder({ 'bad.sql': 'INSERT INTO nothing VALUES (1);' });
      const { code, stdout, stderr } = await snapback(['sandbox', '--engine', server.engine, ...words], folder);
      expect({ code, stdout, isSaid: stderr.includes(says) || stderr }).toEqual({ code: 2, stdout: '', isSaid: true });
    });
  },
  { engines: ['mariadb', 'mysql'], origins: ['binary'] },
);
