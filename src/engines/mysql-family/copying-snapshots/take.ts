// Takes a snapshot: shadow tables first, then the lock, then the rows.
// Invariant: live data are only read. Whatever fails leaves a row in state `copying`, or nothing.

import { canonicalJson, Fault, systemEntropy, type Json, type TableRef } from '../../../kernel/index.ts';
import type { Effect, Session, SnapshotInfo, SnapshotSpec } from '../../port.ts';
import { quoteName } from '../../wire/quote.ts';
import { abandonSnapshots, beginSnapshots, copySnapshots } from './copy-briefly.ts';
import { createProcedures, dropProcedures } from './copy-procedures.ts';
import { copyAll, type CopyJob } from './copy-rows.ts';
import { describe, describeInboundKeys } from './describe.ts';
import { dropShadow, refuseHalfRestored } from './drop.ts';
import { databasesIn, extentOf, type Extent } from './extent.ts';
import { readContents, differingContents, type Contents } from './contents.ts';
import { refuse, withRights } from './grant-script.ts';
import { labelOf, refOf, tablesOf, type Description, type StoredObject, type StoredTable } from './model.ts';
import { eachInParallel, openWorkers, type Workers } from './parallel.ts';
import { preflight, refusal } from './preflight.ts';
import { probeRights } from './probe-rights.ts';
import { withoutBinaryLog, withPinned, type SnapshotDeps } from './session-pins.ts';
import { createShadowTable, dropShadowTable, storageFor } from './shadow-tables.ts';
import { lockForReading } from './table-lock.ts';
import { textOf } from './result-rows.ts';
import { serverUuid } from './find-snapshot.ts';
import { ensureShadowCatalog, infoOf, readSnapshots, shadowDatabase } from './shadow-catalog.ts';
import {
  completeSnapshot,
  isPartial,
  visible,
  writeKnownContent,
  writeObjects,
  writeSnapshot,
  type SnapshotRow,
} from './shadow-catalog.ts';

/** How often the definitions may change under our eyes before we give up. */
const ATTEMPTS_MAX = 3;

/** See `SnapshotStore.create`. */
export async function takeSnapshot(deps: SnapshotDeps, spec: SnapshotSpec, effect: Effect): Promise<SnapshotInfo> {
  const extent = extentOf(spec.scope);
  return withPinned(deps, { purpose: 'snapshot', changes: true }, effect.signal, async (session) => {
    try {
      return infoOf(await takeOver(deps, session, { spec, extent }, effect));
    } catch (error) {
      throw await withRights(deps, session, databasesIn(extent), error);
    }
  });
}

async function takeOver(
  deps: SnapshotDeps,
  session: Session,
  { spec, extent }: Pick<Taking, 'spec' | 'extent'>,
  effect: Effect,
): Promise<SnapshotRow> {
  const { signal } = effect;
  const existing = await readSnapshots(session, spec.name, signal);
  const [taken] = existing;
  if (taken !== undefined && !spec.replace) throw alreadyThere(visible(existing)[0] ?? taken);
  existing.forEach(refuseHalfRestored);
  const before = await describe(session, extent, signal);
  const inbound = await describeInboundKeys(session, extent, signal);
  const declared = await preflight(deps, session, { spec, extent, description: before, inbound }, signal);
  await ensureShadowCatalog(session, signal);
  for (const row of existing.filter(isPartial)) await dropShadow(session, row, signal);
  const moment = { takenAt: await serverTime(session, signal), server: await serverUuid(session, signal) };
  const draft = draftOf(spec, effect, declared, moment);
  await writeSnapshot(session, draft, signal);
  const row = await filledOrRemoved({ deps, session, spec, extent, draft, effect }, before);
  for (const old of existing.filter((one) => !isPartial(one))) await dropShadow(session, old, signal);
  return row;
}

interface Taking {
  readonly deps: SnapshotDeps;
  readonly session: Session;
  readonly spec: SnapshotSpec;
  readonly extent: Extent;
  readonly draft: SnapshotRow;
  readonly effect: Effect;
}

