// Reads for checks: the live data, or what a snapshot holds. Everything is computed in the server.

import { Fault, type SnapshotName, type TableRef } from '../../kernel/index.ts';
import type { ContentComparison, DataReader, Moment, QueryResult, Session } from '../port.ts';
import type { Connector } from '../wire/connector.ts';
import { sessionStock } from '../wire/session-stock.ts';
import { snapshotContent } from './compare.ts';
import { countRows, readContent } from './contents.ts';
import { coversTable, extentOf, isSystemDatabase, partOf, type Extent } from './extent.ts';
import type { MatrixoneServer } from './native-snapshots/server.ts';
import { readySnapshot } from './native-snapshots/restore.ts';
import { describe, listObjects, type DescribedObject } from './objects.ts';
import { readRowDifference } from './row-difference.ts';
import { openSession } from './session.ts';

/** One session serves all the checks that come one after the other: to open one takes longer than to count a table. */
export function matrixoneDataReader(server: MatrixoneServer): DataReader {
  const sessions = sessionStock((signal) =>
    openSession(server.connector, { purpose: 'checks', writes: false }, signal),
  );
  return {
    tables: (databases, at, signal) =>
      sessions.use(signal, async (session) => {
        const own = databases.filter((name) => !isSystemDatabase(name));
        const place = await placeOf(session, at, signal);
        const extent: Extent = { isWhole: false, databases: own, tables: [] };
        const { objects } = await listObjects(session, extent, place.at, signal);
        return objects
          .filter(({ kind }) => kind === 'table')
          .map(({ database, name }) => ({ database, table: name }))
          .filter((table) => place.extent === undefined || coversTable(place.extent, table));
      }),
    countRows: (table, at, signal) =>
      sessions.use(signal, async (session) => {
        const place = await placeOf(session, at, signal);
        return (await isTable(session, table, place, signal)) ? countRows(session, table, place.at, signal) : undefined;
      }),
    fingerprint: (table, at, signal) =>
      sessions.use(signal, async (session) => {
        const found = await findTable(session, table, at, signal);
        if (found === undefined) return undefined;
        if (found.at === undefined) {
          return (await readContent(session, table, found.object.columns, undefined, signal)).fingerprint;
        }
        const known = { session, since: found.at, memory: server.memory };
        return (await snapshotContent(known, found.object, signal)).fingerprint;
      }),
    differingRows: (table, since, sampleMax, signal) =>
      sessions.use(signal, async (session) => {
        const before = await findTable(session, table, { kind: 'snapshot', name: since }, signal);
        const now = await findTable(session, table, { kind: 'now' }, signal);
        if (before === undefined || now === undefined) {
          const count = async (side: Place | undefined): Promise<number> =>
            side === undefined ? 0 : countRows(session, table, side.at, signal);
          const numbers = { gone: await count(before), added: await count(now), changed: 0 };
          return { ...numbers, is_exact: true, sample: [] };
        }
        const sides = { before: before.object, now: now.object, since: before.at ?? '', until: undefined };
        return readRowDifference(session, { ...sides, sampleMax }, signal);
      }),
    compareContent: (table, since, sampleMax, signal) =>
      sessions.use(signal, async (session): Promise<ContentComparison> => {
        const before = await findTable(session, table, { kind: 'snapshot', name: since }, signal);
        if (before === undefined) return { kind: 'no-table', side: 'snapshot' };
        const now = await findTable(session, table, { kind: 'now' }, signal);
        if (now === undefined) return { kind: 'no-table', side: 'now' };
        const sides = { before: before.object, now: now.object, since: before.at ?? '', until: undefined };
        const known = { session, since: sides.since, memory: server.memory };
        const then = await snapshotContent(known, before.object, signal);
        const content = await readContent(session, table, now.object.columns, undefined, signal);
        if (then.fingerprint === content.fingerprint) return { kind: 'equal' };
        return { kind: 'different', rows: await readRowDifference(session, { ...sides, sampleMax }, signal) };
      }),
    query: (request, signal) => runQuery(server.connector, request, signal),
  };
}

interface Place {
  /** The snapshot's name on the server; undefined: live. */
  readonly at: string | undefined;
  readonly object: DescribedObject;
}

async function findTable(
  session: Session,
  table: TableRef,
  moment: Moment,
  signal: AbortSignal,
): Promise<Place | undefined> {
  const { at, extent } = await placeOf(session, moment, signal);
  const { objects } = await describe(session, singleIn(extent, table), at, signal);
  const object = objects.find(({ kind }) => kind === 'table');
  return object === undefined ? undefined : { at, object };
}

async function isTable(session: Session, table: TableRef, { at, extent }: Side, signal: AbortSignal): Promise<boolean> {
  const { objects } = await listObjects(session, singleIn(extent, table), at, signal);
  return objects.some(({ kind }) => kind === 'table');
}

function singleIn(extent: Extent | undefined, table: TableRef): Extent {
  const single = { databases: [], tables: [table] };
  return extent === undefined ? { isWhole: false, ...single } : partOf(extent, single);
}

interface Side {
  readonly at: string | undefined;
  /** What the snapshot covers. */
  readonly extent: Extent | undefined;
}

/** The server reads any table at any snapshot: what the snapshot covers is known here only. */
async function placeOf(session: Session, moment: Moment, signal: AbortSignal): Promise<Side> {
  if (moment.kind === 'now') return { at: undefined, extent: undefined };
  const { serverName, info } = await readySnapshot(session, moment.name, signal);
  return { at: serverName, extent: extentOf(info.scope) };
}

/** A user's statement runs with the server's defaults, in a transaction that is never committed. */
async function runQuery(
  connector: Connector,
  { sql, database, params, at, rowsMax }: Parameters<DataReader['query']>[0],
  signal: AbortSignal,
): Promise<QueryResult> {
  if (at.kind === 'snapshot') throw cannotQuery(at.name);
  const request = { purpose: 'query of a check', database, announce: false, prologue: ['BEGIN'], rowsMax };
  const session = await connector.open(request, signal);
  try {
    const result = await session.query(sql, { params, signal });
    return { ...result, rows: result.rows.slice(0, rowsMax) };
  } finally {
    if (session.isOpen) await session.query('ROLLBACK');
    await session.close();
  }
}

function cannotQuery(name: SnapshotName): Fault {
  return new Fault('STATEMENT_FAILED', `MatrixOne cannot run a whole query on snapshot ${name}`, {
    hint: `Write \`FROM t {SNAPSHOT = '${name}'}\` in the query, or compare counts and fingerprints.`,
  });
}
