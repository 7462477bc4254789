// What YAML reads otherwise than people mean, where the reading breaks the rest of the text too. Each trap is reported and
// then mended in place, every character for one character, so that the text can be read again with all offsets kept:
// the problems behind a trap come to light in the same go.

import { visit, type Document, type Scalar } from 'yaml';
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
  const mends = [...unquotedStars(document, text, source), ...unquotedReferences(document, text, source)];
  mends.push(...unquotedColons(document, text, source));
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
    diagnostics: mends.map(({ diagnostic }) => diagnostic).slice(0, PROBLEMS_MAX),
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

/** `{ url: ${env:X} }`: inside braces and brackets the `{` of a reference opens a map. */
function unquotedReferences(document: Document.Parsed, text: string, source: SourceText): Mend[] {
  const mends: Mend[] = [];
  visit(document, {
    Scalar(_, node) {
      const end = node.range?.[1] ?? 0;
      if (node.type !== 'PLAIN' || text[end] !== '{' || text[end - 1] !== '$') return;
      const close = /^\{[^\n}]*\}/.exec(text.slice(end))?.[0];
      if (close === undefined) return;
      const start = end - 1;
      const reference = `$${close}`;
      mends.push({
        start,
        replacement: 'x'.repeat(reference.length),
        diagnostic: problem(
          'YAML_UNQUOTED_REFERENCE',
          { path: source.path, start, end: start + reference.length },
          `inside braces and brackets YAML reads the \`{\` of \`${shown(reference)}\` as a map`,
          `quote it: \`"${shown(wholeWord(node, text, start) + reference)}"\``,
        ),
      });
    },
  });
  return mends;
}

function wholeWord({ range }: Scalar, text: string, end: number): string {
  return text.slice(range?.[0] ?? end, end);
}

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
