import { expect, test } from 'vitest';
import { matrixoneFaultCode } from '../../../../src/engines/matrixone/errors.ts';

test('failures that share a number are told apart by their text', () => {
  expect([
    matrixoneFaultCode(20701, 'deadlock detected'),
    matrixoneFaultCode(20400, 'invalid state lock timeout'),
    matrixoneFaultCode(20101, 'internal error: do not have privilege to execute the statement'),
    matrixoneFaultCode(20101, 'internal error: find 0 snapshot records by name(x), expect only 1'),
    matrixoneFaultCode(1105, 'context canceled'),
    matrixoneFaultCode(1105, 'internal error: panic'),
  ]).toEqual(['DEADLOCK', 'LOCK_WAIT', 'PRIVILEGE_MISSING', undefined, 'INTERRUPTED', undefined]);
});
