// What can be told from a statement's text alone: its first word, and every word that may name an object.
// Errs on one side only: a word may be reported that names nothing.

import { tokenAt } from '../sql/tokens.ts';

export interface StatementWords {
  /** First keyword, upper case; empty where there is none. */
  readonly keyword: string;
  /** Bare words and quoted names, lower case. Text between single quotes is left out. */
  readonly words: ReadonlySet<string>;
  /** Names, lower case, that stand before an opening parenthesis. */
  readonly called: ReadonlySet<string>;
}

const BARE_WORD = /[\w$\u0080-\uffff]+/y;
const EXECUTABLE_MARK = /\/\*M?!\d*/y;

/** The text inside an executable comment counts as if it stood outside. */
export function statementWords(text: string): StatementWords {
  const words = new Set<string>();
  const called = new Set<string>();
  let keyword = '';
  let last = '';
  let position = 0;
  while (position < text.length) {
    const mark = matchAt(EXECUTABLE_MARK, text, position) ?? (text.startsWith('*/', position) ? '*/' : undefined);
    const bare = mark === undefined ? matchAt(BARE_WORD, text, position) : undefined;
    const token = tokenAt(text, position);
    const known = mark ?? bare;
    const end = known === undefined ? wholeQuote(text, position, token.end) : position + known.length;
    const name = bare ?? quotedName(text, position, end);
    if (name !== undefined) {
      last = name.toLowerCase();
      words.add(last);
      if (keyword === '') keyword = name.toUpperCase();
    } else if (mark === undefined && token.isContent) {
      if (text.charAt(position) === '(' && last !== '') called.add(last);
      last = ''; // blanks and comments do not part a function from its parenthesis, anything else does
    }
    position = end;
  }
  return { keyword, words, called };
}

/** A doubled quote comes as two quoted stretches side by side: the end of the last one. */
function wholeQuote(text: string, start: number, firstEnd: number): number {
  const quote = text.charAt(start);
  let end = firstEnd;
  while (isNameQuote(quote) && text.charAt(end) === quote) end = tokenAt(text, end).end;
  return end;
}

function quotedName(text: string, start: number, end: number): string | undefined {
  const quote = text.charAt(start);
  if (!isNameQuote(quote)) return undefined;
  const inside = text.slice(start + 1, text.charAt(end - 1) === quote ? end - 1 : end);
  return inside.replaceAll(quote + quote, quote);
}

/** Backticks, and double quotes, which ANSI_QUOTES makes those of a name. */
function isNameQuote(quote: string): boolean {
  return quote === '`' || quote === '"';
}

function matchAt(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
}
