// Owns where one statement ends and the next begins, for scripts as the command-line clients take them.
// Invariants: 1. A statement is `script.slice(offset, offset + text.length)`. 2. Every character that is neither blank,
// comment, delimiter nor DELIMITER line is in exactly one statement. 3. Time is linear in the script's length.

import type { Statement } from '../port.ts';
import { lineEnd, tokenAt } from './tokens.ts';

/**
 * Splits a script into statements.
 *
 * Understands quotes, backticks, the three kinds of comments and DELIMITER lines. An executable comment belongs to its
 * statement and may hold delimiters; ordinary comments around a statement are left out, those inside are kept.
 * The body of a routine needs a DELIMITER around it. A backslash escapes inside quotes, as under every `sql_mode` but
 * NO_BACKSLASH_ESCAPES. What is left open at the end is handed out as it is: the server says what is wrong with it.
 */
export function splitStatements(script: string): readonly Statement[] {
  const statements: Statement[] = [];
  const lines = new LineCounter(script);
  let delimiter = ';';
  let start = -1; // of the statement under way
  let end = 0; // just behind its last character that is content
  let position = 0;
  const finish = (): void => {
    if (start >= 0) statements.push({ text: script.slice(start, end), offset: start, line: lines.at(start) });
    start = -1;
  };
  while (position < script.length) {
    if (script.startsWith(delimiter, position)) {
      finish();
      position += delimiter.length;
      continue;
    }
    const command = start < 0 ? delimiterCommand(script, position) : undefined;
    if (command !== undefined) {
      delimiter = command.delimiter;
      position = command.end;
      continue;
    }
    const token = tokenAt(script, position);
    if (token.isContent) {
      if (start < 0) start = position;
      end = token.end;
    }
    position = token.end;
  }
  finish();
  return statements;
}

/** `DELIMITER //` between two statements: the first word behind it, up to the end of the line. */
function delimiterCommand(script: string, position: number): { delimiter: string; end: number } | undefined {
  const first = script.charCodeAt(position);
  if (first !== 0x44 && first !== 0x64) return undefined;
  const end = lineEnd(script, position);
  const [, delimiter] = /^delimiter[ \t]+(\S+)/i.exec(script.slice(position, end)) ?? [];
  return delimiter === undefined ? undefined : { delimiter, end };
}

/** Line numbers of ascending offsets, each newline counted once. */
class LineCounter {
  readonly #script: string;
  #line = 1;
  #nextNewline: number;

  constructor(script: string) {
    this.#script = script;
    this.#nextNewline = lineEnd(script, 0);
  }

  at(offset: number): number {
    while (this.#nextNewline < offset) {
      this.#line += 1;
      this.#nextNewline = lineEnd(this.#script, this.#nextNewline + 1);
    }
    return this.#line;
  }
}
