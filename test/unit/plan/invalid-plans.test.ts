import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { positionOf } from '../../../src/kernel/index.ts';
import { loadPlan } from '../../../src/plan/index.ts';

const FOLDER = 'test/plans/invalid';
const ENV = { URL: 'mysql://root@localhost/shop' };

// The first line of each file says what is to be found in it: `# expect: CODE line:column`, several with commas.
describe('a plan that is wrong gets one diagnostic for each defect, at the guilty word', () => {
  test.each(readdirSync(FOLDER).filter((name) => name.endsWith('.yaml')))('%s', async (name) => {
    const loaded = await loadPlan({ path: `${FOLDER}/${name}`, env: ENV, vars: {}, purpose: 'run' });
    const { text } = loaded.source;

    const found = loaded.diagnostics.map(({ code, at }) => {
      const { line, column } = positionOf(text, at.start);
      return `${code} ${line}:${column}`;
    });

    expect({ plan: loaded.plan, found }).toEqual({ plan: undefined, found: expectationOf(text) });
  });
});

function expectationOf(text: string): readonly string[] {
  const [, list = ''] = /^# expect: (.*)$/m.exec(text) ?? [];
  return list.split(', ');
}
