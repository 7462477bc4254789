import { formatDuration } from '../kernel/index.ts';
import { countOf, formatCount } from './words.ts';

/** How far a copy is. The same shape as the engine port's. */
export interface CopyProgress {
  readonly what: string;
  readonly rowsDone: number;
  /** An estimate, or undefined. */
  readonly rowsTotal: number | undefined;
}

/** Under this a rate would jump about, ms. */
const RATE_AFTER_MS = 1_000;

/** Turns progress into rows per second and a time to wait. */
export class CopyRate {
  #first: { readonly rows: number; readonly atMs: number } | undefined;
  #last: (CopyProgress & { readonly atMs: number }) | undefined;

  add(progress: CopyProgress, nowMs: number): void {
    // Fewer rows than before: the engine counts something new.
    if (this.#first === undefined || progress.rowsDone < (this.#last?.rowsDone ?? 0)) {
      this.#first = { rows: progress.rowsDone, atMs: nowMs };
    }
    this.#last = { ...progress, atMs: nowMs };
  }

  /** What is known, the most useful first: `26% of 1,204,331 rows`, `161,000 rows/s`, `5.0 s left`, `shop.orders`. */
  parts(): readonly string[] {
    const last = this.#last;
    if (last === undefined) return [];
    const { rowsDone, rowsTotal, what } = last;
    const rate = this.#perSecond();
    const speed = rate === undefined ? [] : [`${formatCount(roundTo2(rate))} rows/s`];
    if (rowsTotal === undefined || rowsTotal < rowsDone || rowsTotal === 0) {
      return [countOf(rowsDone, 'row'), ...speed, what];
    }
    const percent = Math.floor((rowsDone / rowsTotal) * 100);
    const left =
      rate === undefined || rate === 0 ? [] : [`${formatDuration(((rowsTotal - rowsDone) / rate) * 1_000)} left`];
    return [`${percent}% of ${countOf(rowsTotal, 'row')}`, ...speed, ...left, what];
  }

  #perSecond(): number | undefined {
    if (this.#first === undefined || this.#last === undefined) return undefined;
    const ms = this.#last.atMs - this.#first.atMs;
    return ms < RATE_AFTER_MS ? undefined : ((this.#last.rowsDone - this.#first.rows) / ms) * 1_000;
  }
}

function roundTo2(value: number): number {
  return value < 100 ? Math.round(value) : Number(value.toPrecision(2));
}
