import { expect, test } from 'vitest';
import type { QueryResult, Session } from '../../../../src/engines/index.ts';
import { readTableStates } from '../../../../src/engines/mysql-family/resetting/table-states.ts';

const never = new AbortController().signal;

/** A session of a server whose clock stands there. */
function sessionAt(now: string): Session {
  const query = async (): Promise<Partial<QueryResult>> => ({ rows: [['plain', 'InnoDB', '1', null, null, now]] });
  return { query } as unknown as Session;
}

// A table that is written now may get a time of the second before: its clock ticks some hundred times a second.
test.each([
  ['1000.000000', 999],
  ['1000.004000', 999],
  ['1000.500000', 1000],
  ['1000.999999', 1000],
])('at %s, a time is trusted from the second %s on', async (now, second) => {
  const states = await readTableStates(sessionAt(now), 'shop', undefined, never);
  expect(states.second).toEqual(second);
});
