import { expect, test } from 'vitest';
import { extentOf, partOf } from '../../../../src/engines/mysql-family/copying-snapshots/extent.ts';

const whole = extentOf({ kind: 'databases', databases: ['shop', 'billing'] });
const single = extentOf({
  kind: 'tables',
  tables: [
    { database: 'shop', table: 'a' },
    { database: 'shop', table: 'b' },
  ],
});

test('without a part, the whole is meant', () => {
  expect(partOf(whole, undefined)).toEqual(whole);
});

test('a table of a database that is taken whole is not taken twice', () => {
  const part = {
    databases: ['shop'],
    tables: [
      { database: 'shop', table: 'a' },
      { database: 'billing', table: 'b' },
    ],
  };
  expect(partOf(whole, part)).toEqual({ databases: ['shop'], tables: [{ database: 'billing', table: 'b' }] });
});

test('a database of a snapshot of single tables stands for these tables', () => {
  expect(partOf(single, { databases: ['shop'] })).toEqual(single);
});

test('what a snapshot does not cover is refused by name', () => {
  expect(() => partOf(whole, { databases: ['crm'], tables: [{ database: 'hr', table: 'a' }] })).toThrow(
    'the snapshot does not cover crm, hr.a',
  );
});

test('accounts and clusters are refused', () => {
  expect(() => extentOf({ kind: 'account', account: 'acc' })).toThrow('account acc: this server takes snapshots of');
});
