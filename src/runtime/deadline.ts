import { Fault, formatDuration, type Clock } from '../kernel/index.ts';

/**
 * Runs `work` with a signal that ends after `timeoutMs`, or with the run's own.
 *
 * @throws {Fault} TIMEOUT when the deadline ended it; the run's interruption comes through unchanged.
 */
export async function withDeadline<Value>(
  timeoutMs: number | undefined,
  clock: Clock,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  if (timeoutMs === undefined) return work(signal);
  const late = new AbortController();
  const settled = new AbortController();
  const timeout = new Fault('TIMEOUT', `it took longer than its timeout of ${formatDuration(timeoutMs)}`);
  const alarm = clock.sleep(timeoutMs, settled.signal).then(
    () => late.abort(timeout),
    () => undefined, // The work ended first.
  );
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } catch (problem) {
    if (late.signal.aborted && !signal.aborted && problem instanceof Fault && problem.code === 'INTERRUPTED')
      throw timeout;
    throw problem;
  } finally {
    settled.abort(timeout);
    await alarm;
  }
}

/** @throws {Fault} INTERRUPTED when the run, or the step's deadline, has ended the work meanwhile. */
export function assertGoingOn(signal: AbortSignal): void {
  if (!signal.aborted) return;
  const { reason } = signal as { reason: unknown };
  throw new Fault('INTERRUPTED', reason instanceof Error ? reason.message : 'it was interrupted');
}
