import { describe, expect, test } from 'vitest';
import type { Engine, Moment } from '../../../src/engines/index.ts';
import {
  tableLabel,
  type CheckResult,
  type SnapshotName,
  type SourceSpan,
  type TableRef,
} from '../../../src/kernel/index.ts';
import type { RowExpectation, RowRule } from '../../../src/plan/index.ts';
import { runChecks } from '../../../src/verify/index.ts';

const at: SourceSpan = { path: 'plan.yaml', start: 0, end: 1 };
const NAME = 'sb_before' as SnapshotName;
const never = new AbortController().signal;

/** A server with nothing but row counts, then and now. It tells what it was asked to count. */
function serverOf(before: Readonly<Record<string, number>>, now: Readonly<Record<string, number>>) {
  const counted: string[] = [];
  const sideOf = ({ kind }: Moment): Readonly<Record<string, number>> => (kind === 'now' ? now : before);
  const data = {
    tables: async (databases: readonly string[], moment: Moment): Promise<readonly TableRef[]> =>
      Object.keys(sideOf(moment))
        .map((label) => label.split('.'))
        .flatMap(([database = '', table = '']) => (databases.includes(database) ? [{ database, table }] : [])),
    countRows: async (table: TableRef, moment: Moment) => {
      counted.push(`${moment.kind} ${tableLabel(table)}`);
      return sideOf(moment)[tableLabel(table)];
    },
    differingRows: async () => ({ gone: 1, added: 0, changed: 0, is_exact: true, sample: [] }),
  };
  return { engine: { data } as unknown as Engine, counted };
}

async function check(
  rules: Readonly<Record<string, RowExpectation>>,
  before: Readonly<Record<string, number>>,
  now: Readonly<Record<string, number>>,
) {
  const { engine, counted } = serverOf(before, now);
  const rowRules = Object.entries(rules).map(([pattern, expected]): RowRule => {
    const [database, table] = pattern.includes('.') ? pattern.split('.') : [undefined, pattern];
    const tables = pattern === 'all' ? undefined : { database, table: table };
    return { tables, expect: expected, severity: 'error', since: undefined, at };
  });
  const baseline = { step: 'before', name: NAME, scope: { kind: 'databases', databases: ['shop'] } } as const;
  const results = await runChecks({
    checks: [{ kind: 'rows', rules: rowRules, at, severity: 'error', since: undefined }],
    engine,
    baselines: { all: [baseline], ofRef: () => baseline },
    urlDatabase: 'shop',
    effect: { run: 'r' as never, signal: never, onProgress: () => undefined, assertLocked: async () => undefined },
    sampleMax: 10,
  });
  return { told: results.map(tell), counted };
}

function tell({ passed, subject, expected, found }: CheckResult): string {
  return `${passed ? 'ok' : 'FAILED'} ${subject}: ${expected}; ${found}`;
}

const same = { kind: 'same' } as const;

describe('rows', () => {
  test('of every table that the snapshot holds are compared, and an added table breaks nothing', async () => {
    const { told } = await check(
      { all: same },
      { 'shop.a': 5, 'shop.b': 1 },
      { 'shop.a': 5, 'shop.b': 0, 'shop.new': 9 },
    );
    expect(told).toEqual(['ok shop.a: the same 5 rows; 5', 'FAILED shop.b: the same 1 row; 0']);
  });

  test('of a table that is gone fail, unless `gone` is what is expected', async () => {
    const before = { 'shop.a': 5, 'shop.b': 1 };
    expect((await check({ all: same, b: { kind: 'gone' } }, before, {})).told).toEqual([
      'FAILED shop.a: the same 5 rows; no such table',
      'ok shop.b: no such table; no such table',
    ]);
  });

  test('follow the most specific rule: a name before a pattern, a longer pattern before a shorter one', async () => {
    const counts = { 'shop.log_a': 1, 'shop.log_b': 2, 'shop.x': 3 };
    const rules = {
      'shop.*': same,
      'shop.log_*': { kind: 'no-less' },
      'shop.log_b': { kind: 'exactly', count: 7 },
    } as const;
    expect((await check(rules, counts, counts)).told).toEqual([
      'ok shop.log_a: no less than 1 row; 1',
      'FAILED shop.log_b: 7 rows; 2',
      'ok shop.x: the same 3 rows; 3',
    ]);
  });

  test.each<[string, RowExpectation, string]>([
    ['+3', { kind: 'changed-by', min: 3, max: 3 }, 'ok shop.a: 13 rows (10 +3); 13'],
    ['-2', { kind: 'changed-by', min: -2, max: -2 }, 'FAILED shop.a: 8 rows (10 -2); 13'],
    ['a change of 0 to 5', { kind: 'changed-by', min: 0, max: 5 }, 'ok shop.a: 10 to 15 rows, 10 before; 13'],
    ['no more', { kind: 'no-more' }, 'FAILED shop.a: no more than 10 rows; 13'],
    ['{ min: 14 }', { kind: 'between', min: 14, max: undefined }, 'FAILED shop.a: at least 14 rows; 13'],
    ['new', { kind: 'new' }, 'FAILED shop.a: a table that was not there; 13'],
    [
      'the same as another table had',
      { kind: 'same-as', table: { database: 'shop', table: 'b' } },
      'ok shop.a: the 13 rows that shop.b had; 13',
    ],
  ])('of a table that went from 10 to 13, against `%s`', async (_, expected, line) => {
    expect((await check({ a: expected }, { 'shop.a': 10, 'shop.b': 13 }, { 'shop.a': 13 })).told).toEqual([line]);
  });

  test('of a pattern that no table matches fail: a check that looked at nothing has not passed', async () => {
    const counts = { 'shop.log_a': 1 };
    expect((await check({ 'shop.lgo_*': same, 'shop.log_*': same }, counts, counts)).told).toEqual([
      'ok shop.log_a: the same 1 row; 1',
      'FAILED shop.lgo_*: at least one such table; none, then or now',
    ]);
  });

  test('of a snapshot are not counted for an expectation that is a number', async () => {
    const { counted } = await check({ a: { kind: 'exactly', count: 5 } }, { 'shop.a': 5 }, { 'shop.a': 5 });
    expect(counted).toEqual(['now shop.a']);
  });
});
