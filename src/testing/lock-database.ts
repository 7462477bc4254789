import type { ScopeLock } from '../engines/index.ts';
import { Fault, systemClock } from '../kernel/index.ts';
import type { Opening } from './opening.ts';

const ASK_AGAIN_MS = 50;

/** @throws {Fault} SCOPE_BUSY naming who holds it, after having waited for so long */
export async function lockDatabase(
  { engine, signal }: Pick<Opening, 'engine' | 'signal'>,
  database: string,
  waitMs: number,
): Promise<ScopeLock> {
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
