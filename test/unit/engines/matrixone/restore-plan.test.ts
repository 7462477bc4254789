import { expect, test } from 'vitest';
import type { ObjectDifference } from '../../../../src/kernel/index.ts';
import type { ForeignKey } from '../../../../src/engines/matrixone/native-snapshots/foreign-keys.ts';
import { planRestore } from '../../../../src/engines/matrixone/native-snapshots/restore-plan.ts';

const NO_KEYS = { live: [], wanted: [] };

function key(name: string, child: string, parent: string): ForeignKey {
  const ref = (label: string) => ({ database: label.split('.')[0] ?? '', table: label.split('.')[1] ?? '' });
  return { name, child: ref(child), parent: ref(parent) };
}

function rows(name: string): ObjectDifference {
  return { object: 'table', name, what: 'rows' };
}

test('only databases in which something differs are restored', () => {
  const extent = { isWhole: false, databases: ['a', 'b'], tables: [] };
  expect(planRestore(extent, [rows('b.t')], NO_KEYS)).toEqual({
    keysToDrop: [],
    databases: ['b'],
    databasesToDrop: [],
    tables: [],
    tablesToDrop: [],
  });
});

test('a database that another one points at takes that one along, its keys off first, parents before children', () => {
  const extent = { isWhole: false, databases: ['a', 'b'], tables: [] };
  const keys = [key('far', 'a.c', 'b.p'), key('own', 'b.p', 'b.p'), key('near', 'a.d', 'a.c')];
  const { keysToDrop, databases } = planRestore(extent, [rows('b.p')], { live: keys, wanted: keys });
  expect({ keys: keysToDrop.map(({ name }) => name), databases }).toEqual({
    keys: ['far', 'own'],
    databases: ['b', 'a'],
  });
});

test('a single table takes the tables of the scope along that point at it', () => {
  const tables = [
    { database: 'a', table: 'c' },
    { database: 'a', table: 'other' },
    { database: 'a', table: 'p' },
  ];
  const keys = [key('near', 'a.c', 'a.p')];
  const plan = planRestore({ isWhole: false, databases: [], tables }, [rows('a.p')], { live: keys, wanted: keys });
  expect(plan).toEqual({
    keysToDrop: keys,
    databases: [],
    databasesToDrop: [],
    tables: [
      { database: 'a', table: 'p' },
      { database: 'a', table: 'c' },
    ],
    tablesToDrop: [],
  });
});

test('keys in a circle between databases are refused', () => {
  const extent = { isWhole: false, databases: ['a', 'b'], tables: [] };
  const keys = [key('there', 'a.x', 'b.y'), key('back', 'b.y', 'a.x')];
  expect(() => planRestore(extent, [rows('a.x')], { live: keys, wanted: keys })).toThrow('lead in a circle');
});
