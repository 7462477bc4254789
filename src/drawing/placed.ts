// Boxes and arrows that have found their places.

import type { Arrow, Box } from './picture.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A box's point is its middle. */
export interface PlacedBox extends Point {
  readonly box: Box;
  readonly width: number;
  readonly height: number;
}

export interface PlacedArrow {
  readonly arrow: Arrow;
  readonly points: readonly Point[];
  /** Whether it ends at a box, and not where another line goes on. */
  readonly isHeaded: boolean;
}

/** Everything in pixels from the upper left corner. */
export interface PlacedPicture {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly arrows: readonly PlacedArrow[];
}
