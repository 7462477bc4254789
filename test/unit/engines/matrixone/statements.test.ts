import { expect, test } from 'vitest';
import { literal } from '../../../../src/engines/matrixone/literal.ts';
import { newGrammar } from '../../../../src/engines/matrixone/new-grammar.ts';
import { oldGrammar } from '../../../../src/engines/matrixone/old-grammar.ts';
import { createSnapshotSql, dropSnapshotSql } from '../../../../src/engines/matrixone/statements.ts';

const orders = { database: 'my-shop', table: 'orders' };

test('the new grammar puts the snapshot in braces', () => {
  expect([
    newGrammar.table(orders, 's', 'sys'),
    newGrammar.database('my-shop', 's', 'sys'),
    newGrammar.account('sys', 's'),
    newGrammar.cluster('s'),
  ]).toEqual([
    "RESTORE TABLE `my-shop`.`orders` {SNAPSHOT = 's'}",
    "RESTORE DATABASE `my-shop` {SNAPSHOT = 's'}",
    "RESTORE ACCOUNT `sys` {SNAPSHOT = 's'}",
    "RESTORE CLUSTER {SNAPSHOT = 's'}",
  ]);
});

test('the old grammar always names the account', () => {
  expect([
    oldGrammar.table(orders, 's', 'sys'),
    oldGrammar.database('my-shop', 's', 'sys'),
    oldGrammar.account('sys', 's'),
    oldGrammar.cluster('s'),
  ]).toEqual([
    'RESTORE ACCOUNT `sys` DATABASE `my-shop` TABLE `orders` FROM SNAPSHOT `s`',
    'RESTORE ACCOUNT `sys` DATABASE `my-shop` FROM SNAPSHOT `s`',
    'RESTORE ACCOUNT `sys` FROM SNAPSHOT `s`',
    'RESTORE CLUSTER FROM SNAPSHOT `s`',
  ]);
});

test('a snapshot is created at each level and dropped by its name alone', () => {
  expect([
    createSnapshotSql('s', { level: 'cluster' }),
    createSnapshotSql('s', { level: 'account' }),
    createSnapshotSql('s', { level: 'database', database: 'shop' }),
    createSnapshotSql('s', { level: 'table', table: orders }),
    dropSnapshotSql('s'),
  ]).toEqual([
    'CREATE SNAPSHOT `s` FOR CLUSTER',
    'CREATE SNAPSHOT `s` FOR ACCOUNT',
    'CREATE SNAPSHOT `s` FOR DATABASE `shop`',
    'CREATE SNAPSHOT `s` FOR TABLE `my-shop` `orders`',
    'DROP SNAPSHOT IF EXISTS `s`',
  ]);
});

test('quotes and backslashes in a text stay text', () => {
  expect(literal(`it's a \\`)).toEqual("'it''s a \\\\'");
});
