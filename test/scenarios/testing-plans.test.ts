// The plans that bring test data back from the command line: plans/testing.

import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { SEED } from '../support/hundred-rows.ts';
import { createDatabase, describeEachEngine, freshDatabase, logicalDump, runStatements } from '../support/servers.ts';

const PLANS = join(import.meta.dirname, '../../plans/testing');
const NAMES = ['baseline', 'reset-test-data'];

test('the plans for test data are valid', async () => {
  const paths = NAMES.map((name) => join(PLANS, `${name}.yaml`));
  const env = { DATABASE_URL: 'mysql://root@localhost/shop_test' };
  expect((await snapback(['validate', ...paths], workFolder(), env)).stderr).toEqual(
    paths.map((path) => `${path} is valid\n`).join(''),
  );
});

describeEachEngine((server) => {
  test('a nightly reset takes its baseline in the first night and brings it back, until one replaces it', async () => {
    const { name, url } = await createDatabase(server, 'shop_test');
    await runStatements(url, SEED);
    const baseline = freshDatabase('baseline');
    const run = async (plan: string): Promise<number | null> => {
      const words = ['run', join(PLANS, `${plan}.yaml`), '--var', `baseline=${baseline}`];
      return (await snapback(words, workFolder(), { DATABASE_URL: url })).code;
    };
    onTestFinished(async () => {
      const words = ['snapshot', 'drop', '--url', url, '--sname', baseline, '--yes'];
      expect((await snapback(words, workFolder())).code).toEqual(0);
    });
    const dump = () => logicalDump(server.url, [name]);
    const first = await dump();
    const codes = [await run('reset-test-data')];
    const isUntouched = (await dump()) === first;
    await runStatements(url, ['DELETE FROM orders WHERE id > 50', 'CREATE TABLE extra (id INT PRIMARY KEY)']);
    codes.push(await run('reset-test-data'));
    const isBack = (await dump()) === first;
    await runStatements(url, ['DELETE FROM orders WHERE id > 90']);
    const second = await dump();
    codes.push(await run('baseline'));
    await runStatements(url, ['DROP TABLE orders']);
    codes.push(await run('reset-test-data'));
    expect({ codes, isUntouched, isBack, isSecond: (await dump()) === second }).toEqual({
      codes: [0, 0, 0, 0],
      isUntouched: true,
      isBack: true,
      isSecond: true,
    });
  });

  test.each(NAMES)('%s refuses a database whose name does not say that it is for tests', async (plan) => {
    const { name, url } = await createDatabase(server, 'shop');
    await runStatements(url, SEED);
    const before = await logicalDump(server.url, [name]);
    const { code } = await snapback(['run', join(PLANS, `${plan}.yaml`)], workFolder(), { DATABASE_URL: url });
    expect({ code, isSame: (await logicalDump(server.url, [name])) === before }).toEqual({ code: 13, isSame: true });
  });
});
