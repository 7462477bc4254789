import { expect, test } from 'vitest';
import { compareDefinitions } from '../../../../src/engines/mysql-family/copying-snapshots/compare-definitions.ts';
import type { StoredObject, StoredTable } from '../../../../src/engines/mysql-family/copying-snapshots/model.ts';

const pins = { characterSetClient: 'utf8mb4', collationConnection: 'utf8mb4_general_ci' };

function table(changes: Partial<StoredTable> = {}): StoredTable {
  return {
    kind: 'table',
    database: 'shop',
    name: 'orders',
    definition:
      'CREATE TABLE `orders` (\n  `id` int NOT NULL AUTO_INCREMENT,\n' +
      '  CONSTRAINT `fk` FOREIGN KEY (`id`) REFERENCES `p` (`id`)\n) ENGINE=InnoDB AUTO_INCREMENT=3',
    engine: 'InnoDB',
    autoIncrement: '3',
    columns: [{ name: 'id', type: 'int' }],
    primaryKey: ['id'],
    isVersioned: false,
    rowsEstimate: 1,
    bytes: 16_384,
    ...changes,
  };
}

const view = (definition: string): StoredObject => ({
  kind: 'view',
  database: 'shop',
  name: 'open',
  definition,
  pins,
  isValid: true,
});

const grant: StoredObject = { kind: 'grant', database: 'shop', name: 'function f to a@b', definition: 'GRANT ..' };

test('equal descriptions differ in nothing, whatever their sizes', () => {
  expect(compareDefinitions([table(), view('a')], [table({ bytes: 1, rowsEstimate: 9 }), view('a')])).toEqual([]);
});

test('what is only on one side is missing or extra', () => {
  expect(compareDefinitions([table()], [view('a')])).toEqual([
    { object: 'table', name: 'shop.orders', what: 'missing' },
    { object: 'view', name: 'shop.open', what: 'extra' },
  ]);
});

test('a table and a view of one name are two objects', () => {
  const asView: StoredObject = { ...view('a'), name: 'orders' };
  expect(compareDefinitions([table()], [asView])).toEqual([
    { object: 'table', name: 'shop.orders', what: 'missing' },
    { object: 'view', name: 'shop.orders', what: 'extra' },
  ]);
});

test('a table tells its foreign keys and its next value apart from its definition', () => {
  const changed = table({
    definition: 'CREATE TABLE `orders` (\n  `id` bigint NOT NULL AUTO_INCREMENT\n) ENGINE=InnoDB AUTO_INCREMENT=9',
    autoIncrement: '9',
  });
  expect(compareDefinitions([table()], [changed])).toEqual([
    {
      object: 'table',
      name: 'shop.orders',
      what: 'definition',
      expected: '`id` int NOT NULL AUTO_INCREMENT',
      found: '`id` bigint NOT NULL AUTO_INCREMENT',
      diff: ['- `id` int NOT NULL AUTO_INCREMENT', '+ `id` bigint NOT NULL AUTO_INCREMENT', '  ) ENGINE=InnoDB'],
    },
    { object: 'foreign-key', name: 'shop.orders.fk', what: 'missing' },
    { object: 'table', name: 'shop.orders', what: 'auto-increment', expected: '3', found: '9' },
  ]);
});

test('session variables that an object remembers belong to its definition', () => {
  const trigger = (sqlMode: string): StoredObject => ({
    kind: 'trigger',
    database: 'shop',
    name: 'tr',
    table: 'orders',
    position: 'BEFORE INSERT 1',
    definition: 'CREATE TRIGGER tr ..',
    pins: { ...pins, sqlMode },
  });
  const [difference] = compareDefinitions([trigger('ANSI')], [trigger('')]);
  expect([difference?.name, difference?.what, difference?.diff]).toEqual([
    'shop.tr',
    'definition',
    ['  ..', '  collationConnection: utf8mb4_general_ci', '- sqlMode: ANSI', '+ sqlMode: ', '  CREATE TRIGGER tr ..'],
  ]);
});

test('a right that was given since takes nothing away, one that is gone is missed', () => {
  expect(compareDefinitions([], [grant])).toEqual([]);
  expect(compareDefinitions([grant], [])).toEqual([
    { object: 'grant', name: 'shop.function f to a@b', what: 'missing' },
  ]);
});

test('a sequence differs in its next value', () => {
  const sequence = (nextValue: string): StoredObject => ({
    kind: 'sequence',
    database: 'shop',
    name: 'sq',
    definition: 'CREATE SEQUENCE `sq` ..',
    nextValue,
    cycleCount: '0',
    cacheSize: '10',
  });
  expect(compareDefinitions([sequence('5')], [sequence('15')])).toEqual([
    { object: 'sequence', name: 'shop.sq', what: 'auto-increment', expected: '5', found: '15' },
  ]);
});
