import { escapeHtml } from '../kernel/index.ts';

/** HTML that was made by `html`, or is known to be safe. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type HtmlValue = string | number | Markup | readonly Markup[] | undefined;

/** Fills a template: every value is escaped, unless it is markup already. `undefined` leaves nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Markup {
  const lean = leanOf(parts);
  return new Markup(lean.map((part, index) => `${part}${index < values.length ? filled(values[index]) : ''}`).join(''));
}

const LEAN = new WeakMap<TemplateStringsArray, readonly string[]>();

/** Our own parts without their indentation, which would be a third of a long page. */
function leanOf(parts: TemplateStringsArray): readonly string[] {
  const known = LEAN.get(parts);
  if (known !== undefined) return known;
  const lean = parts.map((part) => part.replace(/\n\s+/g, '\n'));
  LEAN.set(parts, lean);
  return lean;
}

function filled(value: HtmlValue): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escapeHtml(value);
  if (value instanceof Markup) return value.text;
  return value.map(({ text }) => text).join('\n');
}

/** A sentence of ours or a server's, in which back-quotes mark what is to be typed or is a name. */
export function prose(text: string): Markup {
  const parts = text.split('`');
  // A back-quote without a partner is a character like any other.
  if (parts.length % 2 === 0) return html`${text}`;
  return new Markup(parts.map((part, at) => (at % 2 === 0 ? html`${part}` : html`<code>${part}</code>`).text).join(''));
}
