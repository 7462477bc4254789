// The door for vitest: a database as a fixture, and matchers for plans.

import { env, stderr } from 'node:process';
import { afterAll, beforeAll, test } from 'vitest';
import { baseline } from './baseline.ts';
import type { Baseline, BaselineOptions } from './options.ts';

export { planMatchers } from './plan-matchers.ts';
export { planTest, type PlanOutcome, type PlanTestOptions } from './plan-test.ts';

declare module 'vitest' {
  // Merged with vitest's own, whose parameter it has to repeat.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  interface Matchers<T = any> {
    /** The run ended as its plan intends. */
    toCommit(): T;
    /** That step failed, everything was put back, and that was proven. */
    toRollBackAt(step: string): T;
  }
}

/** What a test is given. */
export type TestDatabase = Pick<Baseline, 'database' | 'url' | 'reset'>;

export interface DatabaseTestOptions extends BaselineOptions {
  /** Copies the database of a test that failed, and tells the URL of the copy, without its password. */
  readonly keepOnFailure?: boolean;
  /** Where that is told. Default: standard error. */
  readonly tell?: (line: string) => void;
}

/**
 * `test` with a database: `databaseTest({ url, database })('...', async ({ db }) => { ... })`. Each test finds the
 * database as the baseline has it. Unless `worker` says otherwise, every worker of vitest has one of its own.
 */
export function databaseTest(options: DatabaseTestOptions | (() => Promise<DatabaseTestOptions>)) {
  let opening: Promise<OpenedBaseline> | undefined;
  const open = (): Promise<OpenedBaseline> => (opening ??= openFor(options));
  const close = async (): Promise<void> => {
    const closing = opening;
    opening = undefined;
    await (await closing)?.data.close();
  };
  // Copying may take longer than a test is given.
  beforeAll(async () => {
    await open();
  }, OPEN_TIMEOUT_MS);
  afterAll(close, OPEN_TIMEOUT_MS);
  return test.extend<{ opened: OpenedBaseline; db: TestDatabase }>({
    opened: [
      async ({}, use) => {
        // Where files share their modules, the hooks are those of the first one.
        await use(await open());
        await close();
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

const OPEN_TIMEOUT_MS = 300_000;

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
  const shown = new URL(url);
  // It may stand in a public log.
  if (shown.password !== '') shown.password = '***';
  const line = `the database of "${test}" is kept: ${shown.href}`;
  if (tell === undefined) stderr.write(`${line}\n`);
  else tell(line);
}
