// The door for vitest: a database as a fixture, and matchers for plans.

import { env, stderr } from 'node:process';
import { test } from 'vitest';
import { baseline } from './baseline.ts';
import type { Baseline, BaselineOptions } from './options.ts';

export { planMatchers } from './plan-matchers.ts';
export { planTest, type PlanOutcome, type PlanTestOptions } from './plan-test.ts';

/** What a test is given. */
export type TestDatabase = Pick<Baseline, 'database' | 'url' | 'reset'>;

export interface DatabaseTestOptions extends BaselineOptions {
  /** Copies the database of a test that failed, and tells the URL of the copy. */
  readonly keepOnFailure?: boolean;
  /** Where that is told. Default: standard error. */
  readonly tell?: (line: string) => void;
}

/**
 * `test` with a database: `databaseTest({ url, database })('...', async ({ db }) => { ... })`. Each test finds the
 * database as the baseline has it. Unless `worker` says otherwise, every worker of vitest has one of its own.
 */
export function databaseTest(options: DatabaseTestOptions | (() => Promise<DatabaseTestOptions>)) {
  return test.extend<{ opened: OpenedBaseline; db: TestDatabase }>({
    opened: [
      async ({}, use) => {
        const opened = await openFor(options);
        await use(opened);
        await opened.data.close();
      },
      { scope: 'file' },
    ],
    db: async ({ opened, onTestFailed, task }, use) => {
      const { data, given } = opened;
      // Before, not after: what the last test has left is there to be looked at.
      await data.reset();
      if (given.keepOnFailure === true) {
        onTestFailed(async () => tellKept(given, task.name, await data.keep(`failed_${task.id.replace(/\W/g, '_')}`)));
      }
      await use(data);
    },
  });
}

interface OpenedBaseline {
  readonly data: Baseline;
  readonly given: DatabaseTestOptions;
}

async function openFor(options: DatabaseTestOptions | (() => Promise<DatabaseTestOptions>)): Promise<OpenedBaseline> {
  const given = typeof options === 'function' ? await options() : options;
  const worker = given.worker ?? env['VITEST_POOL_ID'] ?? '1';
  return { data: await baseline({ ...given, worker }), given };
}

function tellKept({ tell }: DatabaseTestOptions, test: string, url: string): void {
  const line = `the database of "${test}" is kept: ${url}`;
  if (tell === undefined) stderr.write(`${line}\n`);
  else tell(line);
}
