// Puts back what differs: first the keys that would make the server do nothing come off, then one RESTORE per database
// or table, parents first; each is seen to have happened, because the server's OK means nothing.

import { Fault, tableLabel, type ObjectDifference, type RestoreEvidence } from '../../../kernel/index.ts';
import type { SnapshotName } from '../../../kernel/index.ts';
import type { Effect, ScopePart, Session } from '../../port.ts';
import { quoteName, quoteTable } from '../../wire/quote.ts';
import { snapshotContent, type Comparison } from '../compare.ts';
import type { Extent } from '../extent.ts';
import { objectLabel, relationIds } from '../objects.ts';
import { withSession } from '../session.ts';
import { ownerOf } from './accounts.ts';
import { boundedRestore } from './bounded-restore.ts';
import { compareWithNow } from './comparing.ts';
import { dropForeignKeySql, foreignKeys, keysOfObjects, uniqueKeys, type ForeignKey } from './foreign-keys.ts';
import { objectGrants, type ObjectGrant } from './grants.ts';
import { grantAgain } from './lost-grants.ts';
import { refuseUnrestorable } from './preflight.ts';
import { putBackWhole } from './put-back-whole.ts';
import { restorableExtent } from './restorable.ts';
import type { Restoring } from './restoring.ts';
import { planRestore, type RestorePlan } from './restore-plan.ts';
import type { MatrixoneServer } from './server.ts';
import { findSnapshot, type KnownSnapshot } from './snapshot-rows.ts';
import { isLostKey, restoreTableByTable } from './table-by-table.ts';

/** See `SnapshotStore.restore`. */
export async function restoreSnapshot(
  server: MatrixoneServer,
  request: { readonly name: SnapshotName; readonly part: ScopePart | undefined },
  effect: Effect,
): Promise<RestoreEvidence> {
  const { signal } = effect;
  return withSession(server.connector, { purpose: 'restore', writes: true }, signal, async (session) => {
    const snapshot = await readySnapshot(session, request.name, signal);
    const restoring: Restoring = { server, session, snapshot, effect };
    const extent = restorableExtent(server, snapshot, request.part);
    const comparison = await compareWithNow({ server, session, snapshot, extent }, { isStill: false, effect });
    // Of other accounts not everything is seen: a restore of the cluster is never left out.
    const isCluster = snapshot.info.scope.kind === 'cluster';
    if (comparison.differences.length === 0 && !isCluster) return evidenceOf(restoring, comparison, 0, []);
    const owner = ownerOf(server, snapshot);
    await refuseUnrestorable(session, { server, extent, since: snapshot.serverName, owner }, signal);
    try {
      const declared = await putBack(restoring, extent, comparison);
      const comparing = { session, since: snapshot.serverName, memory: server.memory };
      let rowCount = 0;
      const restored = new Set(restoredTables(comparison));
      for (const table of comparison.wanted.objects) {
        if (restored.has(objectLabel(table))) rowCount += (await snapshotContent(comparing, table, signal)).rowCount;
      }
      return evidenceOf(restoring, comparison, rowCount, declared);
    } catch (error) {
      throw asRestoreFault(error, request.name);
    }
  });
}

/** @throws {Fault} SNAPSHOT_MISSING */
export async function readySnapshot(session: Session, name: SnapshotName, signal: AbortSignal): Promise<KnownSnapshot> {
  const snapshot = await findSnapshot(session, name, signal);
  if (snapshot === undefined) throw new Fault('SNAPSHOT_MISSING', `the server holds no snapshot called ${name}`);
  if (snapshot.info.state !== 'ready') {
    throw new Fault('SNAPSHOT_MISSING', `snapshot ${name} was left half made; nothing can be restored from it`);
  }
  return snapshot;
}

