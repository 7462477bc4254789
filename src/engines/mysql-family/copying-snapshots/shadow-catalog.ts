// The record of snapshots on the server itself: two tables in the catalog database.

import { invariant, type RunId, type SnapshotName, type TableRef } from '../../../kernel/index.ts';
import type { ObjectDifference } from '../../../kernel/index.ts';
import type { ParamValue, Scope, ScopePart, Session, SnapshotInfo } from '../../port.ts';
import { quoteText } from '../../wire/quote.ts';
import { CATALOG_DATABASE, ensureCatalog } from '../catalog.ts';
import type { StoredObject } from './model.ts';
import { records, textOf } from './result-rows.ts';

export type SnapshotState = 'copying' | 'ready' | 'restoring' | 'dropping';

/** How far a restore is: `staging` has not touched live data, the others can only be finished. */
export interface RestoreProgress {
  readonly step: 'staging' | 'swap' | 'finish';
  readonly part: ScopePart | null;
  readonly destroyed: readonly ObjectDifference[];
  readonly restored: readonly string[];
  readonly removed: readonly string[];
  readonly rowCount: number;
  /** Tables whose rows wait in the mending database. */
  readonly mended?: readonly string[];
}

export interface SnapshotRow {
  readonly name: SnapshotName;
  /** Names the shadow databases: `sb_<token>_0`, ... */
  readonly token: string;
  readonly state: SnapshotState;
  readonly run: RunId | undefined;
  readonly scope: Scope;
  readonly takenAt: string;
  readonly tableCount: number;
  readonly rowCount: number;
  readonly byteCount: number;
  readonly declared: readonly string[];
  /** How long it is wanted from `takenAt` on, where that was said. */
  readonly keepForMs: number | undefined;
  /** The uuid of the server that took it, where servers have one. */
  readonly server: string | undefined;
  readonly restore: RestoreProgress | undefined;
}

const SNAPSHOTS = `${CATALOG_DATABASE}.snapshots`;
const OBJECTS = `${CATALOG_DATABASE}.objects`;

const CREATE_SNAPSHOTS = `CREATE TABLE IF NOT EXISTS ${SNAPSHOTS} (
  token VARCHAR(16) NOT NULL PRIMARY KEY,
  name VARCHAR(64) NOT NULL,
  state VARCHAR(16) NOT NULL,
  run VARCHAR(32) NULL,
  scope LONGTEXT NOT NULL,
  taken_at VARCHAR(32) NOT NULL,
  table_count BIGINT NOT NULL,
  row_count BIGINT NOT NULL,
  byte_count BIGINT NOT NULL,
  declared LONGTEXT NOT NULL,
  keep_for_ms BIGINT NULL,
  server VARCHAR(64) NULL,
  restore_progress LONGTEXT NULL,
  KEY by_name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`;

const CREATE_OBJECTS = `CREATE TABLE IF NOT EXISTS ${OBJECTS} (
  token VARCHAR(16) NOT NULL,
  seq INT NOT NULL,
  kind VARCHAR(16) NOT NULL,
  database_name VARCHAR(64) NOT NULL,
  object_name VARCHAR(512) NOT NULL,
  object LONGTEXT NOT NULL,
  row_count BIGINT NULL,
  fingerprint VARCHAR(64) NULL,
  PRIMARY KEY (token, seq)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`;

/** Creates the tables where they are missing. Both statements commit an open transaction. */
export async function ensureShadowCatalog(session: Session, signal: AbortSignal): Promise<void> {
  await ensureCatalog(session, signal);
  await session.query(CREATE_SNAPSHOTS, { signal });
  await session.query(CREATE_OBJECTS, { signal });
}

async function hasCatalog(session: Session, signal: AbortSignal): Promise<boolean> {
  const { rows } = await session.query(
    `SELECT 1 FROM information_schema.tables
     WHERE table_schema = ${quoteText(CATALOG_DATABASE)} AND table_name IN ('snapshots', 'objects')`,
    { signal },
  );
  return rows.length === 2;
}

const COLUMNS = [
  ...(['name', 'token', 'state', 'run', 'scope', 'taken_at', 'table_count', 'row_count', 'byte_count'] as const),
  ...(['declared', 'keep_for_ms', 'server', 'restore_progress'] as const),
];

