// Random databases, and their resets after random tests on them.

import fc from 'fast-check';
import { expect } from 'vitest';
import { baseline } from '../../src/testing/index.ts';
import { createDatabase, logicalDump, openClient, type TestServer } from '../support/servers.ts';
import {
  actsArbitrary,
  actStatements,
  createStatements,
  schemaArbitrary,
  type RandomAct,
  type RandomSchema,
} from './baseline-random.ts';

/** How many tests each random database sees. */
const CASES_PER_SCHEMA = 10;

/** After each of so many random tests on random databases, a reset gives what was there before. */
export async function expectResets(server: TestServer, { cases, seed }: { cases: number; seed: number }) {
  const inputs = fc.tuple(
    schemaArbitrary,
    fc.array(actsArbitrary, { minLength: CASES_PER_SCHEMA, maxLength: CASES_PER_SCHEMA }),
  );
  const property = fc.asyncProperty(inputs, async ([schema, tests]) => {
    expect(await resetAfterEach(server, schema, tests)).toEqual([]);
  });
  await fc.assert(property, { seed, numRuns: Math.ceil(cases / CASES_PER_SCHEMA), endOnFailure: true });
}

/** @returns what differed, test by test */
async function resetAfterEach(
  server: TestServer,
  schema: RandomSchema,
  tests: readonly (readonly RandomAct[])[],
): Promise<readonly unknown[]> {
  const { name, url } = await createDatabase(server, 'random_test');
  const client = await openClient(url);
  const wrong: unknown[] = [];
  try {
    for (const statement of createStatements(schema, server.engine)) await client.query(statement);
    const shop = await baseline({ url });
    const before = await logicalDump(server.url, [name]);
    for (const acts of tests) {
      const done: string[] = [];
      for (const statement of acts.flatMap((act) => actStatements(schema, act))) {
        done.push(await tell(client.query(statement), statement));
      }
      await tell(client.query('ROLLBACK'), '');
      const { kind, tables } = await shop.reset();
      const after = await logicalDump(server.url, [name]);
      if (after === before) continue;
      wrong.push({ done, kind, tables, lines: differingLines(before, after) });
      break;
    }
    await shop.close();
    return wrong;
  } finally {
    await client.query('SET foreign_key_checks = 0');
    await client.query(`DROP DATABASE IF EXISTS ${name}`);
    await client.close();
  }
}

async function tell(answer: Promise<unknown>, statement: string): Promise<string> {
  try {
    await answer;
    return statement;
  } catch (error) {
    return `${statement} -- ${error instanceof Error ? error.message : 'failed'}`;
  }
}

function differingLines(before: string, after: string): readonly string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ].slice(0, 20);
}
