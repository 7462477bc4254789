import { expect, test } from 'vitest';
import type { QueryResult } from '../../../../src/engines/index.ts';
import { isSameStart, readServerStart, START_UNKNOWN } from '../../../../src/engines/wire/server-start.ts';

/** A server whose answers are given one after the other. */
function answering(...cells: (string | null | undefined)[]) {
  const query = async (sql: string): Promise<QueryResult> => {
    const cell = cells.shift();
    const row = sql.startsWith('SHOW') ? ['Uptime', cell ?? null] : [cell ?? null];
    return { columns: [], rows: cell === undefined ? [] : [row], rowsAffected: 0 };
  };
  return { query };
}

test('the start is the clock less the uptime, to a second', async () => {
  expect(await readServerStart(answering('1700000100', '100', '1700000100'))).toEqual('2023-11-14T22:13:20Z');
});

test('a reading during which the clock has moved on is repeated', async () => {
  const session = answering('1700000100', '101', '1700000101', '1700000101', '101', '1700000101');
  expect(await readServerStart(session)).toEqual('2023-11-14T22:13:20Z');
});

test('a server that does not tell its uptime has an unknown start, equal to itself', async () => {
  expect(await readServerStart(answering('1700000100', undefined, '1700000100'))).toEqual(START_UNKNOWN);
  expect(isSameStart(START_UNKNOWN, START_UNKNOWN)).toEqual(true);
});

test('two readings may be seconds apart, two servers are not', () => {
  const start = '2023-11-14T22:13:20Z';
  expect(
    ['2023-11-14T22:13:20Z', '2023-11-14T22:13:22Z', '2023-11-14T22:13:23Z', '2023-11-14T22:13:18Z'].map((other) =>
      isSameStart(start, other),
    ),
  ).toEqual([true, true, false, true]);
});