function alreadyThere({ name, state, takenAt }: SnapshotRow): Fault {
  const found = state === 'copying' || state === 'dropping' ? `${name} is there half-made` : `${name} is there already`;
  return new Fault('SNAPSHOT_EXISTS', `snapshot ${found}, begun at ${takenAt}`);
}

function draftOf(
  spec: SnapshotSpec,
  effect: Effect,
  declared: readonly string[],
  moment: Pick<SnapshotRow, 'takenAt' | 'server'>,
): SnapshotRow {
  return {
    ...moment,
    name: spec.name,
    token: systemEntropy.token(10),
    state: 'copying',
    run: effect.run,
    scope: spec.scope,
    tableCount: 0,
    rowCount: 0,
    byteCount: 0,
    declared,
    keepForMs: spec.keepForMs,
    restore: undefined,
  };
}

async function serverTime(session: Session, signal: AbortSignal): Promise<string> {
  const { rows } = await session.query("SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%fZ')", { signal });
  return textOf(rows[0]?.[0]);
}

/** Nothing stays behind of what failed; where even removing it fails, it is found as partial. */
async function filledOrRemoved(taking: Taking, before: Description): Promise<SnapshotRow> {
  const { session, draft } = taking;
  try {
    return await fillShadow(taking, before);
  } catch (error) {
    if (session.isOpen) await removeDraft(session, draft);
    throw error;
  }
}

async function removeDraft(session: Session, draft: SnapshotRow): Promise<void> {
  try {
    await dropShadow(session, draft, new AbortController().signal);
  } catch (error) {
    if (!(error instanceof Fault)) throw error; // the failure that led here is the one to tell of
  }
}

async function fillShadow(taking: Taking, before: Description): Promise<SnapshotRow> {
  const { deps, session, extent, draft, effect } = taking;
  const { signal } = effect;
  for (const database of databasesIn(extent)) {
    await session.query(`CREATE DATABASE ${quoteName(shadowDatabase(draft, database))} CHARACTER SET utf8mb4`, {
      signal,
    });
  }
  const [first] = databasesIn(extent);
  if (first !== undefined) {
    const lacks = await probeRights(deps, session, before.objects, shadowDatabase(draft, first), signal);
    if (lacks.length > 0) throw await refuse(deps, session, lacks);
  }
  const jobs = tablesOf(before.objects).length;
  const workers = await openWorkers(deps, { purpose: 'snapshot worker', changes: true, jobs }, signal);
  try {
    for (const worker of workers.sessions) await withoutBinaryLog(deps, worker, signal);
    await createShadowTables(taking, workers, tablesOf(before.objects));
    return await copyAs(taking, workers, before);
  } finally {
    await workers.close();
  }
}

function copyAs(taking: Taking, workers: Workers, before: Description): Promise<SnapshotRow> {
  switch (taking.spec.lock) {
    case 'none':
      return copyUnlocked(taking, workers, before);
    case 'brief':
      return copyBehindLock(taking, workers, before);
    case 'held':
    case undefined:
      return copyLocked(taking, workers, before);
  }
}

async function createShadowTables(taking: Taking, workers: Workers, tables: readonly StoredTable[]) {
  const { deps, session, spec, draft, effect } = taking;
  const storage = await storageFor(deps, session, spec.lock, effect.signal);
  await eachInParallel(workers, tables, effect.signal, (worker, table, signal) =>
    createShadowTable(worker, draft, { table, storage }, signal),
  );
}