/** Newest first; empty where there is no catalog. A name has a second row while a new snapshot takes its place. */
export async function readSnapshots(
  session: Session,
  name: SnapshotName | undefined,
  signal: AbortSignal,
): Promise<readonly SnapshotRow[]> {
  if (!(await hasCatalog(session, signal))) return [];
  const leftover = name === undefined ? null : LEFTOVER.exec(name);
  const own =
    leftover === null ? ` WHERE name = ${quoteText(name ?? '')}` : ` WHERE token = ${quoteText(leftover[1] ?? '')}`;
  const where = name === undefined ? '' : own;
  const result = await session.query(
    `SELECT ${COLUMNS.join(', ')} FROM ${SNAPSHOTS}${where} ORDER BY taken_at DESC, name`,
    { signal },
  );
  return records(result, COLUMNS).map((row) => ({
    name: textOf(row.name) as SnapshotName,
    token: textOf(row.token),
    state: textOf(row.state) as SnapshotState,
    run: (row.run ?? undefined) as RunId | undefined,
    scope: JSON.parse(textOf(row.scope)) as Scope,
    takenAt: textOf(row.taken_at),
    tableCount: Number(row.table_count),
    rowCount: Number(row.row_count),
    byteCount: Number(row.byte_count),
    declared: JSON.parse(textOf(row.declared)) as string[],
    keepForMs: row.keep_for_ms === null ? undefined : Number(row.keep_for_ms),
    server: row.server ?? undefined,
    restore: row.restore_progress === null ? undefined : (JSON.parse(row.restore_progress) as RestoreProgress),
  }));
}

export async function writeSnapshot(session: Session, row: SnapshotRow, signal: AbortSignal): Promise<void> {
  const values: readonly ParamValue[] = [
    ...[row.name, row.token, row.state, row.run ?? null, JSON.stringify(row.scope), row.takenAt],
    ...[row.tableCount, row.rowCount, row.byteCount, JSON.stringify(row.declared), row.keepForMs ?? null],
    row.server ?? null,
    row.restore === undefined ? null : JSON.stringify(row.restore),
  ];
  await session.query(`REPLACE INTO ${SNAPSHOTS} (${COLUMNS.join(', ')}) VALUES (${values.map(literal).join(', ')})`, {
    signal,
  });
}

/** In one statement: the new row is ready, and what had its name before is on its way out. */
export async function completeSnapshot(session: Session, row: SnapshotRow, signal: AbortSignal): Promise<void> {
  await writeSnapshot(session, { ...row, state: 'copying' }, signal);
  await session.query(
    `UPDATE ${SNAPSHOTS} SET state = IF(token = ${quoteText(row.token)}, 'ready', 'dropping')
     WHERE name = ${quoteText(row.name)}`,
    { signal },
  );
}

/** One row per name: what is half-made or half-dropped does not hide what is whole. */
export function visible(rows: readonly SnapshotRow[]): readonly SnapshotRow[] {
  const whole = new Set(rows.filter((row) => !isPartial(row)).map(({ name }) => name));
  const seen = new Set<SnapshotName>();
  return rows.filter((row) => {
    if (isPartial(row) && (whole.has(row.name) || seen.has(row.name))) return false;
    seen.add(row.name);
    return true;
  });
}

const LEFTOVER = /^leftover-([a-z0-9]+)$/;

/** All of them for people: a half that hides behind a whole snapshot has a name of its own, to drop it by. */
export function listed(rows: readonly SnapshotRow[]): readonly SnapshotInfo[] {
  const shown = visible(rows);
  return rows.map((row) => {
    const info = infoOf(row);
    return shown.includes(row) ? info : { ...info, name: `leftover-${row.token}` as SnapshotName };
  });
}

export function isPartial({ state }: SnapshotRow): boolean {
  return state === 'copying' || state === 'dropping';
}

export async function deleteSnapshot(session: Session, { token }: SnapshotRow, signal: AbortSignal): Promise<void> {
  await session.query(`DELETE FROM ${OBJECTS} WHERE token = ${quoteText(token)}`, { signal });
  await session.query(`DELETE FROM ${SNAPSHOTS} WHERE token = ${quoteText(token)}`, { signal });
}

/** Definitions go in few statements, each well below the smallest max_allowed_packet that is usual. */
const STATEMENT_LENGTH_MAX = 500_000;

