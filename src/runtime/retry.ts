import type { FaultCode } from '../kernel/index.ts';
import type { RetryCause, RetryPolicy } from '../plan/index.ts';

const CAUSES: Readonly<Partial<Record<FaultCode, RetryCause>>> = {
  DEADLOCK: 'deadlock',
  LOCK_WAIT: 'lock-wait',
  CONNECTION_LOST: 'connection',
  TIMEOUT: 'timeout',
};

/** The longest wait between two attempts, ms: exponential growth has to end somewhere. */
const DELAY_MAX_MS = 60_000;

/** How long to wait before another attempt, ms; `undefined` when there is to be none. */
export function delayBeforeNextMs(policy: RetryPolicy, attempt: number, code: FaultCode): number | undefined {
  const cause = CAUSES[code];
  if (cause === undefined || !policy.on.includes(cause) || attempt >= policy.attempts) return undefined;
  return Math.min(policy.delayMs * 2 ** (attempt - 1), DELAY_MAX_MS);
}
