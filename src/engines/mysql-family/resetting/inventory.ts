// What a baseline knows of its database: the definitions at the time when it was taken.

import type { Session } from '../../port.ts';
import { quoteName, quoteText } from '../../wire/quote.ts';
import { foreignKeysOf, foreignKeyTarget, parseTableText } from '../copying-snapshots/create-table-text.ts';
import { compareDefinitions } from '../copying-snapshots/compare-definitions.ts';
import { describeDatabase, describeTables } from '../copying-snapshots/describe-tables.ts';
import { describeEvents, describeRoutines, describeTriggers } from '../copying-snapshots/describe-programs.ts';
import { describe } from '../copying-snapshots/describe.ts';
import { tablesOf, type StoredObject, type StoredTable, type StoredTrigger } from '../copying-snapshots/model.ts';
import type { Notes } from '../copying-snapshots/readable.ts';
import { records, textOf } from '../copying-snapshots/result-rows.ts';

export interface KnownTable {
  readonly table: StoredTable;
  /** In the order in which they fire. */
  readonly triggers: readonly StoredTrigger[];
  /** Triggers fire when its rows are put back: they have to be away meanwhile. */
  readonly isGuarded: boolean;
  readonly isPartitioned: boolean;
  readonly hasRows: boolean;
  /** The same for all tables that foreign keys join: changing two of them at a time can be a deadlock. */
  readonly family: number;
}

export interface Inventory {
  readonly database: string;
  readonly tables: ReadonlyMap<string, KnownTable>;
  readonly objects: readonly StoredObject[];
}

export async function takeInventory(session: Session, database: string, signal: AbortSignal): Promise<Inventory> {
  const { objects } = await describe(session, { databases: [database], tables: [] }, signal);
  const filled = await tablesWithRows(session, database, tablesOf(objects), signal);
  const families = familiesOf(tablesOf(objects));
  const tables = tablesOf(objects).map((table): [string, KnownTable] => {
    const triggers = objects.filter((object) => object.kind === 'trigger' && object.table === table.name);
    const own = triggers.filter((object) => object.kind === 'trigger');
    return [
      table.name,
      {
        table,
        triggers: own,
        isGuarded: own.some(({ position }) => !position.includes(' UPDATE ')),
        isPartitioned: /\bPARTITION BY\b/.test(table.definition),
        hasRows: filled.has(table.name),
        family: families.get(table.name) ?? 0,
      },
    ];
  });
  return { database, tables: new Map(tables), objects };
}

function familiesOf(tables: readonly StoredTable[]): ReadonlyMap<string, number> {
  const heads = new Map(tables.map(({ name }): [string, string] => [name, name]));
  const headOf = (name: string): string => {
    const head = heads.get(name) ?? name;
    return head === name ? name : headOf(head);
  };
  for (const { name, database, definition } of tables) {
    for (const item of foreignKeysOf(parseTableText(definition))) {
      heads.set(headOf(name), headOf(foreignKeyTarget(item, database).table));
    }
  }
  const numbers = new Map([...new Set(tables.map(({ name }) => headOf(name)))].map((head, number) => [head, number]));
  return new Map(tables.map(({ name }) => [name, numbers.get(headOf(name)) ?? 0]));
}

/** Which of the tables hold any row at all. */
export async function tablesWithRows(
  session: Session,
  database: string,
  tables: readonly StoredTable[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  if (tables.length === 0) return new Set();
  const asked = tables.map(({ name, isVersioned }) => {
    const place = `${quoteName(database)}.${quoteName(name)}${isVersioned ? ' FOR SYSTEM_TIME ALL' : ''}`;
    return `SELECT ${quoteText(name)} FROM DUAL WHERE EXISTS (SELECT 1 FROM ${place})`;
  });
  const names = new Set<string>();
  for (let at = 0; at < asked.length; at += UNION_MAX) {
    const sql = asked.slice(at, at + UNION_MAX).join(' UNION ALL ');
    for (const { name } of records(await session.query(sql, { signal }), ['name'])) names.add(textOf(name));
  }
  return names;
}

/** More parts than this make a server's parser slow, or its stack too small. */
export const UNION_MAX = 60;

/** True when triggers, routines, views and events, and the database's own options, are as they were. */
export async function hasSamePrograms(
  session: Session,
  { database, objects }: Inventory,
  signal: AbortSignal,
): Promise<boolean> {
  const notes: Notes = { unreadable: [], hasGrants: true };
  const own = await describeDatabase(session, database, signal);
  const views = await namesOf(session, database, signal);
  const live = [
    ...(own === undefined ? [] : [own]),
    ...(views.length === 0 ? [] : await describeTables(session, database, views, notes, signal)),
    ...(await describeRoutines(session, database, notes, signal)),
    ...(await describeTriggers(session, database, undefined, notes, signal)),
    ...(await describeEvents(session, database, notes, signal)),
  ];
  const wanted = objects.filter(({ kind }) => kind !== 'table' && kind !== 'grant' && kind !== 'inbound-key');
  return compareDefinitions(withoutState(wanted), withoutState(live)).length === 0;
}

/** Views and sequences. */
async function namesOf(session: Session, database: string, signal: AbortSignal): Promise<readonly string[]> {
  const result = await session.query(
    `SELECT table_name FROM information_schema.tables
     WHERE table_schema = ${quoteText(database)} AND table_type IN ('VIEW', 'SEQUENCE')`,
    { signal },
  );
  return records(result, ['name']).map(({ name }) => textOf(name));
}

/** Where a sequence stands is looked at apart from what it is. */
function withoutState(objects: readonly StoredObject[]): readonly StoredObject[] {
  return objects.map((object) =>
    object.kind === 'sequence' ? { ...object, nextValue: '', cycleCount: '0', cacheSize: '' } : object,
  );
}

/** True when these tables have the definitions and the triggers that they had; where AUTO_INCREMENT stands apart. */
export async function hasSameTables(
  session: Session,
  { database, tables }: Inventory,
  names: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  if (names.length === 0) return true;
  const notes: Notes = { unreadable: [], hasGrants: true };
  const live = [
    ...(await describeTables(session, database, names, notes, signal)),
    ...(await describeTriggers(session, database, names, notes, signal)),
  ];
  const wanted = names.flatMap((name) => {
    const known = tables.get(name);
    return known === undefined ? [] : [known.table, ...known.triggers];
  });
  return compareDefinitions(wanted.map(withoutCounter), live.map(withoutCounter)).length === 0;
}

function withoutCounter(object: StoredObject): StoredObject {
  return object.kind === 'table' ? { ...object, autoIncrement: null } : object;
}
