import { describe, expect, test } from 'vitest';
import { cellEquals, normalDecimal, rowEquals, rowsEqual } from '../../../src/verify/compare-cells.ts';
import { isWithin } from '../../../src/verify/tolerance.ts';

describe('a cell', () => {
  test.each([
    ['1.10', 1.1, true],
    ['100', 100, true],
    ['1e3', 1000, true],
    ['-0.0', 0, true],
    ['9007199254740993', 9007199254740992, false],
    ['0.1', 0.10000000000000002, false],
    ['1', true, true],
    ['0', false, true],
    ['1', false, false],
    [null, null, true],
    [null, 0, false],
    ['', null, false],
    ['abc', 'abc', true],
    ['abc', 'ABC', false],
    ['1', '1', true],
    ['1.0', '1', false],
    ['x', 1, false],
  ] as const)('%j compared with %j: %s', (cell, expected, equal) => expect(cellEquals(cell, expected)).toEqual(equal));
});

test('a decimal has one spelling, and keeps every digit', () => {
  const spelt = ['+007.500', '.5', '5.', '1.5e3', '15e-1', '123456789012345678901234567890.10', 'x', ''];
  expect(spelt.map(normalDecimal)).toEqual([
    '7.5',
    '0.5',
    '5',
    '1500',
    '1.5',
    '123456789012345678901234567890.1',
    undefined,
    undefined,
  ]);
});

test('a row is compared in column order, or by name whatever its case', () => {
  const columns = ['id', 'Name'];
  expect([
    rowEquals(['1', 'a'], columns, [1, 'a']),
    rowEquals(['1', 'a'], columns, [1]),
    rowEquals(['1', 'a'], columns, { name: 'a' }),
    rowEquals(['1', 'a'], columns, { other: 'a' }),
  ]).toEqual([true, false, true, false]);
});

test('rows are compared in any order, each once, or in the order given', () => {
  const result = { columns: ['n'], rows: [['1'], ['2'], ['2']], rowsAffected: 0 };
  expect([
    rowsEqual(result, [[2], [1], [2]], false),
    rowsEqual(result, [[2], [1], [1]], false),
    rowsEqual(result, [[2], [1], [2]], true),
    rowsEqual(result, [[1], [2], [2]], true),
  ]).toEqual([true, false, false, true]);
});

test('the ends of a range count, and a missing end is open', () => {
  expect([isWithin(3, 3, 5), isWithin(6, 3, 5), isWithin(9, 3, undefined), isWithin(-1, undefined, 0)]).toEqual([
    true,
    false,
    true,
    true,
  ]);
});
