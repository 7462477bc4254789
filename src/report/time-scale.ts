import type { ActionReport, RunReport } from './run-report.ts';

/** A stretch of time as parts of a hundred of the whole run's width. */
export interface Segment {
  readonly kind: 'work' | 'failed' | 'wait';
  readonly left: number;
  readonly width: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Nobody worked in a gap: it is drawn this wide at most, as a part of the time in which somebody did. */
const GAP_SHARE = 0.04;

/**
 * Where a moment of a run stands on a line from its beginning to its end.
 *
 * Between a process that died and the next one may lie days: such gaps are cut short, so that the work stays visible.
 */
export class TimeScale {
  readonly startMs: number;
  readonly endMs: number;
  /** Times in which no process had the run: the first is the one before the second process, and so on. */
  readonly gaps: readonly Span[];
  readonly #gapMs: number;
  readonly #width: number;

  constructor(report: RunReport) {
    this.startMs = Date.parse(report.started_at);
    const moments = momentsOf(report);
    this.endMs = Math.max(this.startMs + 1, ...moments.slice(-1), Date.parse(report.journal.last_time));
    this.gaps = gapsOf(report, moments);
    const idle = this.gaps.reduce((sum, { from, to }) => sum + to - from, 0);
    const busy = Math.max(1, this.endMs - this.startMs - idle);
    this.#gapMs = busy * GAP_SHARE;
    this.#width = busy + this.gaps.reduce((sum, gap) => sum + this.#shown(gap), 0);
  }

  /** 0 to 100. */
  at(ms: number): number {
    let past = Math.min(Math.max(ms, this.startMs), this.endMs) - this.startMs;
    for (const gap of this.gaps) {
      const within = Math.min(Math.max(ms - gap.from, 0), gap.to - gap.from);
      past += (within / Math.max(1, gap.to - gap.from)) * this.#shown(gap) - within;
    }
    return (past / this.#width) * 100;
  }

  /** The attempts of an action and the waits between them, in their order. */
  segmentsOf({ started_at, ended_at, failed_attempts, state }: ActionReport): readonly Segment[] {
    if (started_at === null) return [];
    const segments: Segment[] = [];
    let from = Date.parse(started_at);
    for (const { time, delay_ms } of failed_attempts) {
      const failed = Date.parse(time);
      segments.push(this.#segment('failed', from, failed), this.#segment('wait', failed, failed + delay_ms));
      from = failed + delay_ms;
    }
    const to = ended_at === null ? this.endMs : Date.parse(ended_at);
    if (to < from) return segments; // It never came to the attempt that it waited for.
    return [...segments, this.#segment(state === 'failed' ? 'failed' : 'work', from, to)];
  }

  /** From the beginning of the first to the end of the last. */
  spanOf(actions: readonly ActionReport[]): Segment {
    const { started_at: first = null } = actions[0] ?? {};
    const { ended_at: last = null } = actions.at(-1) ?? {};
    const from = first === null ? this.startMs : Date.parse(first);
    return this.#segment('work', from, last === null ? this.endMs : Date.parse(last));
  }

  #segment(kind: Segment['kind'], from: number, to: number): Segment {
    const left = this.at(from);
    return { kind, left, width: Math.max(0, this.at(to) - left) };
  }

  #shown({ from, to }: Span): number {
    return Math.min(to - from, this.#gapMs);
  }
}

/** Every moment at which a process said something, in order. */
function momentsOf({ actions, interruptions, quiet, notes, rollbacks_asked }: RunReport): readonly number[] {
  const times = [
    ...actions.flatMap(({ started_at, ended_at }) => [started_at, ended_at]),
    ...actions.flatMap(({ failed_attempts }) => failed_attempts.map(({ time }) => time)),
    ...actions.flatMap(({ statements }) => statements.map(({ started_at }) => started_at)),
    ...[...interruptions, ...quiet, ...notes, ...rollbacks_asked].map(({ time }) => time),
  ];
  return times.flatMap((time) => (time === null ? [] : [Date.parse(time)])).sort((a, b) => a - b);
}

function gapsOf({ started_at, processes }: RunReport, moments: readonly number[]): readonly Span[] {
  return processes.slice(1).map(({ time }) => {
    const to = Date.parse(time);
    return { from: moments.findLast((moment) => moment < to) ?? Date.parse(started_at), to };
  });
}
