// A snapshot is what the server lists. The catalog adds what the server does not keep: the run, the exact scope, and
// whether it was finished. Invariant: a row names at most two snapshots of the server, its own and a pending one.

import type { RunId, SnapshotName } from '../../../kernel/index.ts';
import type { Scope, Session, SnapshotInfo } from '../../port.ts';
import { catalogTable, readCatalog } from '../catalog.ts';
import { literal } from '../literal.ts';
import { texts } from '../session.ts';

const SNAPSHOTS = catalogTable('snapshots');
/** Snapshots that snapback takes for a moment, to read one side of a proof. */
export const MOMENT_PREFIX = 'snapback_moment_';

export interface SnapshotRow {
  readonly name: SnapshotName;
  readonly serverName: string;
  /** A snapshot that is being taken to follow; empty when there is none. */
  readonly pending: string;
  readonly run: RunId;
  readonly scope: Scope;
  readonly state: 'taking' | 'ready';
  readonly declared: readonly string[];
  readonly tableCount: number;
  /** When it may go, ISO 8601 UTC. It stands in the text of the scope. */
  readonly keepUntil?: string;
}

/** A snapshot as the server lists it. */
export interface ServerSnapshot {
  readonly name: string;
  /** ns since 1970, decimal. */
  readonly ts: string;
  readonly level: string;
  readonly account: string;
  readonly database: string;
  readonly table: string;
  readonly objectId: string;
}

export interface KnownSnapshot {
  readonly info: SnapshotInfo;
  readonly serverName: string;
  readonly row: SnapshotRow | undefined;
  /** The number of the account whose data it shows; undefined for snapshots of databases, tables and the cluster. */
  readonly accountId: string | undefined;
}

/** Every snapshot of this account, ours and others', internal ones left out. */
export async function knownSnapshots(session: Session, signal: AbortSignal): Promise<readonly KnownSnapshot[]> {
  const rows = await snapshotRows(session, signal);
  const server = await serverSnapshots(session, signal);
  const byName = new Map(server.map((one) => [one.name, one]));
  const known: KnownSnapshot[] = [];
  for (const row of rows) {
    const own = byName.get(row.serverName);
    // Dropped by hand, or a row of an older catalog: not there. Half-made ones are told, so that they are removed.
    if (own === undefined && row.state === 'ready') continue;
    known.push({ info: infoOfRow(row, own), serverName: row.serverName, row, accountId: accountIdOf(own) });
  }
  const ours = new Set(rows.flatMap(({ serverName, pending }) => [serverName, pending]));
  for (const one of server) {
    if (ours.has(one.name)) continue;
    known.push({ info: infoOfServer(one), serverName: one.name, row: undefined, accountId: accountIdOf(one) });
  }
  return known;
}

export async function findSnapshot(
  session: Session,
  name: SnapshotName,
  signal: AbortSignal,
): Promise<KnownSnapshot | undefined> {
  return (await knownSnapshots(session, signal)).find(({ info }) => info.name === name);
}

/** Older servers keep no kind: their internal snapshots have names of their own. */
export async function serverSnapshots(session: Session, signal: AbortSignal): Promise<readonly ServerSnapshot[]> {
  const { columns, rows } = await session.query(
    'SELECT *, CAST(ts AS CHAR) AS ts_text, CAST(obj_id AS CHAR) AS obj_text FROM mo_catalog.mo_snapshots',
    { signal },
  );
  const at = (row: readonly (string | null)[], name: string): string => row[columns.indexOf(name)] ?? '';
  return rows
    .map((row) => ({
      name: at(row, 'sname'),
      ts: at(row, 'ts_text'),
      level: at(row, 'level'),
      account: at(row, 'account_name'),
      database: at(row, 'database_name'),
      table: at(row, 'table_name'),
      objectId: at(row, 'obj_text'),
      kind: at(row, 'kind'),
    }))
    .filter(({ name, kind }) => (kind === '' || kind === 'user') && !isInternal(name));
}

