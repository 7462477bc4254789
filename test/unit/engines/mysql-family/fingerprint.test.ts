import { expect, test } from 'vitest';
import type { Session } from '../../../../src/engines/index.ts';
import { fingerprintSql, readContent } from '../../../../src/engines/mysql-family/fingerprint.ts';

const columns = [
  { name: 'id', type: 'int' },
  { name: 'na`me', type: 'varchar' },
];
const table = { database: 'shop', table: 'orders' };

function answering(count: string, sum: string): Session {
  return {
    identity: { connectionId: '1', serverStartedAt: '', user: '' },
    query: () => Promise.resolve({ columns: [], rows: [[count, sum]], rowsAffected: 0 }),
    close: () => Promise.resolve(),
    isOpen: true,
  };
}

test('every column has a token that keeps NULL and lengths apart', () => {
  expect(fingerprintSql(table, columns, true)).toEqual(
    "SELECT COUNT(*), CAST(IFNULL(SUM(IFNULL(CAST(CONV(LEFT(SHA2(CONCAT_WS(','," +
      "IFNULL(`id`,'N'),IFNULL(CONCAT(OCTET_LENGTH(`na``me`),':',CAST(`na``me` AS BINARY)),'N')" +
      '),256),16),16,10) AS UNSIGNED),CAST(1e40 AS DECIMAL(65)))),0) AS CHAR) FROM `shop`.`orders` FOR SYSTEM_TIME ALL',
  );
});

test('the version of the expression stands in front of the value', async () => {
  const { signal } = new AbortController();
  expect(await readContent(answering('2', '17'), table, columns, false, signal)).toEqual({
    rowCount: 2,
    fingerprint: '1:17',
  });
});

test('a row that the server could not put together is not left out in silence', async () => {
  const { signal } = new AbortController();
  const tooWide = `1${'0'.repeat(40)}`;
  await expect(readContent(answering('2', tooWide), table, columns, false, signal)).rejects.toThrow(
    'a row of shop.orders is wider than max_allowed_packet',
  );
});