/** Writers wait from the lock to the end of the copy: one moment for all tables. */
async function copyLocked(taking: Taking, workers: Workers, before: Description): Promise<SnapshotRow> {
  const { deps, session, spec, extent, effect } = taking;
  let known = before;
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const locked = tablesOf(known.objects);
    const { maxStallMs } = spec;
    const lock = await lockForReading(deps, locked.map(refOf), { maxStallMs, purpose: 'snapshot lock' }, effect.signal);
    try {
      const takenAt = await serverTime(session, effect.signal);
      const now = await describe(session, extent, effect.signal);
      const changed = changedTables(known, now);
      if (changed === 'list') {
        await lock.abandon();
        await redoTables(taking, workers, locked, tablesOf(now.objects));
        known = now;
        continue;
      }
      await redoTables(taking, workers, changed, changed);
      const rowCounts = await copyWithin(taking, workers, now, lock.signal);
      await lock.release();
      return await finish(taking, now, { takenAt, rowCounts });
    } finally {
      await lock.abandon();
    }
  }
  throw new Fault('LOCK_WAIT', `tables were created or dropped again and again while the snapshot was being taken`);
}

/** Writers wait until every worker has its snapshot: one moment for all tables. */
async function copyBehindLock(taking: Taking, workers: Workers, before: Description): Promise<SnapshotRow> {
  const { deps, session, spec, extent, effect } = taking;
  const { signal } = effect;
  const { maxStallMs } = spec;
  let known = before;
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const jobs = jobsOf(taking, known);
    await createProcedures(session, jobs, signal);
    const locked = tablesOf(known.objects);
    const lock = await lockForReading(deps, locked.map(refOf), { maxStallMs, purpose: 'snapshot lock' }, signal);
    try {
      const takenAt = await serverTime(session, signal);
      const now = await describe(session, extent, signal);
      const changed = changedTables(known, now);
      const isSame = changed !== 'list' && changed.length === 0;
      if (isSame && (await beginSnapshots(workers, jobs, AbortSignal.any([signal, lock.signal])))) {
        await lock.release();
        const contents = await copySnapshots(deps, workers, jobs, effect);
        return await finishBrief(taking, now, takenAt, jobs, contents);
      }
      await lock.abandon();
      await abandonSnapshots(workers, signal);
      await redoTables(taking, workers, locked, tablesOf(now.objects));
      known = now;
    } finally {
      await lock.abandon();
    }
  }
  throw new Fault('LOCK_WAIT', 'definitions of tables changed again and again while the snapshot was being taken');
}

/** What the copies were compared by need not be read again. */
async function finishBrief(
  taking: Taking,
  now: Description,
  takenAt: string,
  jobs: readonly CopyJob[],
  contents: Contents,
): Promise<SnapshotRow> {
  const { session, effect } = taking;
  await dropProcedures(session, jobs, effect.signal);
  const rowCounts = new Map([...contents].map(([label, { rowCount }]) => [label, rowCount]));
  const row = await finish(taking, now, { takenAt, rowCounts });
  for (const { database, name } of tablesOf(now.objects)) {
    const content = contents.get(`${database}.${name}`);
    if (content !== undefined) {
      await writeKnownContent(session, row, { table: { database, table: name }, ...content }, effect.signal);
    }
  }
  return row;
}

async function copyWithin(taking: Taking, workers: Workers, now: Description, held: AbortSignal): Promise<RowCounts> {
  try {
    return await copyRowsOf(taking, workers, now, AbortSignal.any([taking.effect.signal, held]));
  } catch (error) {
    if (held.aborted && !taking.effect.signal.aborted) throw held.reason;
    throw error;
  }
}

/** Nobody is kept from writing: that nobody did is seen from equal contents before and after. */
async function copyUnlocked(taking: Taking, workers: Workers, before: Description): Promise<SnapshotRow> {
  const { session, extent, effect } = taking;
  const { signal } = effect;
  const tables = tablesOf(before.objects);
  const takenAt = await serverTime(session, signal);
  const first = await readContents(workers, tables, refOf, signal);
  const rowCounts = await copyRowsOf(taking, workers, before, signal);
  const copied = await readContents(workers, tables, (table) => shadowRef(taking, table), signal);
  const last = await readContents(workers, tables, refOf, signal);
  const after = await describe(session, extent, signal);
  const changed = [...differingContents(first, copied), ...differingContents(first, last)];
  if (changed.length > 0 || definitionsOf(before) !== definitionsOf(after)) {
    const what = changed.length === 0 ? 'definitions' : [...new Set(changed)].join(', ');
    throw new Fault('LOCK_WAIT', `${what} changed while the copy was made without a lock`, {
      hint: 'Stop the writers, or let the snapshot hold a lock: `lock: held`.',
    });
  }
  return finish(taking, before, { takenAt, rowCounts });
}

