// Builds the tables that a restore will swap in, beside the live ones. Nothing that is live is changed here, save that
// databases and sequences that are missing are created again: the new tables need them.

import { Fault, type TableRef } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteName, quoteTable } from '../../wire/quote.ts';
import { readContents } from './contents.ts';
import { copyAll, type Copied } from './copy-rows.ts';
import { parseTableText, printTableText, qualifyForeignKey, splitLateKeys } from './create-table-text.ts';
import { withoutForeignKeys, type TableText } from './create-table-text.ts';
import { describeInboundKeys } from './describe.ts';
import {
  labelOf,
  rowsOf,
  tablesOf,
  type InboundKey,
  type StoredObject,
  type StoredSequence,
  type StoredTable,
} from './model.ts';
import { isNamed } from './exact-name.ts';
import { eachInParallel, openWorkers, type Workers } from './parallel.ts';
import { change, type Restoring } from './restoring.ts';
import { snapshotContents } from './snapshot-contents.ts';
import { mendingDatabase, shadowDatabase, stagingDatabase } from './shadow-catalog.ts';

/**
 * Copies the given tables out of the shadow and checks that the copies are true.
 *
 * @returns how many rows were copied
 * @throws {Fault} SNAPSHOT_REFUSED when a foreign key from outside would no longer fit, or point nowhere.
 */
export async function stageTables(
  restoring: Restoring,
  wanted: readonly StoredObject[],
  tables: readonly StoredTable[],
): Promise<number> {
  const { deps, session, snapshot, effect } = restoring;
  const { signal } = effect;
  await refuseDangling(restoring, wanted);
  await createMissing(restoring, wanted);
  const databases = [...new Set(tables.map(({ database }) => database))];
  for (const database of databases) {
    await session.query(`CREATE DATABASE IF NOT EXISTS ${quoteName(stagingDatabase(snapshot, database))}`, { signal });
  }
  const workers = await openWorkers(deps, { purpose: 'restore worker', changes: true, jobs: tables.length }, signal);
  try {
    const plans = tables.map(planStaged);
    await eachInParallel(workers, plans, signal, async (worker, { table, text }, either) => {
      const staging = stagingDatabase(snapshot, table.database);
      await worker.query(printTableText(staging, table.name, text), { signal: either });
    });
    const jobs = tables.map((table) => ({
      table,
      from: { database: shadowDatabase(snapshot, table.database), table: table.name },
      to: stagedRef(restoring, table),
    }));
    const copied = await copyAll(deps, workers, jobs, effect, signal);
    await eachInParallel(workers, plans, signal, async (worker, { table, lateKeys }, either) => {
      for (const keys of lateKeys) {
        const added = keys.map((key) => `ADD ${key}`).join(', ');
        await worker.query(`ALTER TABLE ${quoteTable(stagedRef(restoring, table))} ${added}`, { signal: either });
      }
    });
    await checkStaging(restoring, workers, tables, copied);
    await probeInboundKeys(restoring, tables);
    return copied.rowCount;
  } finally {
    await workers.close();
  }
}

interface StagedPlan {
  readonly table: StoredTable;
  readonly text: TableText;
  readonly lateKeys: readonly (readonly string[])[];
}

/** For fewer rows a second statement costs more than it saves. */
const LATE_KEYS_ROWS_MIN = 10_000;

function planStaged(table: StoredTable): StagedPlan {
  const whole = withoutForeignKeys(parseTableText(table.definition));
  const split = rowsOf(table) < LATE_KEYS_ROWS_MIN ? undefined : splitLateKeys(whole);
  return split === undefined
    ? { table, text: whole, lateKeys: [] }
    : { table, text: split.early, lateKeys: split.late };
}

export function stagedRef({ snapshot }: Restoring, { database, name }: StoredTable): TableRef {
  return { database: stagingDatabase(snapshot, database), table: name };
}

/** Removes what an earlier attempt has left. */
export async function dropStaging({ session, snapshot, effect }: Restoring): Promise<void> {
  const { scope } = snapshot;
  const databases = scope.kind === 'databases' ? scope.databases : [];
  const ofTables = scope.kind === 'tables' ? scope.tables.map(({ database }) => database) : [];
  for (const database of new Set([...databases, ...ofTables])) {
    for (const own of [stagingDatabase(snapshot, database), mendingDatabase(snapshot, database)]) {
      await session.query(`DROP DATABASE IF EXISTS ${quoteName(own)}`, { signal: effect.signal });
    }
  }
}

async function createMissing(restoring: Restoring, wanted: readonly StoredObject[]): Promise<void> {
  const { session } = restoring;
  for (const object of wanted) {
    if (object.kind === 'database' && !(await hasDatabase(restoring, object.name))) {
      await change(restoring, session, object.definition);
    }
  }
  for (const { database } of new Map(wanted.map((object) => [object.database, object])).values()) {
    // Single tables carry no definition of their database.
    if (!(await hasDatabase(restoring, database)))
      await change(restoring, session, `CREATE DATABASE ${quoteName(database)}`);
  }
  for (const object of wanted) {
    if (object.kind !== 'sequence') continue;
    if (!(await hasName(restoring, object))) await change(restoring, session, createSequence(object));
  }
}

async function hasDatabase({ session, effect }: Restoring, database: string): Promise<boolean> {
  const sql = `SELECT 1 FROM information_schema.schemata WHERE ${isNamed('schema_name', database)}`;
  return (await session.query(sql, { signal: effect.signal })).rows.length > 0;
}

