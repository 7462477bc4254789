// After the swap: what hangs on tables is put back where it differs. Every step can be walked again after a cut.

import { Fault } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteName, quoteTable } from '../../wire/quote.ts';
import { foreignKeysByName, isSameObject, keyOf, triggerSets } from './compare-definitions.ts';
import { qualifyForeignKey } from './create-table-text.ts';
import { describeDatabase } from './describe-tables.ts';
import { describe } from './describe.ts';
import { refOf, tablesOf, type RoutineKind, type StoredObject } from './model.ts';
import { withoutPastEvents } from './past-events.ts';
import { change, type Restoring } from './restoring.ts';
import { openPinned, underCreationPins } from './session-pins.ts';

/** Returns sentences about what could not be put back although nothing else failed. */
export async function reattach(restoring: Restoring, stored: readonly StoredObject[]): Promise<readonly string[]> {
  const { session, extent, effect } = restoring;
  const { objects: live } = await describe(session, extent, effect.signal);
  const wanted = await withoutPastEvents(session, stored, live, effect.signal);
  await putDatabasesBack(restoring, wanted);
  await putForeignKeysBack(restoring, wanted, live);
  await putCountersBack(restoring, wanted, live);
  const creators = openCreators(restoring);
  const declared: string[] = [];
  try {
    await putRoutinesBack(restoring, creators, wanted, live);
    declared.push(...(await putViewsBack(restoring, creators, wanted, live)));
    await putTriggersBack(restoring, creators, wanted, live);
    await putEventsBack(restoring, creators, wanted, live);
  } finally {
    await creators.close();
  }
  declared.push(...(await putGrantsBack(restoring, wanted)));
  // Last: objects that were made under another default collation of their database have changed it for a moment.
  await putDatabasesBack(restoring, wanted);
  return declared;
}

type Objects = readonly StoredObject[];

function counterpart(objects: Objects, object: StoredObject): StoredObject | undefined {
  return objects.find((candidate) => keyOf(candidate) === keyOf(object));
}

async function putForeignKeysBack(restoring: Restoring, wanted: Objects, live: Objects): Promise<void> {
  const liveTables = new Map(tablesOf(live).map((table) => [keyOf(table), table]));
  for (const table of tablesOf(wanted)) {
    const own = liveTables.get(keyOf(table));
    const present = own === undefined ? new Map<string, string>() : foreignKeysByName(own);
    const missing = [...foreignKeysByName(table)].filter(([name]) => !present.has(name));
    if (missing.length === 0) continue;
    // Without checks it is done in place and the rows are not looked at: they come from the snapshot.
    const added = missing.map(([, item]) => `ADD ${qualifyForeignKey(item, table.database)}`);
    await change(restoring, restoring.session, `ALTER TABLE ${quoteTable(refOf(table))} ${added.join(', ')}`);
  }
}

async function putCountersBack(restoring: Restoring, wanted: Objects, live: Objects): Promise<void> {
  const liveTables = new Map(tablesOf(live).map((table) => [keyOf(table), table]));
  for (const table of tablesOf(wanted)) {
    const own = liveTables.get(keyOf(table));
    if (own === undefined || table.autoIncrement === null || own.autoIncrement === table.autoIncrement) continue;
    await change(
      restoring,
      restoring.session,
      `ALTER TABLE ${quoteTable(refOf(table))} AUTO_INCREMENT = ${table.autoIncrement}`,
    );
  }
}

const ROUTINE_KINDS: readonly RoutineKind[] = ['package', 'package-body', 'function', 'procedure'];

async function putRoutinesBack(
  restoring: Restoring,
  creators: Creators,
  wanted: Objects,
  live: Objects,
): Promise<void> {
  for (const kind of ROUTINE_KINDS) {
    for (const object of live) {
      if (object.kind !== kind || counterpart(wanted, object) !== undefined) continue;
      await change(restoring, restoring.session, dropRoutine(object));
    }
  }
  const replaced = new Set<string>();
  for (const kind of ROUTINE_KINDS) {
    for (const object of wanted) {
      if (object.kind !== kind) continue;
      const lostItsBody = kind === 'package-body' && replaced.has(JSON.stringify([object.database, object.name]));
      const own = lostItsBody ? undefined : counterpart(live, object);
      if (isSameObject(object, own)) continue;
      // MariaDB keeps the rights on a routine that is replaced; MySQL cannot replace.
      const canReplace = restoring.deps.flavour === 'mariadb' && own !== undefined;
      if (own !== undefined && !canReplace) await change(restoring, restoring.session, dropRoutine(own));
      await create(restoring, creators, object, canReplace);
      if (kind === 'package') replaced.add(JSON.stringify([object.database, object.name]));
    }
  }
}

function dropRoutine({ kind, database, name }: StoredObject): string {
  return `DROP ${kind.replace('-', ' ').toUpperCase()} IF EXISTS ${quoteName(database)}.${quoteName(name)}`;
}

/** Views may stand on each other: whatever can be created is, until a round creates none. */
async function putViewsBack(
  restoring: Restoring,
  creators: Creators,
  wanted: Objects,
  live: Objects,
): Promise<readonly string[]> {
  let left = wanted.filter((object) => object.kind === 'view' && !isSameObject(object, counterpart(live, object)));
  for (;;) {
    const failed: { readonly object: StoredObject; readonly fault: Fault }[] = [];
    for (const object of left) {
      try {
        await create(restoring, creators, object, true);
      } catch (error) {
        if (!(error instanceof Fault) || !['STATEMENT_FAILED', 'PRIVILEGE_MISSING'].includes(error.code)) throw error;
        failed.push({ object, fault: error });
      }
    }
    const isDone = failed.length === 0 || failed.length === left.length;
    if (isDone) return failed.map(({ object, fault }) => declareFailedView(object, fault));
    left = failed.map(({ object }) => object);
  }
}

