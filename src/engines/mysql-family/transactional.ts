// Owns the answer to one question: would ROLLBACK undo all of this? "No" is always safe to answer, "yes" must be true.

import type { Session, Statement } from '../port.ts';
import { quoteText } from '../wire/quote.ts';
import { statementWords, type StatementWords } from './statement-words.ts';

const KEYWORDS: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'SELECT', 'WITH']);
const WRITING_KEYWORDS: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'REPLACE']);

/** Words that reach beyond the transaction wherever they stand: files, locks, sequences, programs. */
const OUTSIDE_WORDS: ReadonlySet<string> = new Set(['outfile', 'dumpfile', 'call', 'execute']);
const OUTSIDE_FUNCTIONS: ReadonlySet<string> = new Set([
  'get_lock',
  'release_lock',
  'release_all_locks',
  'load_file',
  'nextval',
  'setval',
  'sys_exec',
  'sys_eval',
]);

/** Tables looked at in all; more names than this in one script, and the answer is no. */
const OBJECTS_MAX = 100_000;

/**
 * True only if every statement reads or writes rows of InnoDB tables and calls nothing that acts outside of the
 * transaction, triggers and views looked into. Reads the catalogs of the databases that the statements name.
 */
export async function canRunInTransaction(
  session: Session,
  statements: readonly Statement[],
  database: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (statements.length === 0) return false;
  const parts = statements.map(({ text }) => statementWords(text));
  if (!parts.every(isPlain)) return false;
  const world = await readWorld(session, new Set(parts.flatMap(({ words }) => [...words])), database, signal);
  if (world === undefined) return false;
  const isAnswered = parts.every(
    ({ keyword, words }) => !WRITING_KEYWORDS.has(keyword) || [...words].some((word) => world.objects.has(word)),
  );
  return isAnswered && staysInside(parts, world);
}

function isPlain({ keyword, words, called }: StatementWords): boolean {
  return KEYWORDS.has(keyword) && !reachesOutside({ words, called });
}

function reachesOutside({ words, called }: Pick<StatementWords, 'words' | 'called'>): boolean {
  return [...OUTSIDE_WORDS].some((word) => words.has(word)) || [...OUTSIDE_FUNCTIONS].some((name) => called.has(name));
}

interface KnownObject {
  /** False for anything but a transactional base table or a view. */
  readonly isSafe: boolean;
  /** SQL that runs when the object is used: a view's text, bodies of triggers. `undefined` where it cannot be read. */
  readonly texts: readonly (string | undefined)[];
}

interface World {
  /** By name in lower case; objects of one name in several databases stand together. */
  readonly objects: ReadonlyMap<string, readonly KnownObject[]>;
  readonly functions: ReadonlySet<string>;
  readonly otherDatabases: ReadonlySet<string>;
}

/** Follows triggers and views until nothing new comes up. */
function staysInside(parts: readonly StatementWords[], world: World): boolean {
  const queue: StatementWords[] = [...parts];
  const seen = new Set<string>();
  for (let part = queue.pop(); part !== undefined; part = queue.pop()) {
    if (reachesOutside(part) || [...part.called].some((name) => world.functions.has(name))) return false;
    for (const word of part.words) {
      // A trigger or view that leads into a database that nobody named: too far to follow.
      if (world.otherDatabases.has(word)) return false;
      if (seen.has(word)) continue;
      seen.add(word);
      for (const { isSafe, texts } of world.objects.get(word) ?? []) {
        if (!isSafe || texts.includes(undefined)) return false;
        queue.push(...texts.map((text) => statementWords(text ?? '')));
      }
    }
  }
  return true;
}

async function readWorld(
  session: Session,
  words: ReadonlySet<string>,
  database: string | undefined,
  signal: AbortSignal,
): Promise<World | undefined> {
  const ask = async (sql: string) => (await session.query(sql, { signal })).rows;
  const all = (await ask('SELECT schema_name FROM information_schema.schemata')).map(([name]) => name ?? '');
  const used = all.filter((name) => name.toLowerCase() === database?.toLowerCase() || words.has(name.toLowerCase()));
  if (used.length === 0 || !(await seesTriggers(session, used, signal))) return undefined;
  const list = used.map(quoteText).join(', ');
  const rows = await ask(
    `SELECT table_name, table_type, engine FROM information_schema.tables WHERE table_schema IN (${list})` +
      ` LIMIT ${OBJECTS_MAX + 1}`,
  );
  if (rows.length > OBJECTS_MAX) return undefined;
  const views = await ask(
    `SELECT table_name, view_definition FROM information_schema.views WHERE table_schema IN (${list})`,
  );
  const triggers = await ask(
    'SELECT event_object_table, action_statement FROM information_schema.triggers' +
      ` WHERE event_object_schema IN (${list})`,
  );
  const routines = await ask(
    "SELECT DISTINCT routine_name FROM information_schema.routines WHERE routine_type <> 'PROCEDURE'",
  );
  const objects = new Map<string, readonly KnownObject[]>();
  const add = (name: string | null | undefined, object: KnownObject): void => {
    const key = (name ?? '').toLowerCase();
    objects.set(key, [...(objects.get(key) ?? []), object]);
  };
  for (const [name, type, engine] of rows) {
    if (type !== 'VIEW') add(name, { isSafe: engine?.toLowerCase() === 'innodb' && type !== 'SEQUENCE', texts: [] });
  }
  for (const [name, text] of [...views, ...triggers]) add(name, { isSafe: true, texts: [readable(text)] });
  const lower = (names: readonly (string | null | undefined)[]) =>
    new Set(names.map((name) => (name ?? '').toLowerCase()));
  return {
    objects,
    functions: lower(routines.map(([name]) => name)),
    otherDatabases: lower(all.filter((name) => !used.includes(name))),
  };
}

function readable(text: string | null | undefined): string | undefined {
  return text === null || text === undefined || text === '' ? undefined : text;
}

/** Triggers are listed only for those with the TRIGGER right: an empty list may mean nothing. Roles do not count. */
async function seesTriggers(session: Session, databases: readonly string[], signal: AbortSignal): Promise<boolean> {
  const grantee = "CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')";
  const own = `privilege_type = 'TRIGGER' AND grantee = ${grantee}`;
  const onAll = `SELECT COUNT(*) FROM information_schema.user_privileges WHERE ${own}`;
  if ((await session.query(onAll, { signal })).rows[0]?.[0] !== '0') return true;
  for (const database of databases) {
    const onOne =
      `SELECT COUNT(*) FROM information_schema.schema_privileges WHERE ${own}` +
      ` AND ${quoteText(database)} LIKE table_schema`;
    if ((await session.query(onOne, { signal })).rows[0]?.[0] === '0') return false;
  }
  return true;
}
