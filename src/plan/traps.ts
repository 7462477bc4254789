// What YAML reads otherwise than people mean, where the reading breaks the rest of the text too. Each trap is reported
// and
// then mended in place, every character for one character, so that the text can be read again with all offsets kept:
// the problems behind a trap come to light in the same go.

import { Lexer, visit, type Document } from 'yaml';
import type { Diagnostic } from '../kernel/index.ts';
import { problem, PROBLEMS_MAX, shown, type SourceText } from './source-text.ts';

export interface Mended {
  /** Of the same length. Equal to what was given when there was nothing to mend. */
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
}

interface Mend {
  readonly start: number;
  readonly replacement: string;
  readonly diagnostic: Diagnostic;
}

export function mendTraps(document: Document.Parsed, text: string, source: SourceText): Mended {
  const mends = unquotedStars(document, text, source)
    .concat(unquotedReferences(document, text, source))
    .concat(unquotedColons(document, text, source));
  mends.sort((one, other) => one.start - other.start);
  const parts: string[] = [];
  let done = 0;
  for (const { start, replacement } of mends) {
    if (start < done) continue;
    parts.push(text.slice(done, start), replacement);
    done = start + replacement.length;
  }
  return {
    text: parts.join('') + text.slice(done),
    diagnostics: mends.map(({ diagnostic }) => diagnostic).slice(0, PROBLEMS_MAX + 1),
  };
}

/** `*: same`: a star at the start names an anchor. */
function unquotedStars(document: Document.Parsed, text: string, source: SourceText): Mend[] {
  const anchors = new Set<string>();
  const mends: Mend[] = [];
  visit(document, {
    Node(_, node) {
      if ('anchor' in node && typeof node.anchor === 'string') anchors.add(node.anchor);
    },
    Alias(_, { source: name, range }) {
      const start = range?.[0];
      if (start === undefined || text[start] !== '*' || anchors.has(name)) return;
      const word = `*${name.replace(/:$/, '')}`;
      mends.push({
        start,
        replacement: 'x',
        diagnostic: problem(
          'YAML_UNQUOTED_STAR',
          { path: source.path, start, end: start + word.length },
          `YAML reads \`${shown(word)}\` as a reference to an anchor`,
          `quote it: \`"${shown(word)}"\``,
        ),
      });
    },
  });
  return mends;
}

/**
 * `{ url: ${env:X} }`: inside braces and brackets the `{` of a reference opens a map. Found among the reader's tokens,
 * since there is no telling what the rest of the text is read as.
 */
function unquotedReferences(document: Document.Parsed, text: string, source: SourceText): Mend[] {
  if (document.errors.length === 0) return [];
  const mends: Mend[] = [];
  let offset = 0;
  let before = '';
  for (const token of new Lexer().lex(text)) {
    if (MARKS.has(token)) continue;
    const isTrap = token === '{' && before.endsWith('$');
    const [braces] = isTrap ? (/^\{[^\n}]*\}/.exec(text.slice(offset, offset + 1_000)) ?? []) : [];
    if (braces !== undefined) {
      mends.push({
        start: offset - 1,
        replacement: 'x'.repeat(braces.length + 1),
        diagnostic: problem(
          'YAML_UNQUOTED_REFERENCE',
          { path: source.path, start: offset - 1, end: offset + braces.length },
          `inside braces and brackets YAML reads the \`{\` of \`$${shown(braces)}\` as a map`,
          `quote it: \`"${shown(before + braces)}"\``,
        ),
      });
    }
    before = token;
    offset += token.length;
  }
  return mends;
}

/** Tokens of no width: the start of a document, the end of a flow, the start of a scalar. */
const MARKS: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f']);

/** `run: echo "a: b"`: a colon and a blank inside unquoted text make a key. */
function unquotedColons(document: Document.Parsed, text: string, source: SourceText): Mend[] {
  let done = 0;
  return document.errors.flatMap(({ code, pos: [start] }) => {
    if (code !== 'BLOCK_AS_IMPLICIT_KEY' || start < done) return [];
    const line = /^[^\n]*/.exec(text.slice(start))?.[0] ?? '';
    done = start + line.length;
    const value = line.replace(/\s(#.*)?$/, '').trimEnd();
    const replacement = value.replace(/:(?=\s|$)/g, '_');
    if (replacement === value) return [];
    const quoted = value.includes("'") ? JSON.stringify(value) : `'${value}'`;
    const help = value.length > 60 ? 'put quotes around the whole value' : `quote it: \`${quoted}\``;
    return {
      start,
      replacement,
      diagnostic: problem(
        'YAML_UNQUOTED_COLON',
        { path: source.path, start, end: start + value.length },
        'a colon and a blank inside text without quotes make YAML read a key',
        help,
      ),
    };
  });
}