/** What a view stands on may lie in a database outside, and be gone: the rest is put back all the same. */
function declareFailedView(object: StoredObject, fault: Fault): string {
  const name = `view ${object.database}.${object.name}`;
  if (object.kind !== 'view' || object.isValid) return `${name} could not be created again: ${fault.message}`;
  return `${name} was invalid in the snapshot and could not be created again`;
}

async function putTriggersBack(
  restoring: Restoring,
  creators: Creators,
  wanted: Objects,
  live: Objects,
): Promise<void> {
  const [expected, found] = [triggerSets(wanted), triggerSets(live)];
  const differing = [...new Set([...expected.keys(), ...found.keys()])].filter(
    (table) => JSON.stringify(expected.get(table)) !== JSON.stringify(found.get(table)),
  );
  // All of them go before the first is created: a name may have moved from one table to another.
  for (const { database, name } of differing.flatMap((table) => found.get(table) ?? [])) {
    await change(restoring, restoring.session, `DROP TRIGGER IF EXISTS ${quoteName(database)}.${quoteName(name)}`);
  }
  for (const trigger of differing.flatMap((table) => expected.get(table) ?? []))
    await create(restoring, creators, trigger);
}

async function putEventsBack(restoring: Restoring, creators: Creators, wanted: Objects, live: Objects): Promise<void> {
  for (const object of live) {
    if (object.kind !== 'event' || isSameObject(object, counterpart(wanted, object))) continue;
    const name = `${quoteName(object.database)}.${quoteName(object.name)}`;
    await change(restoring, restoring.session, `DROP EVENT IF EXISTS ${name}`);
  }
  for (const object of wanted) {
    if (object.kind !== 'event' || isSameObject(object, counterpart(live, object))) continue;
    await create(restoring, creators, object);
  }
}

async function putGrantsBack(restoring: Restoring, wanted: Objects): Promise<readonly string[]> {
  const grants = wanted.filter(({ kind }) => kind === 'grant');
  if (grants.length === 0) return [];
  const { session, extent, effect } = restoring;
  const { objects: live } = await describe(session, extent, effect.signal);
  const declared: string[] = [];
  for (const grant of grants) {
    if (isSameObject(grant, counterpart(live, grant))) continue;
    try {
      await change(restoring, session, grant.definition);
    } catch (error) {
      // The user may be gone by now: users are outside of a snapshot.
      if (!(error instanceof Fault) || error.code !== 'STATEMENT_FAILED') throw error;
      declared.push(`could not give ${grant.name} again: ${error.message}`);
    }
  }
  return declared;
}

async function putDatabasesBack(restoring: Restoring, wanted: Objects): Promise<void> {
  const { session, effect } = restoring;
  for (const object of wanted) {
    if (object.kind !== 'database') continue;
    const own = await describeDatabase(session, object.name, effect.signal);
    if (isSameObject(object, own)) continue;
    await change(restoring, session, alterDatabase(restoring, object.name, object.definition));
  }
}

/** The options of CREATE DATABASE are those of ALTER DATABASE. */
function alterDatabase({ deps }: Restoring, database: string, definition: string): string {
  const options = definition.slice(`CREATE DATABASE ${quoteName(database)}`.length);
  const comment = deps.flavour === 'mariadb' && !options.includes(' COMMENT ') ? " COMMENT ''" : '';
  return `ALTER DATABASE ${quoteName(database)}${options}${comment}`;
}

/** Creates the object in a session whose current database is its own: bodies name their tables without it. */
async function create(
  restoring: Restoring,
  creators: Creators,
  object: StoredObject,
  orReplace = false,
): Promise<void> {
  const { deps, effect } = restoring;
  const session = await creators.in(object.database);
  const sql = orReplace ? object.definition.replace(/^CREATE /, 'CREATE OR REPLACE ') : object.definition;
  if (!('pins' in object)) return change(restoring, session, sql);
  const { databaseCollation } = object.pins;
  if (databaseCollation !== undefined) await collateDatabase(restoring, session, object.database, databaseCollation);
  await underCreationPins(deps, session, object.pins, effect.signal, () => change(restoring, session, sql));
}

/** An object remembers the default collation that its database had when it was made. */
async function collateDatabase(restoring: Restoring, session: Session, database: string, collation: string) {
  const { rows } = await session.query('SELECT @@collation_database', { signal: restoring.effect.signal });
  if (rows[0]?.[0] === collation) return;
  await change(restoring, session, `ALTER DATABASE ${quoteName(database)} COLLATE ${quoteName(collation)}`);
}

/** One session for each database in which something is created. */
interface Creators {
  in(database: string): Promise<Session>;
  close(): Promise<void>;
}

function openCreators({ deps, effect }: Restoring): Creators {
  const sessions = new Map<string, Session>();
  return {
    in: async (database) => {
      const own = sessions.get(database);
      if (own !== undefined) return own;
      const request = { purpose: 'restore definitions', changes: true, database };
      const session = await openPinned(deps, request, effect.signal);
      sessions.set(database, session);
      return session;
    },
    close: async () => {
      await Promise.all([...sessions.values()].map((session) => session.close()));
    },
  };
}
