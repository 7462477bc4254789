// MatrixOne puts most failures under a few numbers (20101 and 1105); only their texts tell them apart.

import type { FaultCode } from '../../kernel/index.ts';

const DEADLOCK_ERRNO = 20701;
const LOCK_TIMEOUT_ERRNO = 20400;
const INTERNAL_ERRNO = 20101;
const UNKNOWN_ERRNO = 1105;

const TEXTS: readonly { readonly errno: number; readonly pattern: RegExp; readonly code: FaultCode }[] = [
  { errno: LOCK_TIMEOUT_ERRNO, pattern: /lock timeout/i, code: 'LOCK_WAIT' },
  { errno: INTERNAL_ERRNO, pattern: /do(es)? not have privilege/i, code: 'PRIVILEGE_MISSING' },
  { errno: UNKNOWN_ERRNO, pattern: /context canceled/i, code: 'INTERRUPTED' },
];

/** The fault that a statement's error stands for; `undefined` where the number alone says it. */
export function matrixoneFaultCode(errno: number, message: string): FaultCode | undefined {
  if (errno === DEADLOCK_ERRNO) return 'DEADLOCK';
  return TEXTS.find((entry) => entry.errno === errno && entry.pattern.test(message))?.code;
}
