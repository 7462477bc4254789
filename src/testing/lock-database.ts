import type { ScopeLock } from '../engines/index.ts';
import { Fault, systemClock } from '../kernel/index.ts';
import { copyDatabaseOf } from './baseline-store.ts';
import type { Opening } from './opening.ts';

const ASK_AGAIN_MS = 50;

type Locking = Pick<Opening, 'engine' | 'signal'>;

/**
 * Holds the baseline of a database, by what belongs to it alone: a plan that a test runs locks the database itself.
 *
 * @throws {Fault} SCOPE_BUSY naming who holds it, after having waited for so long
 */
export async function lockBaseline(locking: Locking, database: string, waitMs: number): Promise<ScopeLock> {
  const copy = copyDatabaseOf(database);
  try {
    return await lockDatabase(locking, copy, waitMs);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'SCOPE_BUSY') throw error;
    const message = error.message.replaceAll(copy, database).replace(' is locked by', ': its baseline is held by');
    throw new Fault('SCOPE_BUSY', message, {
      hint: 'Close it, or give each process a worker name of its own.',
      cause: error,
    });
  }
}

/**
 * Holds a database against runs of plans: while it is copied, and while all of it is put back.
 *
 * @throws {Fault} SCOPE_BUSY naming who holds it, after having waited for so long
 */
export async function lockDatabase({ engine, signal }: Locking, database: string, waitMs: number): Promise<ScopeLock> {
  const until = systemClock.nowMs() + waitMs;
  for (;;) {
    try {
      return await engine.lockScope({ kind: 'databases', databases: [database] }, 'baseline', signal);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'SCOPE_BUSY' || systemClock.nowMs() >= until) throw error;
    }
    await systemClock.sleep(ASK_AGAIN_MS, signal);
  }
}
