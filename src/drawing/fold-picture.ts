import { strongest, type Arrow, type Box, type Picture } from './picture.ts';

/** More cannot be taken in at once, and takes long to lay out. */
export const BOXES_MAX = 60;

/** Fewer boxes are not worth hiding. */
const RUN_MIN = 4;

type Likeness = (a: Box, b: Box, picture: Picture) => boolean;

/** Tried one after another, until the picture is small enough. */
const LIKENESSES: readonly Likeness[] = [
  (a, b, picture) => a.tone === b.tone && failuresOf(picture, a.id) === failuresOf(picture, b.id),
  (a, b) => a.tone === b.tone,
  () => true,
];

/** The same picture with about `boxesMax` boxes at most: long runs of boxes of one group become one, which counts. */
export function foldPicture(picture: Picture, boxesMax: number = BOXES_MAX): Picture {
  let folded = picture;
  for (const isAlike of LIKENESSES) {
    if (folded.boxes.length <= boxesMax) return folded;
    folded = foldRuns(picture, isAlike);
  }
  return folded;
}

function foldRuns(picture: Picture, isAlike: Likeness): Picture {
  const runs = runsOf(picture, isAlike);
  const kept = runs.flatMap((run) =>
    run.length < RUN_MIN + 2 ? run : [...run.slice(0, 1), heap(run.slice(1, -1)), ...run.slice(-1)],
  );
  const homes = new Map<string, string>(kept.map(({ id }) => [id, id]));
  for (const run of runs) for (const { id } of run) if (!homes.has(id)) homes.set(id, heapId(run[1]?.id ?? id));
  return { ...picture, boxes: kept, arrows: rehomed(picture.arrows, homes) };
}

function runsOf(picture: Picture, isAlike: Likeness): readonly (readonly Box[])[] {
  const runs: Box[][] = [];
  for (const box of picture.boxes) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const isMember = last !== undefined && last.group === box.group && last.shape === box.shape;
    if (run !== undefined && isMember && isAlike(last, box, picture)) run.push(box);
    else runs.push([box]);
  }
  return runs;
}

function heap(boxes: readonly Box[]): Box {
  const [first] = boxes;
  const last = boxes.at(-1);
  return {
    id: heapId(first?.id ?? ''),
    shape: first?.shape ?? 'step',
    group: first?.group ?? '',
    label: `${boxes.length} steps`,
    note: `${first?.label ?? ''} to ${last?.label ?? ''}`,
    tone: strongest(boxes.map(({ tone }) => tone)),
  };
}

const heapId = (id: string): string => `from ${id}`;

/** Arrows between the boxes that are left, each once. */
function rehomed(arrows: readonly Arrow[], homes: ReadonlyMap<string, string>): readonly Arrow[] {
  const found = new Map<string, Arrow>();
  for (const arrow of arrows) {
    const from = homes.get(arrow.from) ?? arrow.from;
    const to = homes.get(arrow.to) ?? arrow.to;
    if (from === to) continue;
    const key = JSON.stringify([from, to, arrow.look]);
    found.set(key, { ...arrow, from, to, isTaken: arrow.isTaken || found.get(key)?.isTaken === true });
  }
  return [...found.values()];
}

function failuresOf({ arrows }: Picture, id: string): string {
  return arrows
    .filter(({ from, look }) => from === id && look === 'failure')
    .map(({ to }) => to)
    .join(' ');
}
