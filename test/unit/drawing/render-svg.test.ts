import { describe, expect, test } from 'vitest';
import { drawPlan, drawRun } from '../../../src/app/draw-plan.ts';
import { renderSvg, type Box, type Picture } from '../../../src/drawing/index.ts';
import { buildReport } from '../../../src/report/index.ts';
import type { JournalBuilder } from '../../support/journal-builder.ts';
import * as journals from '../../support/journals.ts';
import { shopTopology } from '../../support/shop-topology.ts';

const draw = ({ entries }: JournalBuilder): string =>
  drawRun(buildReport(entries, journals.SHOP_SHAPE), shopTopology()) ?? '';

const boxOf = (id: string, label: string): Box => {
  return { id, shape: 'step', group: 'steps', label, note: label, tone: 'plain' };
};

const pictureOf = (...labels: readonly string[]): Picture => {
  return { title: 'x', description: 'y', boxes: labels.map((label, at) => boxOf(String(at), label)), arrows: [] };
};

const tagsOf = (svg: string): readonly string[] => [...svg.matchAll(/<[^\s>]+/g)].map(([tag]) => tag);

test('the diagram of a plan shows its steps, the way back and every ending', () => {
  const labels = [...drawPlan(shopTopology()).matchAll(/class="pic-label"[^>]*>([^<]+)/g)].map(([, label]) => label);
  expect(labels).toEqual([
    'before',
    'migrate',
    'check',
    'restore',
    'proof',
    'committed',
    'rolled back',
    'failed clean',
    'stuck',
    'release',
  ]);
});

test('the same plan gives the same drawing', () => {
  expect(drawPlan(shopTopology())).toEqual(drawPlan(shopTopology()));
});

describe('of a run', () => {
  test('the path that it took is drawn over the others, along the failure too', () => {
    expect(draw(journals.rolledBack()).match(/class="pic-\w+ pic-taken"/g)).toEqual([
      'class="pic-onward pic-taken"', // before -> migrate
      'class="pic-onward pic-taken"', // migrate -> check
      'class="pic-onward pic-taken"', // restore -> proof
      'class="pic-onward pic-taken"', // proof -> rolled back
      'class="pic-onward pic-taken"', // rolled back -> release
      'class="pic-onward pic-taken"', // release -> the end
      'class="pic-failure pic-taken"', // check, out of its side
      'class="pic-failure pic-taken"', // and down to restore
      'class="pic-onward pic-taken"', // the legend
    ]);
  });

  test('without its plan, the path alone is drawn', () => {
    const svg = drawRun(buildReport(journals.stuck().entries), undefined) ?? '';
    expect([...svg.matchAll(/class="pic-label"[^>]*>([^<]+)/g)].map(([, label]) => label)).toEqual([
      'before',
      'migrate',
      'check',
      'restore',
      'proof',
    ]);
  });

  test('the path is told in words to whoever cannot see it', () => {
    expect(/<desc[^>]*>([^<]+)/.exec(draw(journals.rolledBack()))?.[1]).toEqual(
      'The run took this path: before (succeeded), migrate (succeeded), check (failed), restore (succeeded), ' +
        'proof (succeeded) and release (succeeded). Rolled back and proven.',
    );
  });

  test('a run that reached nothing has no path', () => {
    expect(drawRun(buildReport(journals.failedClean().entries.slice(0, 3)), undefined)).toEqual(undefined);
  });
});

describe(renderSvg, () => {
  test('names from outside add no element and nothing that acts', () => {
    const hostile = renderSvg(pictureOf(...Object.values(journals.HOSTILE)));
    const harmless = renderSvg(pictureOf(...Object.values(journals.HOSTILE).map((text) => 'x'.repeat(text.length))));
    expect(tagsOf(hostile)).toEqual(tagsOf(harmless));
    expect(hostile.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|<script| on\w+=|href=|url\(/)).toEqual(null);
  });

  test('a name of ten million characters is cut', () => {
    expect(renderSvg(pictureOf('x'.repeat(10_000_000))).length).toBeLessThan(10_000);
  });

  test('the drawing of a thousand steps is as small as one of ten', () => {
    const labels = Array.from({ length: 1_000 }, (_, at) => `step-${at}`);
    const arrows = labels.slice(1).map((_, at) => {
      return { from: String(at), to: String(at + 1), look: 'onward', isTaken: false } as const;
    });
    expect(renderSvg({ ...pictureOf(...labels), arrows }).length).toBeLessThan(10_000);
  });
});