async function hasName({ session, effect }: Restoring, { database, name }: StoredObject): Promise<boolean> {
  const sql = `SELECT 1 FROM information_schema.tables
     WHERE ${isNamed('table_schema', database)} AND ${isNamed('table_name', name)}`;
  return (await session.query(sql, { signal: effect.signal })).rows.length > 0;
}

/** CREATE SEQUENCE with the database's name in it. */
export function createSequence({ database, name, definition }: StoredSequence): string {
  const start = `CREATE SEQUENCE ${quoteName(name)}`;
  return `CREATE SEQUENCE ${quoteName(database)}.${quoteName(name)}${definition.slice(start.length)}`;
}

/** Counts are compared everywhere, contents where a copy could be inexact; the proof that follows reads everything. */
async function checkStaging(
  restoring: Restoring,
  workers: Workers,
  tables: readonly StoredTable[],
  { rowCounts, doubtful }: Copied,
): Promise<void> {
  const { session, snapshot, memory, effect } = restoring;
  const { signal } = effect;
  const expected = await snapshotContents(session, workers, { snapshot, tables, memory, keep: true }, signal);
  const found = await readContents(workers, doubtful, (table) => stagedRef(restoring, table), signal);
  const differing = tables.map(labelOf).filter((label) => {
    const [own, read] = [expected.get(label), found.get(label)];
    return own?.rowCount !== rowCounts.get(label) || (read !== undefined && read.fingerprint !== own?.fingerprint);
  });
  if (differing.length === 0) return;
  throw new Fault('RESTORE_FAILED', `the copy of ${differing.join(', ')} is not what the snapshot held`, {
    hint: 'Nothing live was changed. Somebody may have changed the shadow tables of the snapshot.',
  });
}

/**
 * What the snapshot does not know is going to be dropped: a foreign key from outside would point nowhere afterwards.
 */
async function refuseDangling({ session, extent, effect }: Restoring, wanted: readonly StoredObject[]): Promise<void> {
  const known = new Set(tablesOf(wanted).map(labelOf));
  const dangling: InboundKey[] = [];
  for (const key of await describeInboundKeys(session, extent, effect.signal)) {
    const { database, table } = key.target;
    if (known.has(`${database}.${table}`)) continue;
    const isThere = `SELECT 1 FROM information_schema.tables
       WHERE ${isNamed('table_schema', database)} AND ${isNamed('table_name', table)}`;
    if ((await session.query(isThere, { signal: effect.signal })).rows.length > 0) dangling.push(key);
  }
  if (dangling.length === 0) return;
  const reasons = dangling.map(({ database, table, name, target }) => {
    const wanted = `${target.database}.${target.table}`;
    return `${database}.${table}.${name} references ${wanted}, which the snapshot does not have`;
  });
  const drops = dangling.map(({ database, table, name }) => {
    return `ALTER TABLE ${quoteTable({ database, table })} DROP FOREIGN KEY ${quoteName(name)};`;
  });
  throw new Fault('SNAPSHOT_REFUSED', reasons.join('; '), {
    hint: `Nothing was changed. Take the foreign keys away, then restore again: ${drops.join(' ')}`,
  });
}

/**
 * A foreign key of a table that stays, pointing at one that is swapped, is adopted by name. Whether the server will do
 * so is asked with an empty table before anything is dropped.
 */
async function probeInboundKeys(restoring: Restoring, tables: readonly StoredTable[]): Promise<void> {
  const { session, effect } = restoring;
  const extent = { databases: [], tables: tables.map(({ database, name }) => ({ database, table: name })) };
  const reasons: string[] = [];
  for (const key of await describeInboundKeys(session, extent, effect.signal)) {
    if (isDroppedAnyway(restoring, key)) continue;
    const reason = await probeInboundKey(restoring, session, key);
    if (reason !== undefined) reasons.push(reason);
  }
  if (reasons.length > 0) throw new Fault('SNAPSHOT_REFUSED', reasons.join('; '));
}

/** Keys of tables inside the extent are put back by the restore itself. */
function isDroppedAnyway({ extent }: Restoring, { database, table }: InboundKey): boolean {
  const isSingle = extent.tables.some((own) => own.database === database && own.table === table);
  return isSingle || extent.databases.includes(database);
}

async function probeInboundKey(
  { snapshot, effect }: Restoring,
  session: Session,
  { database, table, name, definition, target }: InboundKey,
): Promise<string | undefined> {
  const { signal } = effect;
  const staging = stagingDatabase(snapshot, target.database);
  const probe = `${quoteName(staging)}.${quoteName('snapback probe')}`;
  await session.query(`CREATE TABLE ${probe} LIKE ${quoteTable({ database, table })}`, { signal });
  try {
    await session.query('SET SESSION foreign_key_checks=1', { signal });
    const [before = '', after = ''] = splitReference(qualifyForeignKey(definition, database));
    await session.query(`ALTER TABLE ${probe} ADD ${before}${quoteTable({ ...target, database: staging })}${after}`, {
      signal,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'STATEMENT_FAILED') throw error;
    const from = `${database}.${table}.${name}`;
    return `${from} no longer fits the snapshot of ${target.database}.${target.table}: ${error.message}`;
  } finally {
    await session.query('SET SESSION foreign_key_checks=0', { signal });
    await session.query(`DROP TABLE IF EXISTS ${probe}`, { signal });
  }
}

/** The text before and after the qualified name of the target. */
function splitReference(item: string): readonly string[] {
  const match = / REFERENCES `(?:[^`]|``)*`\.`(?:[^`]|``)*`(?= \()/.exec(item);
  if (match === null) return [item];
  const start = match.index + ' REFERENCES '.length;
  return [item.slice(0, start), item.slice(match.index + match[0].length)];
}
