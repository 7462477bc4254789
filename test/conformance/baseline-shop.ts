// A small shop to take baselines of, and what every engine promises of it.

import { expect, onTestFinished } from 'vitest';
import { baseline } from '../../src/testing/index.ts';
import { createDatabase, logicalDump, openClient, type TestServer } from '../support/servers.ts';

export async function openShop(server: TestServer, statements: readonly string[], prefix = 'shop_test') {
  const created = await createDatabase(server, prefix);
  const client = await openClient(created.url);
  onTestFinished(() => client.close());
  for (const statement of statements) await client.query(statement);
  const query = async (sql: string): Promise<readonly unknown[]> =>
    (await client.query(sql)).map((row) => Object.values(row));
  return { ...created, query, dump: () => logicalDump(server.url, [created.name]) };
}

type Shop = Awaited<ReturnType<typeof openShop>>;

/** A transaction that the test has left open is told, and the reset does nothing; `seed` makes Ada and Grace. */
export async function expectOpenTransactionTold({ name, url, query }: Shop, seed: string): Promise<void> {
  const data = await baseline({ url, seed });
  await query('BEGIN');
  await query("UPDATE customers SET name = 'nobody'");
  await expect(data.reset()).rejects.toThrow(`a transaction that wrote is still open on ${name}: connection`);
  await query('COMMIT');
  expect((await data.reset()).kind).toBe('rows');
  expect(await query('SELECT name FROM customers ORDER BY id')).toEqual([['Ada'], ['Grace']]);
  await data.close();
}
