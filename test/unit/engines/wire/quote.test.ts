import { expect, test } from 'vitest';
import { quoteName, quoteTable, quoteText, quoteTextEscaped } from '../../../../src/engines/wire/quote.ts';

test('a name stands between backticks, its own ones doubled', () => {
  expect(['orders', 'odd`name', 'a"b\\c'].map(quoteName)).toEqual(['`orders`', '`odd``name`', '`a"b\\c`']);
  expect(quoteTable({ database: 'shop', table: 'orders' })).toEqual('`shop`.`orders`');
});

test('a name with a NUL character cannot be written', () => {
  expect(() => quoteName('a\0b')).toThrow('expected: a name without NUL characters');
});

test('a text means the same whether a backslash escapes or not', () => {
  expect(["it's", '"', '', 'ä\n', 'C:\\', 'a\0'].map(quoteText)).toEqual([
    "'it''s'",
    "'\"'",
    "''",
    "'ä\n'",
    '_utf8mb4 0x433a5c',
    '_utf8mb4 0x6100',
  ]);
});

test('where a backslash always escapes, it is doubled', () => {
  expect(["it's", 'C:\\', 'a\0', "\\'"].map(quoteTextEscaped)).toEqual(["'it''s'", "'C:\\\\'", "'a\\0'", "'\\\\'''"]);
});
