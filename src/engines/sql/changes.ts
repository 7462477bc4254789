const LEADING_COMMENTS = /^(?:\s|--[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/;
const READING_WORDS =
  'SELECT WITH TABLE VALUES SHOW EXPLAIN DESC DESCRIBE ANALYZE SET USE KILL FLUSH HELP BEGIN START SAVEPOINT UNLOCK';
const READS = new RegExp(`^(?:${READING_WORDS.replaceAll(' ', '|')})\\b`, 'i');

/**
 * Whether a statement, as a list of sessions shows it, may change data. One that calls a routine may; one that reads
 * for a change has a transaction, which tells more.
 */
export function mayChange(statement: string): boolean {
  const bare = statement.replace(LEADING_COMMENTS, '');
  return bare !== '' && !READS.test(bare);
}
