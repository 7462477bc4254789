import { expect, test } from 'vitest';
import { cutTo, padTo, textWidth, wrapTo } from '../../../src/report/text-width.ts';
import { countOf, listOf, titleOf } from '../../../src/report/index.ts';

test.each([
  { text: 'orders', width: 6 },
  { text: 'Straße', width: 6 },
  { text: 'é', width: 1 },
  { text: '東京', width: 4 },
  { text: '👩‍💻', width: 2 },
  { text: '✓ ✗ ↶', width: 5 },
])('$text takes $width columns', ({ text, width }) => {
  expect(textWidth(text)).toEqual(width);
});

test('padding and cutting count columns', () => {
  expect([padTo('東京', 6), cutTo('東京タワー', 7), cutTo('orders', 6)]).toEqual(['東京  ', '東京タ…', 'orders']);
});

test('wrapping breaks at blanks, and inside a word only where it does not fit at all', () => {
  expect(wrapTo('the quick abcdefghijklm fox', 10)).toEqual(['the quick', 'abcdefghij', 'klm fox']);
  expect(wrapTo('', 10)).toEqual(['']);
});

test('an action is called by the part of its key that means something', () => {
  const keys = [
    'steps/migrate',
    'undo/migrate/1',
    'undo/migrate/drop-column',
    'rollback/1',
    'auto/proof',
    'finally/clean',
  ];
  expect(keys.map(titleOf)).toEqual(['migrate', 'undo migrate', 'drop-column', 'rollback 1', 'proof', 'clean']);
});

test('counts and lists read as people write them', () => {
  expect([countOf(0, 'row'), countOf(1, 'row'), countOf(1_204_331, 'row')]).toEqual([
    'no rows',
    '1 row',
    '1,204,331 rows',
  ]);
  expect([listOf(['a'], 3), listOf(['a', 'b'], 3), listOf(['a', 'b', 'c', 'd'], 2)]).toEqual([
    'a',
    'a and b',
    'a, b and 2 more',
  ]);
});
