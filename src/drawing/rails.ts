import type { Arrow } from './picture.ts';
import type { PlacedArrow, PlacedBox, Point } from './placed.ts';

/** Radius of the corner at which a failure joins its rail. */
const CORNER = 12;
/** No line runs closer along a box, or another rail. */
const CLEARANCE = 7;

/**
 * Failures that lead to one box as one straight rail: out of the side of each box, around a corner, and down.
 *
 * Undefined where a box or another rail stands in the way: then the layout's own lines are taken.
 *
 * @param failures in reading order, all to `end`.
 * @param rails that are laid already.
 */
export function layRail(
  failures: readonly Arrow[],
  end: PlacedBox,
  boxes: ReadonlyMap<string, PlacedBox>,
  rails: readonly PlacedArrow[],
): readonly PlacedArrow[] | undefined {
  const top = end.y - end.height / 2;
  const sources = failures.flatMap((arrow) => {
    const box = boxes.get(arrow.from);
    return box === undefined ? [] : [{ arrow, box }];
  });
  const first = Math.min(...sources.map(({ box }) => box.y));
  const trunk: Line = { from: { x: end.x, y: first + CORNER }, to: { x: end.x, y: top } };
  const lines = [trunk, ...sources.map(({ box }) => sidewaysTo(end.x, box))];
  const isFree = sources.every(({ box }) => isBeside(box, end.x) && box.y + CORNER < top);
  const others = [...boxes.values()];
  if (!isFree || lines.some((line) => others.some((box) => hits(line, box)))) return undefined;
  if (rails.some(({ points }) => isAlong(trunk, points))) return undefined;

  const spurs = sources.map(({ arrow, box }): PlacedArrow => {
    return { arrow, points: spurOf(box, end.x), isHeaded: false };
  });
  const stem = (from: number, isTaken: boolean, arrow: Arrow): PlacedArrow => {
    return { arrow: { ...arrow, isTaken }, points: [{ x: end.x, y: from + CORNER }, trunk.to], isHeaded: true };
  };
  const [any] = failures;
  const taken = sources.find(({ arrow }) => arrow.isTaken);
  const stems = any === undefined ? [] : [stem(first, false, any)];
  return [...spurs, ...stems, ...(taken === undefined ? [] : [stem(taken.box.y, true, taken.arrow)])];
}

interface Line {
  readonly from: Point;
  readonly to: Point;
}

function isBeside({ x, width }: PlacedBox, railX: number): boolean {
  return Math.abs(railX - x) > width / 2 + CORNER;
}

/** Whether a rail at `railX` stands to the right of a box, or to its left. */
const sideOf = ({ x }: PlacedBox, railX: number): 1 | -1 => (railX > x ? 1 : -1);

/** From just outside the box, so that it does not meet the box itself. */
function sidewaysTo(railX: number, box: PlacedBox): Line {
  const edge = box.x + sideOf(box, railX) * (box.width / 2 + CLEARANCE + 1);
  return { from: { x: edge, y: box.y }, to: { x: railX, y: box.y } };
}

function spurOf(box: PlacedBox, railX: number): readonly Point[] {
  const side = sideOf(box, railX);
  return [
    { x: box.x + (side * box.width) / 2, y: box.y },
    { x: railX - side * CORNER, y: box.y },
    { x: railX, y: box.y },
    { x: railX, y: box.y + CORNER },
  ];
}

function hits({ from, to }: Line, { x, y, width, height }: PlacedBox): boolean {
  const isClear =
    Math.max(from.x, to.x) < x - width / 2 - CLEARANCE ||
    Math.min(from.x, to.x) > x + width / 2 + CLEARANCE ||
    Math.max(from.y, to.y) <= y - height / 2 ||
    Math.min(from.y, to.y) >= y + height / 2;
  return !isClear;
}

/** Whether a part of another rail runs down along the same line. */
function isAlong(trunk: Line, points: readonly Point[]): boolean {
  return points.some((point, at) => {
    const next = points[at + 1];
    if (next?.x !== point.x || Math.abs(point.x - trunk.from.x) > CLEARANCE) return false;
    return Math.max(point.y, next.y) > trunk.from.y && Math.min(point.y, next.y) < trunk.to.y;
  });
}
