import type { Arrow, Picture } from './picture.ts';

/** An arrow between boxes and joints, for the layout. */
export interface JoinedArrow extends Arrow {
  /** Of a failure: the box to which its way leads in the end. */
  readonly toward: string | undefined;
}

export interface JoinedPicture {
  /** Places that are no boxes, at which failures meet. */
  readonly joints: readonly string[];
  readonly arrows: readonly JoinedArrow[];
}

/**
 * Lets failure arrows with one end share their way: beside each box stands a joint, and from joint to joint one line
 * goes down to where all of them lead. Ten steps that all may fail make one rail and not ten long lines.
 */
export function joinFailures(picture: Picture): JoinedPicture {
  const joints: string[] = [];
  const arrows: JoinedArrow[] = picture.arrows
    .filter(({ look }) => look === 'onward')
    .map((arrow) => ({ ...arrow, toward: undefined }));
  for (const [toward, together] of failuresByEnd(picture)) {
    let isTaken = false;
    together.forEach((arrow, at) => {
      const id = jointId(arrow);
      const next = together[at + 1];
      joints.push(id);
      isTaken ||= arrow.isTaken;
      arrows.push({ ...arrow, to: id, toward });
      arrows.push({ ...arrow, from: id, to: next === undefined ? arrow.to : jointId(next), isTaken, toward });
    });
  }
  return { joints, arrows };
}

/** The failure arrows that lead to each box, in reading order. */
export function failuresByEnd({ boxes, arrows }: Picture): ReadonlyMap<string, readonly Arrow[]> {
  const places = new Map(boxes.map(({ id }, index) => [id, index]));
  const failures = new Map<string, Arrow[]>();
  for (const arrow of arrows) {
    if (arrow.look === 'failure') failures.set(arrow.to, [...(failures.get(arrow.to) ?? []), arrow]);
  }
  for (const together of failures.values()) {
    together.sort((a, b) => (places.get(a.from) ?? 0) - (places.get(b.from) ?? 0));
  }
  return failures;
}

const jointId = ({ from, to }: Arrow): string => `when ${from} fails, to ${to}`;
