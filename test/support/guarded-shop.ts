// A small database and a login of its own, for jobs that change it.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hundredRows } from './hundred-rows.ts';
import { logicalDump, ownHome, type TestServer } from './servers.ts';

const MYSQL2 = pathToFileURL(join(import.meta.dirname, '../../node_modules/mysql2/promise.js')).href;

/** `change.mjs`: runs its words as statements. */
export const PROGRAM = `import mysql from '${MYSQL2}';
const client = await mysql.createConnection(process.env.DATABASE_URL);
for (const sql of process.argv.slice(2)) await client.query(sql);
process.exit(); // On MatrixOne the goodbye of end() may go unanswered.
`;

/** A command that changes the shop and loses nothing. */
export const GOOD = [
  'node change.mjs',
  '"ALTER TABLE orders ADD COLUMN currency CHAR(3)"',
  `"UPDATE orders SET currency = 'EUR'"`,
].join(' ');

export interface GuardedShop {
  readonly name: string;
  readonly url: string;
  /** What `dump` gave before anybody did anything. */
  readonly before: string;
  readonly dump: () => Promise<string>;
}

/** Whoever ends a program ends the sessions of its login. */
export async function guardedShop(server: TestServer): Promise<GuardedShop> {
  const home = await ownHome(server);
  const { name, url } = await hundredRows(home);
  const dump = (): Promise<string> => logicalDump(home.url, [name]);
  return { name, url, before: await dump(), dump };
}