export async function writeObjects(
  session: Session,
  token: string,
  objects: readonly StoredObject[],
  signal: AbortSignal,
): Promise<void> {
  await session.query(`DELETE FROM ${OBJECTS} WHERE token = ${quoteText(token)}`, { signal });
  let values: string[] = [];
  let length = 0;
  const flush = async (): Promise<void> => {
    if (values.length === 0) return;
    await session.query(
      `INSERT INTO ${OBJECTS} (token, seq, kind, database_name, object_name, object) VALUES ${values.join(',')}`,
      { signal },
    );
    values = [];
    length = 0;
  };
  for (const [seq, object] of objects.entries()) {
    const cells = [token, seq, object.kind, object.database, object.name, JSON.stringify(object)];
    const row = `(${cells.map(literal).join(',')})`;
    if (length + row.length > STATEMENT_LENGTH_MAX) await flush();
    values.push(row);
    length += row.length;
  }
  await flush();
}

/** In the order in which they were written. */
export async function readObjects(
  session: Session,
  { token }: SnapshotRow,
  signal: AbortSignal,
): Promise<readonly StoredObject[]> {
  const result = await session.query(`SELECT object FROM ${OBJECTS} WHERE token = ${quoteText(token)} ORDER BY seq`, {
    signal,
  });
  return records(result, ['object']).map(({ object }) => JSON.parse(textOf(object)) as StoredObject);
}

export interface KnownContent {
  readonly table: TableRef;
  readonly rowCount: number;
  readonly fingerprint: string;
}

export async function readKnownContents(
  session: Session,
  { token }: SnapshotRow,
  signal: AbortSignal,
): Promise<readonly KnownContent[]> {
  const result = await session.query(
    `SELECT database_name, object_name, row_count, fingerprint FROM ${OBJECTS}
     WHERE token = ${quoteText(token)} AND kind = 'table' AND fingerprint IS NOT NULL`,
    { signal },
  );
  return records(result, ['database', 'table', 'rows', 'fingerprint']).map((row) => ({
    table: { database: textOf(row.database), table: textOf(row.table) },
    rowCount: Number(row.rows),
    fingerprint: textOf(row.fingerprint),
  }));
}

export async function writeKnownContent(
  session: Session,
  { token }: SnapshotRow,
  { table, rowCount, fingerprint }: KnownContent,
  signal: AbortSignal,
): Promise<void> {
  await session.query(
    `UPDATE ${OBJECTS} SET row_count = ${rowCount}, fingerprint = ${quoteText(fingerprint)}
     WHERE token = ${quoteText(token)} AND kind = 'table' AND database_name = ${quoteText(table.database)}
     AND object_name = ${quoteText(table.table)}`,
    { signal },
  );
}

/** The shadow of a database: its place in the snapshot's list of databases makes the name. */
export function shadowDatabase({ token, scope }: Pick<SnapshotRow, 'token' | 'scope'>, database: string): string {
  return `sb_${token}_${indexOf(scope, database)}`;
}

/** Where a restore builds the tables before it swaps them in. */
export function stagingDatabase({ token, scope }: Pick<SnapshotRow, 'token' | 'scope'>, database: string): string {
  return `sb_${token}_s${indexOf(scope, database)}`;
}

/** Where a restore keeps the rows of tables that it mends row by row. */
export function mendingDatabase({ token, scope }: Pick<SnapshotRow, 'token' | 'scope'>, database: string): string {
  return `sb_${token}_m${indexOf(scope, database)}`;
}

function indexOf(scope: Scope, database: string): number {
  invariant(scope.kind === 'databases' || scope.kind === 'tables', 'a scope of databases or tables');
  const all = scope.kind === 'databases' ? scope.databases : scope.tables.map((table) => table.database);
  const index = [...new Set(all)].indexOf(database);
  invariant(index >= 0, `a database of the snapshot, not ${database}`);
  return index;
}

/** Databases of ours, whatever snapshot they belong to. */
export function isOwnDatabase(name: string): boolean {
  return name === CATALOG_DATABASE || /^sb_[a-z0-9]+_[sm]?\d+$/.test(name);
}

export function infoOf(row: SnapshotRow): SnapshotInfo {
  return {
    name: row.name,
    scope: row.scope,
    state: row.state === 'copying' || row.state === 'dropping' ? 'partial' : row.state,
    run: row.run,
    takenAt: row.takenAt,
    tableCount: row.tableCount,
    rowCount: row.rowCount,
    byteCount: row.byteCount,
    declared: row.declared,
    ...(row.keepForMs === undefined
      ? {}
      : { keepUntil: new Date(Date.parse(row.takenAt) + row.keepForMs).toISOString() }),
  };
}

function literal(value: ParamValue): string {
  if (value === null) return 'NULL';
  return typeof value === 'string' ? quoteText(value) : String(value);
}
