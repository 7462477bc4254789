import { isCollection, isScalar, visit, type Document, type YAMLError } from 'yaml';
import type { Diagnostic } from '../kernel/index.ts';
import { problem, shown, type SourceText } from './source-text.ts';

/** An error of the YAML reader in our words. */
export function yamlProblem(error: YAMLError, document: Document.Parsed | undefined, source: SourceText): Diagnostic {
  const { text, path } = source;
  const [start, end] = error.pos;
  const at = { path, start: Math.min(start, Math.max(0, text.length - 1)), end };
  const open = document === undefined ? undefined : firstOpen(document, text);
  if (open !== undefined) {
    const message = `this \`${text[open] ?? ''}\` is never closed`;
    return problem('YAML_SYNTAX', { path, start: open, end: open + 1 }, message);
  }
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return problem(
        'YAML_TAB',
        at,
        'a tab indents this line',
        'YAML is indented with blanks; replace each tab by two',
      );
    case 'BAD_SCALAR_START':
      return problem('YAML_SYNTAX', at, `text cannot start with \`${text[start] ?? ''}\``, 'put quotes around it');
    case 'MISSING_CHAR':
    case 'MULTILINE_IMPLICIT_KEY': {
      const line = lineAround(text, error.code === 'MISSING_CHAR' ? start - 1 : start);
      if (line.text.includes(':') || line.text === '') break;
      const span = { path, start: line.start, end: line.start + line.text.length };
      return problem('YAML_SYNTAX', span, 'this line has no `:`', 'write `key: value`');
    }
    case 'UNEXPECTED_TOKEN':
      if (!/["']\s*$/.test(text.slice(0, start))) break;
      return problem('YAML_SYNTAX', at, 'there is text behind the closing quote', 'put quotes around the whole value');
    default:
      break;
  }
  const message = `this is not YAML: ${lowerFirst(shown(error.message))}`;
  const isIndent = error.code === 'BAD_INDENT' || error.code === 'MISSING_CHAR';
  const blank = /^\s*/.exec(text.slice(at.start))?.[0].length ?? 0;
  const help = isIndent ? 'look at how this line is indented' : undefined;
  return problem(
    'YAML_SYNTAX',
    { path, start: at.start + blank, end: Math.max(end, at.start + blank + 1) },
    message,
    help,
  );
}

/** Where the quote, bracket or brace stands that has no end; the reader complains at the end of the text. */
function firstOpen(document: Document.Parsed, text: string): number | undefined {
  let open: number | undefined;
  visit(document, {
    Node(_, node) {
      const [start, end] = node.range ?? [0, 0];
      const closer = isScalar(node) || isCollection(node) ? CLOSERS[text[start] ?? ''] : undefined;
      const isQuote = isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE');
      const isFlow = isCollection(node) && node.flow === true;
      if (closer === undefined || !(isQuote || isFlow)) return undefined;
      if (end - start > 1 && text[end - 1] === closer) return undefined;
      open = start;
      return isFlow ? undefined : visit.BREAK;
    },
  });
  return open;
}

const CLOSERS: Readonly<Record<string, string>> = { '"': '"', "'": "'", '[': ']', '{': '}' };

function lineAround(text: string, offset: number): { readonly start: number; readonly text: string } {
  const from = text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1;
  const line = /^[^\n]*/.exec(text.slice(from))?.[0] ?? '';
  return { start: from + (line.length - line.trimStart().length), text: line.trim() };
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