export async function snapshotRows(session: Session, signal: AbortSignal): Promise<readonly SnapshotRow[]> {
  const columns = 'name, server_name, pending, run, scope, state, declared, table_count';
  const sql = `SELECT ${columns} FROM ${SNAPSHOTS} ORDER BY name`;
  return (await readCatalog(session, sql, signal)).map(
    ([name, serverName = '', pending = '', run, text = '', state, declared = '', tableCount]) => {
      const { keep_until: keepUntil, ...scope } = JSON.parse(text) as Scope & { readonly keep_until?: string };
      return {
        name: name as SnapshotName,
        serverName,
        pending,
        run: run as RunId,
        scope,
        state: state as SnapshotRow['state'],
        declared: JSON.parse(declared) as string[],
        tableCount: Number(tableCount),
        ...(keepUntil === undefined ? {} : { keepUntil }),
      };
    },
  );
}

/** In one statement: there is always the old row or the new one. */
export async function writeSnapshotRow(session: Session, row: SnapshotRow, signal: AbortSignal): Promise<void> {
  const { name, serverName, pending, run, scope, state, declared, tableCount, keepUntil } = row;
  const text = JSON.stringify(keepUntil === undefined ? scope : { ...scope, keep_until: keepUntil });
  const values = [name, serverName, pending, run, text, state, JSON.stringify(declared)];
  const list = [...values.map(literal), String(tableCount)].join(', ');
  await session.query(`REPLACE INTO ${SNAPSHOTS} VALUES (${list})`, { signal });
}

export async function deleteSnapshotRow(session: Session, name: SnapshotName, signal: AbortSignal): Promise<void> {
  await readCatalog(session, `DELETE FROM ${SNAPSHOTS} WHERE name = ${literal(name)}`, signal);
}

/** Names of the moments that a process left behind. */
export async function leftMoments(session: Session, mark: string, signal: AbortSignal): Promise<readonly string[]> {
  const sql = `SELECT sname FROM mo_catalog.mo_snapshots WHERE sname LIKE ${literal(`${mark}%`)}`;
  return (await texts(session, sql, signal)).map(([name = '']) => name);
}

function isInternal(name: string): boolean {
  return /^__mo_branch_|^ccpr_/.test(name) || name.startsWith(MOMENT_PREFIX);
}

function accountIdOf(one: ServerSnapshot | undefined): string | undefined {
  return one?.level === 'account' ? one.objectId : undefined;
}

/** A snapshot of the cluster shows every account. */
function accountOf(one: ServerSnapshot | undefined): Pick<SnapshotInfo, 'account'> {
  return one === undefined || one.account === '' ? {} : { account: one.account };
}

function infoOfRow(
  { name, scope, run, state, declared, tableCount, keepUntil }: SnapshotRow,
  own: ServerSnapshot | undefined,
): SnapshotInfo {
  return {
    name,
    scope,
    state: state === 'ready' ? 'ready' : 'partial',
    run,
    takenAt: own === undefined ? '1970-01-01T00:00:00.000000Z' : isoOfNanoseconds(own.ts),
    ...accountOf(own),
    ...(keepUntil === undefined ? {} : { keepUntil }),
    tableCount,
    rowCount: undefined,
    byteCount: undefined,
    declared,
  };
}

function infoOfServer(one: ServerSnapshot): SnapshotInfo {
  return {
    name: one.name as SnapshotName,
    scope: scopeOfServer(one),
    state: 'ready',
    run: undefined,
    takenAt: isoOfNanoseconds(one.ts),
    ...accountOf(one),
    tableCount: undefined,
    rowCount: undefined,
    byteCount: undefined,
    declared: [],
  };
}

function scopeOfServer({ level, account, database, table }: ServerSnapshot): Scope {
  if (level === 'cluster') return { kind: 'cluster' };
  if (level === 'database') return { kind: 'databases', databases: [database] };
  if (level === 'table') return { kind: 'tables', tables: [{ database, table }] };
  return { kind: 'account', account };
}

/** `1795445794504092742` -> `2026-11-23T14:56:34.504092Z` */
export function isoOfNanoseconds(ts: string): string {
  const microseconds = BigInt(ts) / 1_000n;
  const [seconds = ''] = new Date(Number(microseconds / 1_000n)).toISOString().split('.');
  return `${seconds}.${String(microseconds % 1_000_000n).padStart(6, '0')}Z`;
}
