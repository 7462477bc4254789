import { expect, test } from 'vitest';
import { matrixoneFault } from '../../../../src/engines/matrixone/errors.ts';
import { toFault } from '../../../../src/engines/wire/errors.ts';
import { Fault } from '../../../../src/kernel/index.ts';

const codeOf = (errno: number, message: string): string | undefined => matrixoneFault(errno, message)?.code;

test('failures that share a number are told apart by their text', () => {
  expect([
    codeOf(20701, 'deadlock detected'),
    codeOf(20400, 'invalid state lock timeout'),
    codeOf(20400, 'invalid state something else'),
    codeOf(20101, 'internal error: do not have privilege to execute the statement'),
    codeOf(20101, 'internal error: something new'),
    codeOf(1105, 'context canceled'),
    codeOf(1105, 'internal error: panic'),
  ]).toEqual(['DEADLOCK', 'LOCK_WAIT', undefined, 'PRIVILEGE_MISSING', undefined, 'INTERRUPTED', undefined]);
});

test('a transaction that the server took back because of another one may be tried again', () => {
  const texts = ['w-w conflict', 'r-w conflict', 'txn need retry in rc mode', 'txn need retry in rc mode, def changed'];
  expect([20619, 20618, 20628, 20631].map((errno, at) => codeOf(errno, texts[at] ?? ''))).toEqual(
    texts.map(() => 'DEADLOCK'),
  );
});

test('what broke inside the server leaves open whether the statement counted', () => {
  expect([
    codeOf(20638, 'txn commit status is unknown: x'),
    codeOf(20609, 'rpc error'),
    codeOf(20502, 'the backend has been closed'),
    codeOf(1105, 'context deadline exceeded'),
  ]).toEqual(Array.from({ length: 4 }, () => 'CONNECTION_LOST'));
});

test('words that lead astray get a hint of what is meant', () => {
  const context = { host: 'h', port: 6001, user: 'u', database: undefined, isConnecting: false };
  const told = (errno: number, sqlMessage: string, sqlState = 'HY000'): readonly string[] => {
    const fault = toFault(Object.assign(new Error(sqlMessage), { errno, sqlMessage, sqlState }), context);
    return fault instanceof Fault ? [fault.code, fault.message, fault.hint] : [];
  };
  expect([
    told(1064, 'SQL parser error: table "t" does not exist'),
    told(20101, 'internal error: unclassified statement appears in uncommitted transaction'),
    told(0, 'ExpectedEOB', '00000'),
  ]).toEqual([
    [
      'STATEMENT_FAILED',
      'ERROR 1064 (HY000): SQL parser error: table "t" does not exist',
      'The table or view is not there; nothing is wrong with the syntax.',
    ],
    [
      'STATEMENT_FAILED',
      'ERROR 20101 (HY000): internal error: unclassified statement appears in uncommitted transaction',
      'The server does not run this inside a transaction: let it stand alone, outside of BEGIN and COMMIT.',
    ],
    ['STATEMENT_FAILED', 'ERROR 0 (00000): ExpectedEOB', 'Mend the statement; the server said what is wrong with it.'],
  ]);
});
