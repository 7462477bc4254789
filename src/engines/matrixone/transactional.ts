// Owns the answer to one question: would ROLLBACK undo all of this? "No" is always safe to answer, "yes" must be true.

import { statementWords } from '../mysql-family/statement-words.ts';
import type { Statement } from '../port.ts';

const ROW_KEYWORDS: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'replace', 'select', 'with']);

/** DDL is undone here; what follows these words is not, or nobody tried. */
const DDL =
  /^(?:create (?:or replace )?(?:unique )?(?:table|view|index|database)|alter (?:table|view)|drop (?:table|view|index|database)|truncate)\b/;

/** Words that reach beyond the transaction wherever they stand. */
const OUTSIDE_WORDS: readonly string[] = [
  'outfile',
  'dumpfile',
  'call',
  'execute',
  'snapshot',
  'pitr',
  'branch',
  'stage',
];
const OUTSIDE_FUNCTIONS: readonly string[] = ['get_lock', 'release_lock', 'nextval', 'setval', 'load_file', 'sleep'];

/** True only if every statement reads or writes rows, or is DDL that this server undoes. */
export function canRunInTransaction(statements: readonly Statement[]): boolean {
  return statements.length > 0 && statements.every(({ text }) => isPlain(text));
}

function isPlain(text: string): boolean {
  const { keyword, words, called } = statementWords(text);
  if (OUTSIDE_WORDS.some((word) => words.has(word)) || OUTSIDE_FUNCTIONS.some((name) => called.has(name))) return false;
  if (ROW_KEYWORDS.has(keyword.toLowerCase())) return true;
  return DDL.test([...words].join(' '));
}
