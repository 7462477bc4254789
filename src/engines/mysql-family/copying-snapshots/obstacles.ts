// What would keep a restore from coming to its end, found while nothing live has been changed: rights that are missing,
// names that something outside has taken, foreign keys whose parents outside are others by now.

import { Fault } from '../../../kernel/index.ts';
import { quoteName, quoteTable, quoteText } from '../../wire/quote.ts';
import { foreignKeysByName, isSameObject, keyOf, triggerSets } from './compare-definitions.ts';
import type { Sides } from './compare.ts';
import { checkNamesOf, foreignKeyTarget, parseTableText, printTableText } from './create-table-text.ts';
import { qualifyForeignKey, withoutForeignKeys } from './create-table-text.ts';
import { isNamed } from './exact-name.ts';
import { coversTable, databasesIn, databasesThere } from './extent.ts';
import { refuse, type Lack } from './grant-script.ts';
import { labelOf, tablesOf, type StoredObject, type StoredTable } from './model.ts';
import { unreadableLack } from './preflight.ts';
import { probeDatabases, probeRights } from './probe-rights.ts';
import { records, textOf } from './result-rows.ts';
import type { Restoring } from './restoring.ts';
import { stagingDatabase } from './shadow-catalog.ts';

/**
 * Uses the staging databases, and creates them where they are missing.
 *
 * @param replaced labels of the tables that are going to be built anew
 * @throws {Fault} SNAPSHOT_REFUSED with every reason there is.
 */
export async function refuseObstacles(
  restoring: Restoring,
  { wanted, live, unreadable }: Omit<Sides, 'pairs'>,
  replaced: ReadonlySet<string>,
): Promise<void> {
  const { deps, session, snapshot, extent, effect } = restoring;
  const isThere = (database: string): boolean => live.some((object) => object.database === database);
  const lacks: Lack[] = [
    ...unreadable.map(unreadableLack),
    ...(await probeDatabases(deps, session, databasesThere(extent, isThere), effect.signal)),
  ];
  const keys = keysToAdd(wanted, live, replaced);
  const programs = programsToCreate(wanted, live, replaced);
  const created = [...programs, ...keys.map(({ table }) => table)];
  const [first] = databasesIn(extent);
  if (created.length > 0 && first !== undefined) {
    for (const database of new Set([first, ...created.map((object) => object.database)])) {
      const sql = `CREATE DATABASE IF NOT EXISTS ${quoteName(stagingDatabase(snapshot, database))}`;
      await session.query(sql, { signal: effect.signal });
    }
    lacks.push(...(await probeRights(deps, session, created, stagingDatabase(snapshot, first), effect.signal)));
    for (const key of keys) lacks.push(...(await probeOutboundKey(restoring, key)));
  }
  lacks.push(...(await takenNames(restoring, wanted, { keys, programs, replaced })));
  if (lacks.length > 0) throw await refuse(deps, session, lacks);
}

interface KeyToAdd {
  readonly table: StoredTable;
  readonly name: string;
  readonly item: string;
}

function keysToAdd(
  wanted: readonly StoredObject[],
  live: readonly StoredObject[],
  replaced: ReadonlySet<string>,
): readonly KeyToAdd[] {
  const own = new Map(tablesOf(live).map((table) => [keyOf(table), table]));
  return tablesOf(wanted).flatMap((table) => {
    const now = own.get(keyOf(table));
    const stays = now === undefined || replaced.has(labelOf(table)) ? new Map() : foreignKeysByName(now);
    return [...foreignKeysByName(table)]
      .filter(([name, item]) => stays.get(name) !== item)
      .map(([name, item]) => ({ table, name, item }));
  });
}

/** Views, triggers, routines and events; a table that is built anew loses its triggers. */
function programsToCreate(
  wanted: readonly StoredObject[],
  live: readonly StoredObject[],
  replaced: ReadonlySet<string>,
): readonly StoredObject[] {
  const [expected, found] = [triggerSets(wanted), triggerSets(live)];
  return wanted.filter((object) => {
    if (object.kind === 'trigger') {
      if (replaced.has(`${object.database}.${object.table}`)) return true;
      const set = JSON.stringify([object.database, object.table]);
      return JSON.stringify(expected.get(set)) !== JSON.stringify(found.get(set));
    }
    if (!('pins' in object)) return false;
    return !isSameObject(
      object,
      live.find((candidate) => keyOf(candidate) === keyOf(object)),
    );
  });
}

