import { describe, expect, test } from 'vitest';
import { BOXES_MAX, foldPicture, type Box, type Picture } from '../../../src/drawing/index.ts';

const step = (at: number, tone: Box['tone'] = 'plain'): Box => {
  return { id: `steps/${at}`, shape: 'step', group: 'steps', label: `step-${at}`, note: 'sql', tone };
};

/** Steps one after the other, all of which lead to `back` when they fail. */
function chain(boxes: readonly Box[]): Picture {
  const back: Box = { id: 'back', shape: 'work', group: 'auto', label: 'restore', note: '', tone: 'turn' };
  return {
    title: 'chain',
    description: '',
    boxes: [...boxes, back],
    arrows: boxes.flatMap(({ id }, at) => {
      const next = boxes[at + 1];
      const onward = next === undefined ? [] : [{ from: id, to: next.id, look: 'onward', isTaken: true } as const];
      return [...onward, { from: id, to: 'back', look: 'failure', isTaken: false } as const];
    }),
  };
}

describe(foldPicture, () => {
  test('a small picture stays as it is', () => {
    const picture = chain([step(1), step(2)]);
    expect(foldPicture(picture)).toBe(picture);
  });

  test('a long run of steps becomes its first, one box that counts the others, and its last', () => {
    const { boxes, arrows } = foldPicture(chain(Array.from({ length: 1_000 }, (_, at) => step(at))));
    expect(boxes.map(({ label, note }) => `${label}: ${note}`)).toEqual([
      'step-0: sql',
      '998 steps: step-1 to step-998',
      'step-999: sql',
      'restore: ',
    ]);
    expect(arrows.map(({ from, to }) => `${from} -> ${to}`)).toEqual([
      'steps/0 -> from steps/1',
      'steps/0 -> back',
      'from steps/1 -> back',
      'from steps/1 -> steps/999',
      'steps/999 -> back',
    ]);
  });

  test('a step that failed among many stays visible', () => {
    const steps = Array.from({ length: 200 }, (_, at) => step(at, at === 100 ? 'bad' : 'good'));
    const { boxes } = foldPicture(chain(steps));
    expect(boxes.filter(({ tone }) => tone === 'bad').map(({ label }) => label)).toEqual(['step-100']);
  });

  test('even a run in which every second step failed stays small, and its box is as bad as the worst of them', () => {
    const steps = Array.from({ length: 500 }, (_, at) => step(at, at % 2 === 0 ? 'bad' : 'good'));
    const { boxes } = foldPicture(chain(steps));
    expect(boxes.length).toBeLessThanOrEqual(BOXES_MAX);
    expect(boxes.map(({ tone }) => tone)).toEqual(['bad', 'bad', 'good', 'turn']);
  });
});
