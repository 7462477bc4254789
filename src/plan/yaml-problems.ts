import type { YAMLError } from 'yaml';
import type { Diagnostic } from '../kernel/index.ts';
import { problem, shown, type SourceText } from './source-text.ts';

/** Whether nothing behind the error can be trusted. */
export function isFatal({ code }: YAMLError): boolean {
  return code !== 'DUPLICATE_KEY';
}

/** An error of the YAML reader in our words. */
export function yamlProblem(error: YAMLError, source: SourceText): Diagnostic {
  const [start, end] = error.pos;
  const at = { path: source.path, start: Math.min(start, Math.max(0, source.text.length - 1)), end };
  switch (error.code) {
    case 'DUPLICATE_KEY': {
      const key = /^(?:"[^"\n]*"|'[^'\n]*'|[^\s:]+)/.exec(source.text.slice(start))?.[0] ?? '';
      const span = { ...at, end: start + key.length };
      return problem('DUPLICATE_KEY', span, `the key \`${shown(key)}\` is here twice`, 'keep one of them');
    }
    case 'TAB_AS_INDENT':
      return problem(
        'YAML_TAB',
        at,
        'a tab indents this line',
        'YAML is indented with blanks; replace each tab by two',
      );
    case 'BAD_SCALAR_START':
      return problem(
        'YAML_SYNTAX',
        at,
        `text cannot start with \`${source.text[start] ?? ''}\``,
        'put quotes around it',
      );
    case 'MISSING_CHAR':
      if (!error.message.includes('map values')) break;
      return problem('YAML_SYNTAX', at, 'a key without `:` and a value', 'write `key: value`');
    case 'MULTILINE_IMPLICIT_KEY':
      return problem(
        'YAML_SYNTAX',
        { ...at, end: lineEnd(source.text, start) },
        'a line without `:`',
        'write `key: value`',
      );
    case 'UNEXPECTED_TOKEN':
      if (!/["']\s*$/.test(source.text.slice(0, start))) break;
      return problem('YAML_SYNTAX', at, 'there is text behind the closing quote', 'put quotes around the whole value');
    default:
      break;
  }
  const message = error.message.replace(/ at line \d+.*$/s, '');
  return problem('YAML_SYNTAX', at, `this is not YAML: ${lowerFirst(shown(message))}`);
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
