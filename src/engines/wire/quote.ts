import { invariant, type TableRef } from '../../kernel/index.ts';

/** A name between backticks, safe under every `sql_mode` (ANSI_QUOTES included). */
export function quoteName(name: string): string {
  invariant(!name.includes('\0'), 'a name without NUL characters');
  return `\`${name.replaceAll('`', '``')}\``;
}

/** `` `database`.`table` `` */
export function quoteTable({ database, table }: TableRef): string {
  return `${quoteName(database)}.${quoteName(table)}`;
}

/**
 * A text literal that means the same under every `sql_mode`.
 *
 * Text without a backslash stands between single quotes, its quotes doubled. Text with one is written in
 * hexadecimal, because NO_BACKSLASH_ESCAPES changes what a backslash between quotes means.
 * Holds for connections that speak utf8mb4, as all of ours do. Where the grammar wants a plain
 * literal (a comment, a password), the hexadecimal form is a syntax error, never another text.
 */
export function quoteText(text: string): string {
  if (/[\\\0]/.test(text)) return `_utf8mb4 0x${Buffer.from(text, 'utf8').toString('hex')}`;
  return `'${text.replaceAll("'", "''")}'`;
}

/** A text literal for servers on which a backslash always escapes, as on MatrixOne, which has no introducers. */
export function quoteTextEscaped(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\0', '\\0')}'`;
}
