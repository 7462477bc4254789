export interface SqlShape {
  /** Statements, where `;` ends one. A `DELIMITER` line is not understood: it belongs to files. */
  readonly statementCount: number;
  /** `?` outside of quotes and comments. */
  readonly placeholderCount: number;
}

/** Quoted text and names, comments (those that a server executes are not), or one character. */
const TOKEN = new RegExp(
  [
    /'(?:[^'\\]|\\[\s\S]|'')*'?/,
    /"(?:[^"\\]|\\[\s\S]|"")*"?/,
    /`(?:[^`]|``)*`?/,
    /#[^\n]*/,
    /--(?=\s|$)[^\n]*/,
    /\/\*(?!M?!)[\s\S]*?(?:\*\/|$)/,
    /[\s\S]/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gy',
);

/** Counts in inline SQL what a plan must agree with before there is a server. */
export function sqlShape(text: string): SqlShape {
  let statementCount = 0;
  let placeholderCount = 0;
  let isInStatement = false;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === ';') {
      isInStatement = false;
      continue;
    }
    if (/^(\s|#|--(\s|$)|\/\*(?!M?!))/.test(token)) continue;
    if (!isInStatement) statementCount += 1;
    isInStatement = true;
    if (token === '?') placeholderCount += 1;
  }
  return { statementCount, placeholderCount };
}
