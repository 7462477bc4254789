import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { protectPlanText } from '../../../src/app/protect-plan.ts';

type Plan = { readonly steps: readonly unknown[] };

const WISHES = {
  command: ['./migrate.sh'],
  scope: undefined,
  rows: [],
  unchanged: [],
  isSchemaSame: false,
  queries: [],
  keep: undefined,
  timeout: undefined,
};

test('limits of the copy that are typed stand in the plan; those that are not are left to its defaults', () => {
  const limits = { lock: 'brief', max_stall: '5m', max_copy: '50GiB' };
  const few = { ...limits, lock: undefined, max_stall: undefined };
  const plans = [limits, few].map((given) => parse(protectPlanText({ ...WISHES, limits: given }, {})) as Plan);
  expect(plans.map(({ steps }) => steps[0])).toEqual([
    { id: 'before', snapshot: { lock: 'brief', max_stall: '5m', max_copy: '50GiB' } },
    { id: 'before', snapshot: { max_copy: '50GiB' } },
  ]);
});
