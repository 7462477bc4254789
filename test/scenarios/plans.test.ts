import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { createDatabase, describeEachEngine, runStatements } from '../support/servers.ts';

const PLANS = fileURLToPath(new URL('../../plans/', import.meta.url));
const plans = readdirSync(PLANS).filter((name) => name.endsWith('.yaml'));
const seed = readFileSync(join(PLANS, 'sql/shop.sql'), 'utf8')
  .split(/;\s*\n/)
  .filter((statement) => statement.trim() !== '');

test('every plan in plans/ is valid', async () => {
  const paths = plans.map((name) => join(PLANS, name));
  expect((await snapback(['validate', ...paths], workFolder())).code).toEqual(0);
});

describeEachEngine((server) => {
  // The others need more than a shop: `user-plans.test.ts`.
  test.each(plans.filter((name) => /^0[123]-/.test(name)))('%s commits on the shop that it asks for', async (plan) => {
    const { url } = await createDatabase(server, 'shop');
    await runStatements(url, seed);
    const { code, stderr } = await snapback(['run', join(PLANS, plan)], workFolder(), { DATABASE_URL: url });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('Committed: ') as string });
  });

  test('the demo commits its first plan, rolls its second one back, proves it, and ends well', async () => {
    const variable = `SNAPBACK_TEST_${server.engine.toUpperCase()}_URL`;
    const env = { [variable]: server.url };
    await runStatements(server.url, ['DROP DATABASE IF EXISTS shop']);
    const { code, stderr } = await snapback(['demo', '--engine', server.engine], workFolder(), env);
    await runStatements(server.url, ['DROP DATABASE IF EXISTS shop']);
    const told = stderr.split('\n').filter((line) => line.startsWith('Committed:') || line.startsWith('Rolled back'));
    expect({ code, told }).toEqual({
      code: 0,
      told: [
        'Committed: shop is as the plan intends. (exit 0)',
        expect.stringMatching(
          /^Rolled back and proven: shop is as it was at \d\d:\d\d:\d\d UTC\. \(exit 4\)$/,
        ) as string,
      ],
    });
  });
});
