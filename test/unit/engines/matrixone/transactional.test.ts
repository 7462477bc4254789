import { expect, test } from 'vitest';
import { canRunInTransaction } from '../../../../src/engines/matrixone/transactional.ts';

function answer(...texts: readonly string[]): boolean {
  return canRunInTransaction(texts.map((text) => ({ text, offset: 0, line: 1 })));
}

test('rows are changed in one transaction; DDL and what reaches outside is run by itself', () => {
  expect([
    answer('UPDATE t SET a = 1', 'DELETE FROM t'),
    answer('ALTER TABLE t ADD COLUMN a INT', 'UPDATE t SET a = 1'),
    answer("INSERT INTO t VALUES (nextval('s'))"),
    answer('CALL p()'),
    answer(),
  ]).toEqual([true, false, false, false, false]);
});
