// Owns the answer to one question: would ROLLBACK undo all of this? "No" is always safe to answer, "yes" must be true.

import { statementWords } from '../mysql-family/statement-words.ts';
import type { Statement } from '../port.ts';

const ROW_KEYWORDS: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'SELECT', 'WITH']);

/** Words and functions that reach beyond the transaction wherever they stand. */
const OUTSIDE_WORDS: readonly string[] = ['outfile', 'dumpfile', 'call', 'execute'];
const OUTSIDE_FUNCTIONS: readonly string[] = ['get_lock', 'release_lock', 'nextval', 'setval', 'load_file'];

/**
 * True only if every statement reads or writes rows.
 *
 * The server would undo DDL as well. But in one transaction, an UPDATE of a big table behind its ALTER TABLE doubles
 * every row (3.0) or fails (4.2): scripts with DDL run statement by statement.
 */
export function canRunInTransaction(statements: readonly Statement[]): boolean {
  return statements.length > 0 && statements.every(({ text }) => isPlain(text));
}

function isPlain(text: string): boolean {
  const { keyword, words, called } = statementWords(text);
  if (OUTSIDE_WORDS.some((word) => words.has(word))) return false;
  return ROW_KEYWORDS.has(keyword) && !OUTSIDE_FUNCTIONS.some((name) => called.has(name));
}
