// Texts as MatrixOne reads them. It knows no `_utf8mb4 0x..`, and a backslash always escapes.

import { invariant } from '../../kernel/index.ts';

/** A text literal between single quotes. */
export function literal(text: string): string {
  invariant(!text.includes('\0'), 'a text without NUL characters');
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** `'a', 'b'`; a list that matches nothing where there is none. */
export function literals(texts: Iterable<string>): string {
  const list = [...texts].map(literal);
  return list.length === 0 ? 'NULL' : list.join(', ');
}