/** Adds the key to an empty table, as the restore will: the checks are off, but the server looks at the parent. */
async function probeOutboundKey(restoring: Restoring, { table, name, item }: KeyToAdd): Promise<readonly Lack[]> {
  const { session, snapshot, extent, effect } = restoring;
  const { signal } = effect;
  const target = foreignKeyTarget(item, table.database);
  if (coversTable(extent, target)) return [];
  const ref = { database: stagingDatabase(snapshot, table.database), table: 'snapback probe' };
  const text = withoutForeignKeys(parseTableText(table.definition));
  try {
    await session.query(printTableText(ref.database, ref.table, text), { signal });
  } catch (error) {
    // A sequence that a default needs may be missing until the restore creates it: then it cannot be asked.
    if (error instanceof Fault && error.code === 'STATEMENT_FAILED') return [];
    throw error;
  }
  try {
    await session.query(`ALTER TABLE ${quoteTable(ref)} ADD ${qualifyForeignKey(item, table.database)}`, { signal });
    return [];
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'STATEMENT_FAILED') throw error;
    const to = `${target.database}.${target.table}`;
    return [{ reason: `${labelOf(table)}.${name} does not fit ${to} as it is now: ${error.message}` }];
  } finally {
    await session.query(`DROP TABLE IF EXISTS ${quoteTable(ref)}`, { signal });
  }
}

interface ToCreate {
  readonly keys: readonly KeyToAdd[];
  readonly programs: readonly StoredObject[];
  readonly replaced: ReadonlySet<string>;
}

/** Single tables share the names of foreign keys, checks and triggers with the rest of their database. */
async function takenNames(
  restoring: Restoring,
  wanted: readonly StoredObject[],
  { keys, programs, replaced }: ToCreate,
): Promise<readonly Lack[]> {
  const { deps, extent } = restoring;
  const lacks: Lack[] = [];
  for (const database of databasesIn({ databases: [], tables: extent.tables })) {
    const own = tablesOf(wanted).filter((table) => table.database === database && replaced.has(labelOf(table)));
    const checks =
      deps.flavour === 'mysql' ? own.flatMap((table) => checkNamesOf(parseTableText(table.definition))) : [];
    const triggers = programs.filter((object) => object.kind === 'trigger' && object.database === database);
    const names: Readonly<Record<NameKind, readonly string[]>> = {
      'foreign key': keys.filter(({ table }) => table.database === database).map(({ name }) => name),
      check: checks,
      trigger: triggers.map(({ name }) => name),
    };
    for (const kind of ['foreign key', 'check', 'trigger'] as const) {
      lacks.push(...(await takenBy(restoring, { database, kind, names: names[kind] })));
    }
  }
  return lacks;
}

type NameKind = 'foreign key' | 'check' | 'trigger';

function ownersSql(kind: NameKind, database: string, names: string): string {
  if (kind === 'trigger') {
    return `SELECT trigger_name, event_object_table FROM information_schema.triggers
     WHERE ${isNamed('trigger_schema', database)} AND trigger_name IN (${names})`;
  }
  return `SELECT constraint_name, table_name FROM information_schema.table_constraints
     WHERE ${isNamed('constraint_schema', database)} AND constraint_name IN (${names})
     AND constraint_type = '${kind.toUpperCase()}'`;
}

interface Names {
  readonly database: string;
  readonly kind: NameKind;
  readonly names: readonly string[];
}

async function takenBy(
  { session, extent, effect }: Restoring,
  { database, kind, names }: Names,
): Promise<readonly Lack[]> {
  if (names.length === 0) return [];
  const sql = ownersSql(kind, database, names.map(quoteText).join(', '));
  return records(await session.query(sql, { signal: effect.signal }), ['name', 'table'])
    .map(({ name, table }) => ({ name: textOf(name), table: textOf(table) }))
    .filter(({ table }) => !coversTable(extent, { database, table }))
    .map(({ name, table }) => ({
      reason: `the name of ${kind} ${name} is taken by ${database}.${table}, which is not restored: take it away first`,
    }));
}
