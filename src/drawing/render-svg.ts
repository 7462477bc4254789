// A placed picture as SVG: light and dark by itself, no script, no font, nothing from elsewhere.

import { foldPicture } from './fold-picture.ts';
import type { Box, BoxTone, Picture } from './picture.ts';
import { LABEL_MAX, NOTE_MAX, place } from './place.ts';
import type { PlacedArrow, PlacedBox, Point } from './placed.ts';
import { STYLE } from './svg-style.ts';
import { svg, SvgMarkup, type SvgValue } from './svg-template.ts';

/** Bounded, whatever the picture: see `foldPicture`. Ends with a line end. */
export function renderSvg(picture: Picture): string {
  const folded = foldPicture(picture);
  const { boxes, arrows, width, height } = place(folded);
  const isRun = picture.arrows.some(({ isTaken }) => isTaken);
  const full = { width: Math.max(width, isRun ? 470 : 270), height: height + 40 };
  const shift = (full.width - width) / 2;
  const quiet = arrows.filter(({ arrow }) => !arrow.isTaken);
  const taken = arrows.filter(({ arrow }) => arrow.isTaken);
  return svg`<svg xmlns="http://www.w3.org/2000/svg" class="pic" ${sizes(full)}
role="img" aria-labelledby="pic-title pic-about">
<title id="pic-title">${clipped(picture.title, 200)}</title>
<desc id="pic-about">${clipped(picture.description, 2_000)}</desc>
<style>${new SvgMarkup(STYLE)}</style>
<rect class="pic-paper" width="100%" height="100%"/>
<g transform="translate(${shift} 0)">
${[...quiet, ...taken].map(arrowMarkup)}
${boxes.map(boxMarkup)}
</g>
${legend(isRun, full)}
</svg>
`.text;
}

function sizes({ width, height }: { readonly width: number; readonly height: number }): SvgMarkup {
  return svg`viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
}

const MARKS: Readonly<Partial<Record<BoxTone, string>>> = { good: '✓', bad: '✗', warn: '?' };

function boxMarkup({ box, x, y, width, height }: PlacedBox): SvgMarkup {
  const at = { x: x - width / 2, y: y - height / 2 };
  const tone = `pic-${box.shape} pic-${box.tone}`;
  switch (box.shape) {
    case 'end':
      return svg`<circle class="pic-end" cx="${x}" cy="${y}" r="6"><title>the end</title></circle>`;
    case 'verdict':
      return svg`<g class="${tone}">
<rect x="${at.x}" y="${at.y}" width="${width}" height="${height}" rx="${height / 2}"/>
<text class="pic-label" x="${x}" y="${y + 4.5}" text-anchor="middle">${clipped(box.label, LABEL_MAX)}</text></g>`;
    case 'step':
    case 'work':
      return workMarkup(box, { ...at, width, height, tone });
  }
}

function workMarkup(
  box: Box,
  { x, y, width, height, tone }: Point & { readonly width: number; readonly height: number; readonly tone: string },
): SvgMarkup {
  const mark = MARKS[box.tone];
  const left = mark === undefined ? x + 16 : x + 42;
  const seal =
    mark === undefined
      ? undefined
      : svg`<circle class="pic-seal" cx="${x + 23}" cy="${y + 25}" r="10"/>
<text class="pic-mark" x="${x + 23}" y="${y + 29.5}" text-anchor="middle">${mark}</text>`;
  return svg`<g class="${tone}">${title(box)}<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="9"/>${seal}
<text class="pic-label" x="${left}" y="${y + 22}">${clipped(box.label, LABEL_MAX)}</text>
<text class="pic-note" x="${left}" y="${y + 38}">${clipped(box.note, NOTE_MAX)}</text></g>`;
}

/** Shown by browsers where a name had to be cut. */
function title({ label, note }: Box): SvgValue {
  if (label.length <= LABEL_MAX && note.length <= NOTE_MAX) return undefined;
  return svg`<title>${clipped(`${label}: ${note}`, 500)}</title>`;
}

function arrowMarkup({ arrow, points, isHeaded }: PlacedArrow): SvgMarkup {
  const kind = `${arrow.look === 'failure' ? 'pic-failure' : 'pic-onward'}${arrow.isTaken ? ' pic-taken' : ''}`;
  const head = isHeaded ? headMarkup(points, arrow.isTaken) : undefined;
  return svg`<g class="${kind}"><path d="${pathOf(points)}"/>${head}</g>`;
}

/** A triangle at the last point, along the last stretch. */
function headMarkup(points: readonly Point[], isTaken: boolean): SvgMarkup | undefined {
  const tip = points.at(-1);
  const from = points.at(-2);
  if (tip === undefined || from === undefined) return undefined;
  const angle = (Math.atan2(tip.y - from.y, tip.x - from.x) * 180) / Math.PI;
  const size = isTaken ? 'M0 0L-10 -5L-10 5Z' : 'M0 0L-8 -4L-8 4Z';
  return svg`<path class="pic-head" d="${size}" transform="translate(${tip.x} ${tip.y}) rotate(${angle})"/>`;
}

/** A smooth line: straight to the middle of each stretch, and around its corners in a curve. */
function pathOf(points: readonly Point[]): string {
  const [first, second, ...rest] = points;
  if (first === undefined || second === undefined) return '';
  const at = ({ x, y }: Point): string => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
  const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  let path = `M${at(first)}`;
  let corner = second;
  for (const next of rest) {
    path += `Q${at(corner)} ${at(middle(corner, next))}`;
    corner = next;
  }
  return `${path}L${at(corner)}`;
}

function legend(isRun: boolean, { width, height }: { readonly width: number; readonly height: number }): SvgMarkup {
  const y = height - 20;
  const items = [
    { kind: 'pic-onward', text: 'goes well', width: 106 },
    { kind: 'pic-failure', text: 'fails', width: 76 },
    ...(isRun ? [{ kind: 'pic-onward pic-taken', text: 'the path that the run took', width: 210 }] : []),
  ];
  let x = (width - items.reduce((sum, item) => sum + item.width, 0)) / 2 + 8;
  const markup = items.map((item) => {
    const left = x;
    x += item.width;
    return svg`<g class="${item.kind}"><path d="M${left} ${y}h26"/></g>
<text class="pic-note" x="${left + 34}" y="${y + 4}">${item.text}</text>`;
  });
  return svg`<g class="pic-legend" aria-hidden="true">${markup}</g>`;
}

function clipped(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
