// What a program prints, as lines that say what a terminal would show in the end. Progress bars and spinners print one
// line over and over: what they overwrite is nothing that anybody wants to find in a journal.

import { stripVTControlCharacters } from 'node:util';

/** A program that never ends a line is heard in pieces of this size. */
const LINE_CHARACTERS_MAX = 8_000;
const TAIL_CHARACTERS_MAX = 8_000;

/** Back to where the line begins: a carriage return, the cursor in column 1, a line that is wiped. */
const OVERWRITES = /\r|\u001b\[(?:[01]?G|2K)/;

/** What is left to be seen of a line that was written over itself. */
export function shownLine(line: string): string {
  const frames = line.split(OVERWRITES).map((frame) => stripVTControlCharacters(frame));
  return frames.findLast((frame) => frame.trim() !== '') ?? '';
}

/** How secrets are taken out of a text, and how long one may be as it is written. */
export interface Cleaning {
  readonly redact: (text: string) => string;
  readonly secretMax: number;
}

/** Secrets are taken out before a line is cut: half of one would not be known again. */
export class LineCutter {
  readonly #tell: (line: string) => void;
  readonly #clean: Cleaning;
  #rest = '';

  constructor(tell: (line: string) => void, clean: Cleaning) {
    this.#tell = tell;
    this.#clean = clean;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#tell(this.#shown(line).slice(0, LINE_CHARACTERS_MAX));
    // What may be the beginning of a secret waits for the rest of it.
    const enough = LINE_CHARACTERS_MAX + this.#clean.secretMax;
    if (this.#rest.length < enough) return;
    const shown = this.#shown(this.#rest);
    const isWritten = shown.length >= enough;
    if (isWritten) this.#tell(shown.slice(0, LINE_CHARACTERS_MAX));
    this.#rest = isWritten ? shown.slice(LINE_CHARACTERS_MAX) : shown;
  }

  #shown(line: string): string {
    return this.#clean.redact(shownLine(line));
  }

  end(): void {
    const shown = this.#shown(this.#rest);
    if (shown !== '') this.#tell(shown);
    this.#rest = '';
  }
}

/** The last lines of all streams, in the order in which they were heard. */
export class OutputTail {
  #text = '';

  add(line: string): void {
    this.#text = `${this.#text}${line}\n`.slice(-TAIL_CHARACTERS_MAX);
  }

  text(): string {
    return this.#text;
  }
}
