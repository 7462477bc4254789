// SHOW CREATE TABLE's text taken apart at its top-level commas, and put together again in another database.

import { invariant } from '../../../kernel/index.ts';
import { quoteName } from '../../wire/quote.ts';

export interface TableText {
  /** Columns, keys and constraints, each without its comma. */
  readonly items: readonly string[];
  /** Everything after the closing parenthesis. */
  readonly options: string;
}

/** Reads the text as a session with backslash escapes and without ANSI_QUOTES prints it. */
export function parseTableText(definition: string): TableText {
  const open = definition.indexOf('(', endOfName(definition));
  invariant(open > 0, 'a parenthesis after the name of the table');
  const items: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open; at < definition.length; at += 1) {
    const character = definition[at] ?? '';
    if (isQuote(character)) at = endOfQuoted(definition, at);
    else if (character === '(') depth += 1;
    else if (character === ',' && depth === 1) {
      items.push(definition.slice(start, at).trim());
      start = at + 1;
    } else if (character === ')') {
      depth -= 1;
      if (depth > 0) continue;
      items.push(definition.slice(start, at).trim());
      return { items, options: definition.slice(at + 1) };
    }
  }
  throw new Error(`not the text of a table: ${definition.slice(0, 80)}`);
}

/** The statement that creates the table in that database. */
export function printTableText(database: string, table: string, { items, options }: TableText): string {
  const columns = items.map((item) => inheritCollation(item, options)).join(',\n  ');
  return `CREATE TABLE ${quoteName(database)}.${quoteName(table)} (\n  ${columns}\n)${options}`;
}

const COLUMN_COLLATION = /^(`(?:[^`]|``)*` \w+(?:\((?:[^'()]|'(?:[^'\\]|\\.|'')*')*\))?) COLLATE (\w+)/s;

/**
 * MySQL prints COLLATE without CHARACTER SET for a column that takes the collation of its table. Said of the column, it
 * becomes the column's own, and is printed in another way from then on.
 */
function inheritCollation(item: string, options: string): string {
  const collation = COLUMN_COLLATION.exec(item)?.[2];
  if (collation === undefined || !new RegExp(`^[^']* COLLATE=${collation}\\b`).test(options)) return item;
  return item.replace(COLUMN_COLLATION, '$1');
}

