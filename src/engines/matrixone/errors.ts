// MatrixOne puts most failures under a few numbers (20101, 1105, 1064, even 0); only their texts tell them apart.

import type { FaultCode } from '../../kernel/index.ts';

export interface MatrixoneFault {
  readonly code: FaultCode;
  /** Where the server's words lead astray: what to do. */
  readonly hint?: string;
}

const INTERNAL_ERRNO = 20101;
const UNKNOWN_ERRNO = 1105;
const SYNTAX_ERRNO = 1064;
const NO_DATABASE_ERRNO = 1046;

/** The transaction was taken back because of another one: the same may be tried again. */
const CONFLICTS: ReadonlySet<number> = new Set([
  20601, // write conflict
  20618, // r-w conflict
  20619, // w-w conflict
  20622, // read conflict
  20628, // needs retry
  20629,
  20631, // needs retry, the definition changed
  20701, // deadlock
  20702, // the lock table moved
  20703,
  20707, // too many row locks
]);

/** Between the services of the server something broke: nobody knows whether the statement counted. */
const IN_DOUBT: ReadonlySet<number> = new Set([
  20502, // backend closed
  20504, // no backend
  20506, // service unavailable
  20507, // connection reset
  20609, // rpc error
  20634, // a rolling restart
  20638, // commit status unknown
]);

const TEXTS: readonly (MatrixoneFault & { readonly errno: number; readonly pattern: RegExp })[] = [
  { errno: 20400, pattern: /lock timeout/i, code: 'LOCK_WAIT' },
  { errno: 20706, pattern: /lock/i, code: 'LOCK_WAIT' },
  { errno: 20104, pattern: /interrupted/i, code: 'INTERRUPTED' },
  { errno: UNKNOWN_ERRNO, pattern: /context canceled/i, code: 'INTERRUPTED' },
  { errno: UNKNOWN_ERRNO, pattern: /context deadline exceeded/i, code: 'CONNECTION_LOST' },
  { errno: INTERNAL_ERRNO, pattern: /do(es)? not have privilege/i, code: 'PRIVILEGE_MISSING' },
  {
    errno: INTERNAL_ERRNO,
    pattern: /unclassified statement appears in uncommitted transaction/i,
    code: 'STATEMENT_FAILED',
    hint: 'The server does not run this inside a transaction: let it stand alone, outside of BEGIN and COMMIT.',
  },
  {
    errno: INTERNAL_ERRNO,
    pattern: /find 0 snapshot records/i,
    code: 'STATEMENT_FAILED',
    hint: 'The server holds no such snapshot: in a query its name is written in lower case.',
  },
  {
    errno: SYNTAX_ERRNO,
    pattern: /(table|view) "[^"]*" does not exist/i,
    code: 'STATEMENT_FAILED',
    hint: 'The table or view is not there; nothing is wrong with the syntax.',
  },
  {
    errno: NO_DATABASE_ERRNO,
    pattern: /./,
    code: 'STATEMENT_FAILED',
    hint: 'Name the database in the URL: the server needs it for some statements even if they name their own.',
  },
];

/** What a statement's error stands for; `undefined` where the number alone says it. */
export function matrixoneFault(errno: number, message: string): MatrixoneFault | undefined {
  if (CONFLICTS.has(errno)) return { code: 'DEADLOCK' };
  if (IN_DOUBT.has(errno)) return { code: 'CONNECTION_LOST' };
  const found = TEXTS.find((entry) => entry.errno === errno && entry.pattern.test(message));
  if (found === undefined) return undefined;
  return found.hint === undefined ? { code: found.code } : { code: found.code, hint: found.hint };
}
