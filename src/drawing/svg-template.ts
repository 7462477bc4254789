import { escapeXml } from '../kernel/index.ts';

/** SVG that was made by `svg`. */
export class SvgMarkup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type SvgValue = string | number | SvgMarkup | readonly SvgMarkup[] | undefined;

/** Fills a template: every value is escaped, unless it is markup already; numbers are rounded to a tenth. */
export function svg(parts: TemplateStringsArray, ...values: readonly SvgValue[]): SvgMarkup {
  return new SvgMarkup(
    parts.map((part, index) => `${part}${index < values.length ? filled(values[index]) : ''}`).join(''),
  );
}

function filled(value: SvgValue): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(Math.round(value * 10) / 10);
  if (typeof value === 'string') return escapeXml(value);
  if (value instanceof SvgMarkup) return value.text;
  return value.map(({ text }) => text).join('\n');
}
