// A diagram as plain data: boxes, and arrows between them. Who draws one says what stands in the boxes; where they
// stand is for `place.ts` to find.

export type BoxTone = 'plain' | 'good' | 'bad' | 'warn' | 'turn' | 'faint';

export interface Box {
  /** Unique in its picture. */
  readonly id: string;
  /** `step`: of the plan. `work`: of ours. */
  readonly shape: 'step' | 'work' | 'verdict' | 'end';
  /** Boxes of one group that follow each other may be drawn as one where there are too many. */
  readonly group: string;
  readonly label: string;
  /** A second, quieter line. */
  readonly note: string;
  readonly tone: BoxTone;
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly look: 'onward' | 'failure';
  /** On the path that a run took. */
  readonly isTaken: boolean;
}

export interface Picture {
  readonly title: string;
  /** What somebody hears who cannot see it. */
  readonly description: string;
  /** In reading order. Every arrow's ends are among them. */
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

/** The more a box says, the more of it survives where several become one. */
const WEIGHTS: Readonly<Record<BoxTone, number>> = { bad: 5, warn: 4, turn: 3, good: 2, plain: 1, faint: 0 };

export function strongest(tones: readonly BoxTone[]): BoxTone {
  return tones.reduce((best, tone) => (WEIGHTS[tone] > WEIGHTS[best] ? tone : best), 'faint');
}