const NAME = '`(?:[^`]|``)*`';
const FOREIGN_KEY = new RegExp(`^CONSTRAINT (${NAME}) FOREIGN KEY `);
const SECONDARY_KEY = /^(?:UNIQUE |FULLTEXT |SPATIAL |VECTOR )?KEY `/;

export function isForeignKey(item: string): boolean {
  return FOREIGN_KEY.test(item);
}

export function foreignKeysOf(text: TableText): readonly string[] {
  return text.items.filter(isForeignKey);
}

export function withoutForeignKeys(text: TableText): TableText {
  return { ...text, items: text.items.filter((item) => !isForeignKey(item)) };
}

const CHECK = new RegExp(`^CONSTRAINT (${NAME}) CHECK `);

/** The names of CHECK constraints that have a line of their own, unquoted. */
export function checkNamesOf({ items }: TableText): readonly string[] {
  return items.flatMap((item) => {
    const name = CHECK.exec(item)?.[1];
    return name === undefined ? [] : [unquoteName(name)];
  });
}

/** The name of a foreign key, unquoted. */
export function foreignKeyName(item: string): string {
  const name = FOREIGN_KEY.exec(item)?.[1];
  invariant(name !== undefined, 'the text of a foreign key');
  return unquoteName(name);
}

const REFERENCES = new RegExp(
  `^(CONSTRAINT ${NAME} FOREIGN KEY \\(${NAME}(?:, ?${NAME})*\\) REFERENCES )(?:(${NAME})\\.)?(${NAME}) \\(`,
);

/** The foreign key with its target's database written out: a statement without a current database needs it. */
export function qualifyForeignKey(item: string, database: string): string {
  const match = REFERENCES.exec(item);
  invariant(match !== null, `a foreign key that can be read: ${item}`);
  const [whole, start = '', target, table = ''] = match;
  return `${start}${target ?? quoteName(database)}.${table} (${item.slice(whole.length)}`;
}

/** Where a foreign key of a table in `database` points. */
export function foreignKeyTarget(item: string, database: string): { database: string; table: string } {
  const match = REFERENCES.exec(item);
  invariant(match !== null, `a foreign key that can be read: ${item}`);
  const [, , target, table = ''] = match;
  return { database: target === undefined ? database : unquoteName(target), table: unquoteName(table) };
}

/** The columns of a foreign key, and those that they point at, unquoted. */
export function foreignKeyColumns(item: string): { columns: readonly string[]; referenced: readonly string[] } {
  const lists = item.match(new RegExp(`\\(${NAME}(?:, ?${NAME})*\\)`, 'g')) ?? [];
  const names = (list: string): readonly string[] => (list.match(new RegExp(NAME, 'g')) ?? []).map(unquoteName);
  return { columns: names(lists[0] ?? ''), referenced: names(lists[1] ?? '') };
}

/**
 * The table as a shadow holds it: without foreign keys, and without the keys that only make reading fast. Kept are the
 * primary key (or, without one, unique keys, which can stand in for it) and a key that an AUTO_INCREMENT column needs.
 */
export function shadowText(text: TableText, autoIncrementColumn: string | undefined): TableText {
  const hasPrimaryKey = text.items.some((item) => item.startsWith('PRIMARY KEY '));
  const needed = autoIncrementColumn === undefined ? undefined : neededKey(text.items, autoIncrementColumn);
  const items = text.items.filter((item) => {
    if (isForeignKey(item)) return false;
    if (!SECONDARY_KEY.test(item) || item === needed) return true;
    return !hasPrimaryKey && item.startsWith('UNIQUE KEY ');
  });
  return { ...text, items };
}

/**
 * Keys that can be added after the rows, which is faster: one ALTER TABLE for each list, as MySQL makes one full-text
 * index at a time. Keys stand in the order in which they were added: what stands before one that has to be there from
 * the start is there, too. Undefined where no key can wait.
 */
export function splitLateKeys(
  text: TableText,
): { readonly early: TableText; readonly late: readonly (readonly string[])[] } | undefined {
  const column = autoIncrementColumnOf(text);
  const needed = column === undefined ? undefined : neededKey(text.items, column);
  const start = needed === undefined ? 0 : text.items.indexOf(needed) + 1;
  const isLate = (item: string, at: number): boolean =>
    at >= start && SECONDARY_KEY.test(item) && !item.startsWith('UNIQUE KEY ');
  const late = text.items.filter(isLate);
  if (late.length === 0) return undefined;
  const [firstText, ...otherTexts] = late.filter((item) => item.startsWith('FULLTEXT KEY '));
  const atOnce = late.filter((item) => item === firstText || !item.startsWith('FULLTEXT KEY '));
  return {
    early: { ...text, items: text.items.filter((item, at) => !isLate(item, at)) },
    late: [atOnce, ...otherTexts.map((item) => [item])],
  };
}

function neededKey(items: readonly string[], column: string): string | undefined {
  const leading = `(${quoteName(column)}`;
  if (items.some((item) => item.startsWith('PRIMARY KEY ') && item.includes(leading))) return undefined;
  const keys = items.filter((item) => SECONDARY_KEY.test(item) && item.includes(quoteName(column)));
  return keys.find((item) => item.includes(` ${leading}`)) ?? keys[0];
}

/**
 * The next value as a decimal, or null without a column for it. MySQL's information_schema does not tell that of a
 * table that nobody has opened.
 */
export function nextAutoIncrement(text: TableText): string | null {
  // MySQL keeps a counter that was given to a table without a column for it, and prints it.
  if (autoIncrementColumnOf(text) === undefined) return null;
  return /^[^']*? AUTO_INCREMENT=(\d+)/.exec(text.options)?.[1] ?? '1';
}

/** The column with the AUTO_INCREMENT attribute, which stands before any comment of the column. */
export function autoIncrementColumnOf(text: TableText): string | undefined {
  for (const item of text.items) {
    const match = new RegExp(`^(${NAME}) [^']* AUTO_INCREMENT(?: |$)`).exec(item);
    if (match !== null) return unquoteName(match[1] ?? '');
  }
  return undefined;
}

/** The same options with storage that survives a power loss; undefined when they have it already. */
export function asInnodb(text: TableText): TableText | undefined {
  const options = text.options.replace(/^( ENGINE=)(?!InnoDB\b)\w+/, '$1InnoDB');
  return options === text.options ? undefined : { ...text, options };
}

const STORED_AS_USUAL = '(?: (?:ROW_FORMAT|STATS_\\w+)=\\w+)*';
const TABLE_COMMENT = "(?: COMMENT='(?:[^'\\\\]|\\\\.|'')*')?";
const CHARSET = '( DEFAULT CHARSET=\\w+(?: COLLATE=\\w+)?)';
const PLAIN_OPTIONS = new RegExp(
  `^ ENGINE=InnoDB(?: AUTO_INCREMENT=\\d+)?${CHARSET}${STORED_AS_USUAL}${TABLE_COMMENT}$`,
  's',
);
const ANY_KEY = /^(?:(?:PRIMARY|UNIQUE|FULLTEXT|SPATIAL|VECTOR) )?KEY /;

/**
 * The table as rows and nothing else, in the storage of MariaDB that is quickest to fill and survives a crash of the
 * server; undefined for a table whose options say anything of how it is stored: encryption, partitions, a place.
 */
export function asAriaHeap(text: TableText): TableText | undefined {
  const charset = PLAIN_OPTIONS.exec(text.options)?.[1];
  if (charset === undefined) return undefined;
  const column = autoIncrementColumnOf(text);
  const items = text.items
    .filter((item) => !ANY_KEY.test(item) && !isForeignKey(item))
    .map((item) => {
      const isCounter = column !== undefined && item.startsWith(`${quoteName(column)} `);
      return isCounter ? item.replace(/^((?:`(?:[^`]|``)*`) [^']*?) AUTO_INCREMENT/, '$1') : item;
    });
  return { items, options: ` ENGINE=Aria TRANSACTIONAL=1 ROW_FORMAT=PAGE${charset}` };
}

/**
 * Equal for tables with equal definitions; foreign keys and the next AUTO_INCREMENT value are compared elsewhere. The
 * option without a column for it, which MyISAM keeps and shows, is but text.
 */
export function comparableTable(definition: string): string {
  const text = withoutForeignKeys(parseTableText(definition));
  const { items, options } = text;
  const hasCounter = autoIncrementColumnOf(text) !== undefined;
  return `${items.join('\n')}\n)${hasCounter ? options.replace(/^([^']*?) AUTO_INCREMENT=\d+/, '$1') : options}`;
}

export function unquoteName(quoted: string): string {
  return quoted.slice(1, -1).replaceAll('``', '`');
}

function endOfName(definition: string): number {
  const start = definition.indexOf('`');
  invariant(start > 0, `a quoted table name in ${definition.slice(0, 80)}`);
  return endOfQuoted(definition, start);
}

function isQuote(character: string): boolean {
  return character === '`' || character === "'" || character === '"';
}

/** The offset of the quote that closes the one at `start`. */
function endOfQuoted(text: string, start: number): number {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\' && quote !== '`') at += 1;
    else if (text[at] === quote) {
      if (text[at + 1] !== quote) return at;
      at += 1;
    }
  }
  throw new Error('a quote without its end');
}