async function putBack(restoring: Restoring, extent: Extent, comparison: Comparison): Promise<readonly string[]> {
  const { server, session, snapshot, effect } = restoring;
  if (extent.isWhole) return putBackWhole(restoring, comparison);
  const keys = [
    uniqueKeys([...(await foreignKeys(session, undefined, effect.signal)), ...keysOfObjects(comparison.found.objects)]),
    uniqueKeys([
      ...(await foreignKeys(session, snapshot.serverName, effect.signal)),
      ...keysOfObjects(comparison.wanted.objects),
    ]),
  ] as const;
  const plan = planRestore(extent, comparison.differences, { live: keys[0], wanted: keys[1] });
  // Rights that were granted since go with the numbers of the objects, too.
  const touched = [...new Set([...plan.databases, ...plan.tables.map(({ database }) => database)])];
  const kept = grantsOf(plan, await objectGrants(session, { databases: touched, at: undefined }, effect.signal));
  for (const key of plan.keysToDrop) await change(restoring, dropForeignKeySql(key));
  for (const database of plan.databasesToDrop) await change(restoring, `DROP DATABASE ${quoteName(database)}`);
  for (const database of plan.databases) {
    await witnessed(restoring, { database }, () => restoreDatabase(restoring, database, comparison, keys[1]));
  }
  for (const database of missingDatabases(plan, comparison)) {
    await change(restoring, `CREATE DATABASE IF NOT EXISTS ${quoteName(database)}`);
  }
  for (const table of plan.tablesToDrop) await change(restoring, `DROP TABLE ${quoteTable(table)}`);
  for (const table of plan.tables) {
    const sql = server.grammar.table(table, snapshot.serverName, server.account);
    await witnessed(restoring, table, () => boundedRestore(server, session, { sql, tableCount: 1 }, effect));
  }
  return grantAgain(restoring, comparison, kept);
}

async function restoreDatabase(
  { server, session, snapshot: { serverName }, effect }: Restoring,
  database: string,
  { wanted }: Comparison,
  keys: readonly ForeignKey[],
): Promise<void> {
  const objects = wanted.objects.filter((object) => object.database === database);
  const sql = server.grammar.database(database, serverName, server.account);
  try {
    await boundedRestore(server, session, { sql, tableCount: objects.length }, effect);
  } catch (error) {
    if (!isLostKey(error)) throw error;
    await restoreTableByTable(server, session, { database, snapshot: serverName, objects, keys }, effect);
  }
}

/** @throws {Fault} RESTORE_FAILED when the server said OK and did nothing. */
async function witnessed(
  { session, effect }: Restoring,
  subject: { readonly database: string; readonly table?: string },
  restore: () => Promise<void>,
): Promise<void> {
  const number = async (): Promise<string | undefined> => {
    const ids = await relationIds(session, [subject.database], undefined, effect.signal);
    if (subject.table === undefined) return ids.databases.get(subject.database);
    return ids.tables.get(`${subject.database}.${subject.table}`);
  };
  const before = await number();
  await restore();
  const after = await number();
  if (after !== undefined && after !== before) return;
  const name = subject.table === undefined ? subject.database : `${subject.database}.${subject.table}`;
  throw new Fault('RESTORE_FAILED', `the server answered OK and did not restore ${name}`, {
    hint: 'Look for foreign keys that point at it, then `snapback resume`.',
  });
}

async function change({ session, effect }: Restoring, sql: string): Promise<void> {
  await effect.assertLocked();
  await session.query(sql, { signal: effect.signal });
}

function grantsOf(plan: RestorePlan, grants: readonly ObjectGrant[]): readonly ObjectGrant[] {
  return grants.filter(({ object }) => {
    if (plan.databases.includes(object.database)) return true;
    return object.kind === 'table' && plan.tables.some((table) => tableLabel(table) === tableLabel(object));
  });
}

function missingDatabases({ tables }: RestorePlan, { found }: Comparison): readonly string[] {
  const live = new Set(found.objects.map(({ database }) => database));
  return [...new Set(tables.map(({ database }) => database))].filter((database) => !live.has(database));
}

function restoredTables({ differences, wanted }: Comparison): readonly string[] {
  const touched = new Set(differences.filter(({ what }) => what !== 'extra').map(({ name }) => name));
  return wanted.objects
    .filter(({ kind }) => kind === 'table')
    .map(objectLabel)
    .filter((name) => touched.has(name));
}

function evidenceOf(
  { snapshot }: Restoring,
  comparison: Comparison,
  rowCount: number,
  declared: readonly string[],
): RestoreEvidence {
  const { differences, wanted } = comparison;
  const isExtra = ({ what }: ObjectDifference): boolean => what === 'extra';
  return {
    kind: 'restore',
    snapshot: snapshot.info.name,
    table_count: wanted.objects.filter(({ kind }) => kind === 'table').length,
    restored: restoredTables(comparison),
    row_count: rowCount,
    removed: differences.filter(isExtra).map(({ name }) => name),
    destroyed: differences,
    ...(declared.length === 0 ? {} : { declared }),
  };
}

const FAILED: readonly string[] = [
  'STATEMENT_FAILED',
  'PRIVILEGE_MISSING',
  'READ_ONLY_SERVER',
  'LOCK_WAIT',
  'DEADLOCK',
];

function asRestoreFault(error: unknown, name: SnapshotName): unknown {
  if (!(error instanceof Fault) || !FAILED.includes(error.code)) return error;
  return new Fault('RESTORE_FAILED', `restoring from ${name}: ${error.message}`, { hint: error.hint, cause: error });
}
