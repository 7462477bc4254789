// Time that passes only when nothing else can happen. Whatever is to happen later stands in one queue.

import { nextTick } from 'node:process';
import type { Clock } from '../../src/kernel/index.ts';
import type { Life } from './life.ts';

export const STARTED_MS = Date.parse('2026-01-01T00:00:00Z');

interface Planned {
  readonly atMs: number;
  readonly work: () => void;
}

export class VirtualTime {
  nowMs = STARTED_MS;
  /** Latest first, so that the next one is taken from the end. */
  readonly #queue: Planned[] = [];

  after(delayMs: number, work: () => void): void {
    const planned = { atMs: this.nowMs + delayMs, work };
    let at = this.#queue.length;
    while (at > 0 && (this.#queue[at - 1]?.atMs ?? 0) <= planned.atMs) at -= 1;
    this.#queue.splice(at, 0, planned);
  }

  /** Lets things happen until the condition holds: `false` when nothing is left that could make it hold. */
  async until(holds: () => boolean, eventsMax = 200_000): Promise<boolean> {
    for (let count = 0; count < eventsMax; count += 1) {
      await promisesSettled();
      if (holds()) return true;
      const next = this.#queue.pop();
      if (next === undefined) return false;
      this.nowMs = next.atMs;
      next.work();
    }
    return false;
  }

  async pass(ms: number): Promise<void> {
    let isOver = false;
    this.after(ms, () => {
      isOver = true;
    });
    await this.until(() => isOver);
  }

  clockOf(life: Life): Clock {
    return {
      nowMs: () => Math.floor(this.nowMs),
      sleep: (ms, signal) =>
        life.call((resolve, reject) => {
          if (signal?.aborted === true) {
            reject(signal.reason);
            return;
          }
          const stop = (): void => reject(signal?.reason);
          signal?.addEventListener('abort', stop, { once: true });
          this.after(ms, () => {
            signal?.removeEventListener('abort', stop);
            resolve();
          });
        }),
    };
  }
}

/** Resolves when every promise that can settle by itself has settled: ticks run after the microtasks. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => {
    nextTick(resolve);
  });
}
