import { disarmLine, stripControl } from '../kernel/index.ts';
import type { Detail } from './action-details.ts';
import { clip } from './words.ts';
import { cutTo, padTo, textWidth, wrapTo } from './text-width.ts';

export type Tone = 'good' | 'bad' | 'turn' | 'faint' | 'strong' | 'plain';

const COLOURS: Readonly<Record<Tone, readonly [string, string]>> = {
  good: ['\u001b[32m', '\u001b[39m'],
  bad: ['\u001b[31m', '\u001b[39m'],
  turn: ['\u001b[33m', '\u001b[39m'],
  faint: ['\u001b[2m', '\u001b[22m'],
  strong: ['\u001b[1m', '\u001b[22m'],
  plain: ['', ''],
};

export interface LayoutOptions {
  readonly columns: number;
  readonly color: boolean;
  /** Names that will stand in the first column, as far as they are known. */
  readonly names: readonly string[];
}

export interface Row {
  readonly glyph: string;
  readonly tone: Tone;
  readonly name: string;
  readonly text: string;
  /** Stands at the right end: a duration. */
  readonly right?: string | undefined;
}

/** Lines wider than this are hard to read, whatever the terminal could hold. */
const COLUMNS_MAX = 100;
const COLUMNS_MIN = 40;
/** Longer texts are for the report. */
const TEXT_MAX = 2_000;
const NAME_WIDTH_MIN = 'rollback'.length;
const NAME_WIDTH_MAX = 24;

/** Lays out what people read on a terminal. Every text may be foreign: it comes out inert. */
export class TerminalLayout {
  readonly #width: number;
  readonly #nameWidth: number;
  readonly #color: boolean;

  constructor({ columns, color, names }: LayoutOptions) {
    this.#width = Math.max(COLUMNS_MIN, Math.min(columns, COLUMNS_MAX)) - 4;
    const widest = Math.max(NAME_WIDTH_MIN, ...names.map((name) => textWidth(stripControl(name))));
    this.#nameWidth = Math.min(widest, NAME_WIDTH_MAX);
    this.#color = color;
  }

  paint(tone: Tone, text: string): string {
    const [on, off] = COLOURS[tone];
    return this.#color && text !== '' ? `${on}${text}${off}` : text;
  }

  /** `  ✓ migrate   4 statements        6.1 s`, continued under its text where that is too long for one line. */
  row({ glyph, tone, name, text, right = '' }: Row): readonly string[] {
    const named = padTo(stripControl(name), this.#nameWidth);
    const indent = textWidth(`  ${glyph} ${named}  `);
    const room = this.#width - indent - (right === '' ? 0 : textWidth(right) + 2);
    const [first = '', ...more] = wrapTo(stripControl(clip(text, TEXT_MAX)), Math.max(room, 12));
    const filled = right === '' ? first : padTo(first, this.#width - indent - textWidth(right));
    const head = `  ${this.paint(tone, glyph)} ${named}  ${filled}`;
    return [
      disarmLine(right === '' ? head.trimEnd() : `${head}${this.paint('faint', right)}`),
      ...more.map((line) => disarmLine(' '.repeat(indent) + line)),
    ];
  }

  /** One line for what is under way, cut so that it never breaks: the end of the line must stay on the screen. */
  liveRow({ glyph, tone, name, text, right = '' }: Row): string {
    const named = padTo(cutTo(stripControl(name), this.#nameWidth), this.#nameWidth);
    const indent = textWidth(`  ${glyph} ${named}  `);
    const room = this.#width - indent - textWidth(right) - 2;
    const filled = padTo(cutTo(stripControl(text), Math.max(room, 8)), this.#width - indent - textWidth(right));
    return `  ${this.paint(tone, glyph)} ${named}  ${filled}${this.paint('faint', right)}`;
  }

  /** Room for the text of a live line whose right end takes `right` columns. */
  liveRoom(right: number): number {
    return this.#width - this.#nameWidth - 6 - right - 2;
  }

  details(details: readonly Detail[]): readonly string[] {
    return details.flatMap(({ subject, texts }) => this.#detail(subject, texts));
  }

  /** Free text from the left margin on. */
  paragraph(text: string, tone: Tone = 'plain'): readonly string[] {
    // Not the last column: some terminals break a line there that would fit.
    return wrapTo(stripControl(clip(text, TEXT_MAX)), this.#width + 3).map((line) =>
      this.paint(tone, disarmLine(line)),
    );
  }

  #detail(subject: string | undefined, texts: readonly string[]): readonly string[] {
    const margin = ' '.repeat(6);
    if (subject === undefined) {
      return texts.flatMap((text) => wrapTo(text, this.#width - 6).map((line) => disarmLine(margin + line)));
    }
    const safe = disarmLine(subject);
    const indent = textWidth(safe) + 3;
    // A long name gets its own lines, so that what is said about it keeps room to stand in.
    const isLong = indent > this.#width / 2;
    const hanging = margin + ' '.repeat(isLong ? 4 : indent);
    const lines = texts.flatMap((text) => wrapTo(text, this.#width - hanging.length));
    if (isLong) {
      const names = wrapTo(safe, this.#width - 6).map((line) => disarmLine(margin + line));
      return [...names, ...lines.map((line) => disarmLine(hanging + line))];
    }
    return lines.map((line, at) => disarmLine(at === 0 ? `${margin}${safe}   ${line}` : `${hanging}${line}`));
  }
}
