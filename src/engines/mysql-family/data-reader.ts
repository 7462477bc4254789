// Reads for checks: the live data, or what a snapshot holds. Everything is computed in the server.

import { Fault, tableLabel, type SnapshotName, type TableRef } from '../../kernel/index.ts';
import { databasesOf } from '../scope.ts';
import type { DataReader, Moment, QueryResult, Session } from '../port.ts';
import { quoteTable, quoteText } from '../wire/quote.ts';
import { sessionStock, type SessionStock } from '../wire/session-stock.ts';
import { describeTables } from './copying-snapshots/describe-tables.ts';
import { findSnapshot } from './copying-snapshots/find-snapshot.ts';
import { refOf, tablesOf, type StoredTable } from './copying-snapshots/model.ts';
import { countOf, records, textOf } from './copying-snapshots/result-rows.ts';
import { compareContent, type Place } from './copying-snapshots/compare-content.ts';
import { readRowDifference } from './copying-snapshots/row-difference.ts';
import { openPinned, type FamilyServer } from './copying-snapshots/session-pins.ts';
import { readKnownContents, readObjects, shadowDatabase } from './copying-snapshots/shadow-catalog.ts';
import type { SnapshotRow } from './copying-snapshots/shadow-catalog.ts';
import { readContent } from './fingerprint.ts';

export function mysqlDataReader(server: FamilyServer): DataReader {
  const sessions = sessionStock((signal) => openPinned(server, { purpose: 'checks', changes: false }, signal));
  const places = placeFinder();
  return {
    tables: (databases, at, signal) =>
      sessions.use(signal, async (session) => {
        if (at.kind === 'now') return listTables(session, databases, signal);
        const snapshot = await findSnapshot(session, at.name, signal);
        const tables = (await places.tablesIn(session, snapshot, signal)).map(refOf);
        return tables.filter(({ database }) => databases.includes(database)).sort(byLabel);
      }),
    countRows: (table, at, signal) =>
      sessions.use(signal, async (session) => {
        const place = await places.find(session, table, at, signal);
        if (place === undefined) return undefined;
        const { rows } = await session.query(`SELECT COUNT(*) FROM ${quoteTable(place.ref)}`, { signal });
        return countOf(rows[0]?.[0]);
      }),
    fingerprint: (table, at, signal) =>
      sessions.use(signal, async (session) => {
        const place = await places.find(session, table, at, signal);
        if (place === undefined) return undefined;
        if (place.known !== undefined) return place.known;
        const { columns, isVersioned } = place.stored;
        return (await readContent(session, place.ref, columns, isVersioned, signal)).fingerprint;
      }),
    differingRows: (table, since, sampleMax, signal) =>
      sessions.use(signal, async (session) => {
        const before = await places.find(session, table, { kind: 'snapshot', name: since }, signal);
        const now = await places.find(session, table, { kind: 'now' }, signal);
        if (before === undefined || now === undefined)
          return missingSide(session, before ?? now, now !== undefined, signal);
        return sessions.use(signal, (second) => {
          const tables = { wanted: before.stored, shadow: before.ref, live: now.stored };
          return readRowDifference(session, { ...tables, sampleMax, isExact: true, second }, signal);
        });
      }),
    compareContent: (table, since, sampleMax, signal) =>
      sessions.use(signal, async (session) => {
        const before = await places.find(session, table, { kind: 'snapshot', name: since }, signal);
        if (before === undefined) return { kind: 'no-table', side: 'snapshot' };
        const now = await places.find(session, table, { kind: 'now' }, signal);
        if (now === undefined) return { kind: 'no-table', side: 'now' };
        return sessions.use(signal, (second) =>
          compareContent({ session, second }, { before, now, sampleMax }, signal),
        );
      }),
    query: (request, signal) => runQuery(server, sessions, request, signal),
  };
}

interface PlaceFinder {
  tablesIn(session: Session, snapshot: SnapshotRow, signal: AbortSignal): Promise<readonly StoredTable[]>;
  find(session: Session, table: TableRef, at: Moment, signal: AbortSignal): Promise<Place | undefined>;
}

