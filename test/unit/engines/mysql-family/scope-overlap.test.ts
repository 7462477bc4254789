import { expect, test } from 'vitest';
import type { RunId } from '../../../../src/kernel/index.ts';
import type { Scope } from '../../../../src/engines/index.ts';
import { lockNames } from '../../../../src/engines/mysql-family/scope-lock.ts';
import { runLabel, scopesOverlap } from '../../../../src/engines/mysql-family/scope-overlap.ts';

const databases = (...names: string[]): Scope => ({ kind: 'databases', databases: names });
const tables = (...names: string[]): Scope => ({
  kind: 'tables',
  tables: names.map((name) => ({ database: name.split('.')[0] ?? '', table: name.split('.')[1] ?? '' })),
});

test.each<[Scope, Scope, boolean]>([
  [databases('shop'), databases('shop', 'billing'), true],
  [databases('shop'), databases('billing'), false],
  [databases('Shop'), databases('shop'), true],
  [databases('shop'), tables('shop.orders'), true],
  [databases('billing'), tables('shop.orders'), false],
  [tables('shop.orders'), tables('shop.orders', 'shop.users'), true],
  [tables('shop.orders'), tables('shop.users'), false],
  [tables('a.b'), tables('a.B'), true],
  [{ kind: 'cluster' }, tables('shop.users'), true],
  [databases('shop'), { kind: 'account', account: 'acc1' }, true],
])('%o and %o overlap: %s', (a, b, expected) => {
  expect([scopesOverlap(a, b), scopesOverlap(b, a)]).toEqual([expected, expected]);
});

test('all processes take the locks of a scope in one order, under short names', () => {
  const names = lockNames(databases('shop', 'billing'));
  expect(lockNames(databases('BILLING', 'shop'))).toEqual(names);
  expect(lockNames(tables('shop.a', 'shop.b', 'billing.c'))).toEqual(names);
  expect(names.map((name) => name.length)).toEqual([49, 49]);
});

test('a run is named with its plan, its holder and its age', () => {
  const row = {
    run: 'abcd2345' as RunId,
    planName: 'nightly',
    scope: databases('shop'),
    state: 'stuck' as const,
    snapshots: [],
    holder: 'me@host pid 12',
    openedAt: '2026-01-31T07:00:00.000000Z',
  };
  expect(runLabel(row, Date.parse('2026-01-31T07:03:05Z'))).toEqual(
    'run abcd2345 of plan nightly (me@host pid 12), stuck for 3 m 05 s',
  );
});
