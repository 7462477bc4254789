// The lexical facts of the family's SQL: quotes, comments, blanks. A backslash escapes inside quotes.

/** A stretch that is read as a whole: a quoted text, a comment, or one character. */
export interface Token {
  readonly end: number;
  readonly isContent: boolean;
}

export function tokenAt(script: string, position: number): Token {
  const character = script.charAt(position);
  switch (character) {
    case "'":
    case '"':
    case '`':
      return { end: quoteEnd(script, position, character), isContent: true };
    case '#':
      return { end: lineEnd(script, position), isContent: false };
    case '-':
      if (isDashComment(script, position)) return { end: lineEnd(script, position), isContent: false };
      return { end: position + 1, isContent: true };
    case '/':
      if (script.charAt(position + 1) === '*') return commentAt(script, position);
      return { end: position + 1, isContent: true };
    default:
      return { end: position + 1, isContent: !isBlank(character) };
  }
}

/** `--` opens a comment only before a blank, a control character or the end: `5--3` is eight. */
function isDashComment(script: string, position: number): boolean {
  if (script.charAt(position + 1) !== '-') return false;
  return position + 2 >= script.length || script.charCodeAt(position + 2) <= 0x20;
}

function commentAt(script: string, position: number): Token {
  if (/^\/\*M?!/.test(script.slice(position, position + 4))) {
    return { end: executableCommentEnd(script, position), isContent: true };
  }
  const close = script.indexOf('*/', position + 2);
  // An ordinary comment that never ends would swallow the rest of the script without a word.
  return close < 0 ? { end: script.length, isContent: true } : { end: close + 2, isContent: false };
}

/** Its text is SQL: quotes and inner comments may hold the two characters that would close it. */
function executableCommentEnd(script: string, position: number): number {
  let inside = position + 3;
  while (inside < script.length) {
    if (script.startsWith('*/', inside)) return inside + 2;
    inside = tokenAt(script, inside).end;
  }
  return script.length;
}

function quoteEnd(script: string, position: number, quote: string): number {
  const code = quote.charCodeAt(0);
  for (let inside = position + 1; inside < script.length; inside += 1) {
    const current = script.charCodeAt(inside);
    if (current === 0x5c && quote !== '`') inside += 1;
    else if (current === code) return inside + 1; // a doubled quote reads as two adjacent quoted stretches
  }
  return script.length;
}

/** Where the line's newline stands, or the end of the script. */
export function lineEnd(script: string, position: number): number {
  const newline = script.indexOf('\n', position);
  return newline < 0 ? script.length : newline;
}

function isBlank(character: string): boolean {
  return character <= ' ' || character === '\u00a0' || character === '\ufeff';
}