/** What a snapshot holds never changes, so its list of tables is read once. */
function placeFinder(): PlaceFinder {
  const tables = new Map<string, readonly StoredTable[]>();
  const tablesIn: PlaceFinder['tablesIn'] = async (session, snapshot, signal) => {
    const own = tables.get(snapshot.token) ?? tablesOf(await readObjects(session, snapshot, signal));
    tables.set(snapshot.token, own);
    return own;
  };
  return {
    tablesIn,
    find: async (session, table, at, signal) => {
      if (at.kind === 'now') return findNow(session, table, signal);
      const snapshot = await findSnapshot(session, at.name, signal);
      const stored = (await tablesIn(session, snapshot, signal)).find((own) => isSame(refOf(own), table));
      if (stored === undefined) return undefined;
      const known = (await readKnownContents(session, snapshot, signal)).find((content) =>
        isSame(content.table, table),
      );
      const ref = { database: shadowDatabase(snapshot, table.database), table: table.table };
      return { ref, stored, known: known?.fingerprint };
    },
  };
}

async function findNow(session: Session, ref: TableRef, signal: AbortSignal): Promise<Place | undefined> {
  const notes = { unreadable: [], hasGrants: true };
  const [stored] = tablesOf(await describeTables(session, ref.database, [ref.table], notes, signal));
  return stored === undefined ? undefined : { ref, stored, known: undefined };
}

async function listTables(
  session: Session,
  databases: readonly string[],
  signal: AbortSignal,
): Promise<readonly TableRef[]> {
  if (databases.length === 0) return [];
  const result = await session.query(
    `SELECT table_schema, table_name FROM information_schema.tables
     WHERE table_schema IN (${databases.map(quoteText).join(', ')}) AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
     AND table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')`,
    { signal },
  );
  return records(result, ['database', 'table'])
    .map(({ database, table }) => ({ database: textOf(database), table: textOf(table) }))
    .sort(byLabel);
}

async function missingSide(session: Session, place: Place | undefined, isNow: boolean, signal: AbortSignal) {
  const count =
    place === undefined
      ? 0
      : countOf((await session.query(`SELECT COUNT(*) FROM ${quoteTable(place.ref)}`, { signal })).rows[0]?.[0]);
  return { gone: isNow ? 0 : count, added: isNow ? count : 0, changed: 0, is_exact: true, sample: [] };
}

/** A user's statement runs with the server's defaults, and cannot write. */
async function runQuery(
  server: FamilyServer,
  sessions: SessionStock,
  { sql, database, params, at, rowsMax }: Parameters<DataReader['query']>[0],
  signal: AbortSignal,
): Promise<QueryResult> {
  const place = at.kind === 'now' ? database : await shadowFor(sessions, at.name, { sql, database }, signal);
  const prologue = ['SET SESSION TRANSACTION READ ONLY'];
  const request = { purpose: 'query of a check', database: place, announce: false, prologue, rowsMax };
  const session = await server.connector.open(request, signal);
  try {
    const result = await session.query(sql, { params, signal });
    return { ...result, rows: result.rows.slice(0, rowsMax) };
  } finally {
    await session.close();
  }
}

function shadowFor(
  sessions: SessionStock,
  name: SnapshotName,
  { sql, database }: { readonly sql: string; readonly database: string | undefined },
  signal: AbortSignal,
): Promise<string> {
  return sessions.use(signal, async (session) => {
    const snapshot = await findSnapshot(session, name, signal);
    const covered = databasesOf(snapshot.scope);
    const live = database ?? (covered.length === 1 ? covered[0] : undefined);
    if (live === undefined || !covered.includes(live)) {
      throw new Fault('STATEMENT_FAILED', `snapshot ${name} has no database ${live ?? ''} to run the query in`, {
        hint: `Name one of ${covered.join(', ')} for the query.`,
      });
    }
    for (const own of covered) refuseLiveName(sql, own);
    return shadowDatabase(snapshot, live);
  });
}

/** A name with its database in front would read the live table: no error, and a wrong answer. */
function refuseLiveName(sql: string, database: string): void {
  const name = database.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  if (!new RegExp(`(?:\\b(?:from|join|table|into)\\s*|,\\s*)(?:${name}|\`${name}\`)\\s*\\.`, 'i').test(sql)) return;
  throw new Fault('STATEMENT_FAILED', `the query names ${database} in front of a table, which is not the snapshot's`, {
    hint: 'Write table names without their database in queries that run on a snapshot too.',
  });
}

function isSame(a: TableRef, b: TableRef): boolean {
  return tableLabel(a) === tableLabel(b);
}

function byLabel(a: TableRef, b: TableRef): number {
  return tableLabel(a) < tableLabel(b) ? -1 : 1;
}
