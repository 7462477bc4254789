import { Graph, layout } from './dagre.ts';
import { failuresByEnd, joinFailures, type JoinedArrow } from './join-failures.ts';
import type { Box, Picture } from './picture.ts';
import type { PlacedArrow, PlacedBox, PlacedPicture, Point } from './placed.ts';
import { layRail } from './rails.ts';

// `UR` keeps a chain of boxes in one straight column.
const GRAPH = { rankdir: 'TB', align: 'UR', nodesep: 30, ranksep: 30, edgesep: 14, marginx: 16, marginy: 16 } as const;

/** Widths of letters, in pixels, on the careful side: no font is asked. */
const LABEL_EM = 7.7;
const NOTE_EM = 6.5;

export const LABEL_MAX = 26;
export const NOTE_MAX = 34;

/** Finds a place for every box and a way for every arrow, from top to bottom. The same picture gets the same places. */
export function place(picture: Picture): PlacedPicture {
  const laid = layOut(picture);
  const failures = failuresByEnd(picture);
  const railed = new Set<string>();
  const rails: PlacedArrow[] = [];
  for (const [end, arrows] of failures) {
    const box = laid.boxes.get(end);
    const rail = box === undefined ? undefined : layRail(arrows, box, laid.boxes, rails);
    if (rail === undefined) continue;
    rails.push(...rail);
    railed.add(end);
  }
  const others = laid.arrows.filter(({ arrow }) => arrow.toward === undefined || !railed.has(arrow.toward));
  return {
    width: laid.width,
    height: laid.height,
    boxes: [...laid.boxes.values()],
    arrows: [...others, ...rails],
  };
}

interface Laid {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, PlacedBox>;
  readonly arrows: readonly (PlacedArrow & { readonly arrow: JoinedArrow })[];
}

/** The library's part. */
function layOut(picture: Picture): Laid {
  const { joints, arrows } = joinFailures(picture);
  const graph = new Graph({ multigraph: true });
  graph.setGraph(GRAPH);
  const sizes = sizesOf(picture);
  for (const box of picture.boxes) graph.setNode(box.id, sizes(box));
  for (const joint of joints) graph.setNode(joint, { width: 2, height: 2 });
  arrows.forEach(({ from, to, look }, index) => {
    // What leads onward is kept straight; failures go around it.
    graph.setEdge({ v: from, w: to, name: String(index) }, { weight: look === 'onward' ? 8 : 2, minlen: 1 });
  });
  layout(graph);
  const { width, height } = graph.graph();
  // Plans read from the left: where the first box came to stand on the right, the picture is turned over.
  const [first] = picture.boxes;
  const isMirrored = first !== undefined && graph.node(first.id).x > width / 2;
  const across = ({ x, y }: Point): Point => ({ x: isMirrored ? width - x : x, y });
  const ends = new Set(picture.boxes.map(({ id }) => id));
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    boxes: new Map(picture.boxes.map((box) => [box.id, { box, ...across(graph.node(box.id)), ...sizes(box) }])),
    arrows: arrows.map((arrow, index) => {
      const { points } = graph.edge({ v: arrow.from, w: arrow.to, name: String(index) });
      return { arrow, points: points.map(across), isHeaded: ends.has(arrow.to) };
    }),
  };
}

/** Boxes of one shape are equally wide: a column of them is calmer so. */
function sizesOf({ boxes }: Picture): (box: Box) => Size {
  const widths = new Map<Box['shape'], number>();
  for (const box of boxes) widths.set(box.shape, Math.max(widths.get(box.shape) ?? 0, sizeOf(box).width));
  return (box) => ({ ...sizeOf(box), width: widths.get(box.shape) ?? 0 });
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function sizeOf({ shape, label, note }: Box): Size {
  const text = Math.max(Math.min(label.length, LABEL_MAX) * LABEL_EM, Math.min(note.length, NOTE_MAX) * NOTE_EM);
  switch (shape) {
    case 'step':
    case 'work':
      return { width: Math.max(150, Math.ceil(text) + 62), height: 50 };
    case 'verdict':
      return { width: Math.max(104, Math.ceil(text) + 40), height: 34 };
    case 'end':
      return { width: 16, height: 16 };
  }
}
