import { describe, expect, test } from 'vitest';
import { Fault } from '../../../../src/kernel/index.ts';
import { serverErrorOf, toFault, type ErrorContext } from '../../../../src/engines/wire/errors.ts';

const RUNNING: ErrorContext = { host: 'db', port: 3306, user: 'me', database: 'shop', isConnecting: false };
const CONNECTING: ErrorContext = { ...RUNNING, isConnecting: true };

function said(errno: number, text = 'words of the server', sqlState = 'HY000'): Error {
  return Object.assign(new Error(text), { errno, sqlState, sqlMessage: text, code: 'ER_SOMETHING' });
}

function broken(code: string): Error {
  return Object.assign(new Error(`connect ${code} db:3306`), { code, errno: -111, fatal: true });
}

function faultOf(error: unknown, context: ErrorContext): readonly [string, string] {
  const fault = toFault(error, context);
  if (!(fault instanceof Fault)) throw new Error('not a fault');
  return [fault.code, fault.message];
}

describe('an error of a statement', () => {
  test.each([
    [1205, 'LOCK_WAIT'],
    [1213, 'DEADLOCK'],
    [1044, 'PRIVILEGE_MISSING'],
    [1142, 'PRIVILEGE_MISSING'],
    [1143, 'PRIVILEGE_MISSING'],
    [1227, 'PRIVILEGE_MISSING'],
    [1370, 'PRIVILEGE_MISSING'],
    [1419, 'PRIVILEGE_MISSING'],
    [1792, 'READ_ONLY_SERVER'],
    [1836, 'READ_ONLY_SERVER'],
    [1045, 'PRIVILEGE_MISSING'],
    [1049, 'STATEMENT_FAILED'],
    [1317, 'INTERRUPTED'],
    [3024, 'TIMEOUT'],
    [1969, 'TIMEOUT'],
    [4031, 'CONNECTION_LOST'],
    [1927, 'CONNECTION_LOST'],
    [1062, 'STATEMENT_FAILED'],
  ])('%i is %s', (errno, code) => {
    expect(faultOf(said(errno), RUNNING)).toEqual([code, `ERROR ${errno} (HY000): words of the server`]);
  });

  test('that names an option makes a server unfit for writing only where the option is read-only', () => {
    const text = (option: string) => `The server is running with the ${option} option so it cannot execute this`;
    expect(
      ['--read-only', '--super-read-only', '--secure-file-priv'].map(
        (option) => faultOf(said(1290, text(option)), RUNNING)[0],
      ),
    ).toEqual(['READ_ONLY_SERVER', 'READ_ONLY_SERVER', 'STATEMENT_FAILED']);
  });

  test('without a number is still a failure', () => {
    expect(faultOf(said(0, 'ExpectedEOB', '00000'), RUNNING)).toEqual([
      'STATEMENT_FAILED',
      'ERROR 0 (00000): ExpectedEOB',
    ]);
  });

  test('that comes from the network leaves the outcome open', () => {
    for (const code of ['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE']) {
      expect(faultOf(broken(code), RUNNING)).toEqual([
        'CONNECTION_LOST',
        `lost the connection to db:3306: connect ${code} db:3306`,
      ]);
    }
  });

  test('is quoted up to a bound', () => {
    expect(faultOf(said(1064, 'x'.repeat(5_000)), RUNNING)[1].length).toEqual(1_026);
  });
});

describe('an error before the login is done', () => {
  test.each([
    [said(1045), 'LOGIN_REFUSED'],
    [said(1698), 'LOGIN_REFUSED'],
    [said(1251), 'LOGIN_REFUSED'],
    [said(1044), 'LOGIN_REFUSED'],
    [said(20101, 'internal error: there is no tenant acc'), 'LOGIN_REFUSED'],
    [broken('AUTH_SWITCH_PLUGIN_ERROR'), 'LOGIN_REFUSED'],
    [said(1049), 'UNKNOWN_DATABASE'],
    [said(1040), 'SERVER_UNREACHABLE'],
    [broken('ECONNREFUSED'), 'SERVER_UNREACHABLE'],
    [broken('ENOTFOUND'), 'SERVER_UNREACHABLE'],
    [broken('ETIMEDOUT'), 'SERVER_UNREACHABLE'],
    [broken('HANDSHAKE_SSL_ERROR'), 'SERVER_UNREACHABLE'],
  ])('%s is %s', (error, code) => {
    expect(faultOf(error, CONNECTING)[0]).toEqual(code);
  });
});

test('the words of the server can be had from the fault again', () => {
  const inner = toFault(said(1062, 'Duplicate entry', '23000'), RUNNING);
  const outer = new Fault('STATEMENT_FAILED', 'plan:3: it failed', { cause: inner });

  expect(serverErrorOf(outer)).toEqual({
    errno: 1062,
    sqlState: '23000',
    code: 'ER_SOMETHING',
    message: 'Duplicate entry',
  });
});

test('an error of our own is not taken for one of the server', () => {
  const bug = new TypeError('x is undefined');
  expect([toFault(bug, RUNNING), serverErrorOf(bug)]).toEqual([bug, undefined]);
});