async function copyRowsOf(
  taking: Taking,
  workers: Workers,
  description: Description,
  signal: AbortSignal,
): Promise<RowCounts> {
  const jobs = jobsOf(taking, description);
  const { rowCounts, doubtful } = await copyAll(taking.deps, workers, jobs, taking.effect, signal).catch(asRefusal);
  const original = await readContents(workers, doubtful, refOf, signal);
  const copy = await readContents(workers, doubtful, (table) => shadowRef(taking, table), signal);
  const lossy = differingContents(original, copy);
  if (lossy.length > 0) throw refusal(lossy.map((label) => `the rows of table ${label} cannot be copied exactly`));
  return rowCounts;
}

/** Rows that this server does not let in a second time. */
function asRefusal(error: unknown): never {
  if (!(error instanceof Fault) || error.code !== 'STATEMENT_FAILED') throw error;
  throw new Fault('SNAPSHOT_REFUSED', error.message, { cause: error });
}

function jobsOf(taking: Taking, { objects }: Description): readonly CopyJob[] {
  return tablesOf(objects).map((table) => ({ table, from: refOf(table), to: shadowRef(taking, table) }));
}

function shadowRef({ draft }: Taking, { database, name }: StoredTable): TableRef {
  return { database: shadowDatabase(draft, database), table: name };
}

/** By label. */
type RowCounts = ReadonlyMap<string, number>;

async function finish(
  { session, draft, effect }: Taking,
  { objects }: Description,
  { takenAt, rowCounts }: { readonly takenAt: string; readonly rowCounts: RowCounts },
): Promise<SnapshotRow> {
  const tables = tablesOf(objects);
  const counted = objects.map((object): StoredObject => {
    const rowCount = object.kind === 'table' ? rowCounts.get(labelOf(object)) : undefined;
    return object.kind === 'table' && rowCount !== undefined ? { ...object, rowCount } : object;
  });
  await writeObjects(session, draft.token, counted, effect.signal);
  const byteCount = tables.reduce((sum, { bytes }) => sum + bytes, 0);
  const rowCount = [...rowCounts.values()].reduce((sum, count) => sum + count, 0);
  const row: SnapshotRow = { ...draft, state: 'ready', takenAt, tableCount: tables.length, rowCount, byteCount };
  await completeSnapshot(session, row, effect.signal);
  return row;
}

/** Tables whose text is another one by now; `list` when tables came or went. */
function changedTables(before: Description, now: Description): readonly StoredTable[] | 'list' {
  const known = new Map(tablesOf(before.objects).map((table) => [`${table.database}.${table.name}`, table]));
  const tables = tablesOf(now.objects);
  if (tables.length !== known.size) return 'list';
  const changed: StoredTable[] = [];
  for (const table of tables) {
    const own = known.get(`${table.database}.${table.name}`);
    if (own === undefined) return 'list';
    if (own.definition !== table.definition) changed.push(table);
  }
  return changed;
}

async function redoTables(
  taking: Taking,
  workers: Workers,
  outdated: readonly StoredTable[],
  wanted: readonly StoredTable[],
): Promise<void> {
  const { session, draft, effect } = taking;
  for (const table of outdated) await dropShadowTable(session, draft, table, effect.signal);
  await createShadowTables(taking, workers, wanted);
}

function definitionsOf({ objects }: Description): string {
  const stable = objects.map((object) =>
    object.kind === 'table' ? { ...object, rowsEstimate: 0, bytes: 0, autoIncrement: null } : object,
  );
  return canonicalJson(stable as unknown as Json);
}
