// A RESTORE waits for writers without any limit of the server's. This is ours.

import { Fault } from '../../../kernel/index.ts';
import type { Effect, Session } from '../../port.ts';
import type { MatrixoneServer } from './server.ts';

/** How long a restore may wait for writers, ms; each table that it puts back may take as long again as a usual one. */
export const RESTORE_STALL_MAX_MS = 30_000;
const PER_TABLE_MS = 1_000;
/** The server takes a restore back whole when another transaction is in its way: so often it is sent again. */
const ATTEMPTS_MAX = 3;

/**
 * Sends one RESTORE. All or nothing: when its time is up it is cancelled in the server, and nothing has changed.
 *
 * @throws {Fault} LOCK_WAIT when the time is up; DEADLOCK when others were in the way three times.
 */
export async function boundedRestore(
  server: Pick<MatrixoneServer, 'clock'>,
  session: Session,
  request: { readonly sql: string; readonly tableCount: number },
  effect: Effect,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await restoreOnce(server, session, request, effect);
      return;
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'DEADLOCK' || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

async function restoreOnce(
  { clock }: Pick<MatrixoneServer, 'clock'>,
  session: Session,
  { sql, tableCount }: { readonly sql: string; readonly tableCount: number },
  effect: Effect,
): Promise<void> {
  await effect.assertLocked();
  const limitMs = RESTORE_STALL_MAX_MS + tableCount * PER_TABLE_MS;
  const late = new AbortController();
  const done = new AbortController();
  const timer = clock.sleep(limitMs, done.signal).then(
    () => late.abort(new Error('its time is up')),
    () => undefined, // the restore ended first
  );
  try {
    await session.query(sql, { signal: AbortSignal.any([effect.signal, late.signal]) });
  } catch (error) {
    if (!late.signal.aborted || effect.signal.aborted || !(error instanceof Fault)) throw error;
    if (error.code !== 'INTERRUPTED') throw error;
    throw new Fault('LOCK_WAIT', `after ${limitMs / 1_000} s open transactions of others still kept waiting: ${sql}`, {
      hint: 'End the transactions that write to these tables, then `snapback resume`.',
      cause: error,
    });
  } finally {
    done.abort();
    await timer;
  }
}
