// Point-in-time recovery. The server can read any moment that a PITR keeps, so a restore is previewed and proven with
// the same comparing as a restore from a snapshot.

import { Fault, invariant } from '../../../kernel/index.ts';
import type { PitrInfo, PitrPreview, PitrRestore, PitrScope, PitrUnit, Pitrs } from '../../pitr-port.ts';
import type { Session } from '../../port.ts';
import { copyCatalog, writeCatalog } from '../catalog.ts';
import { compareMoments } from '../compare.ts';
import { extentOf, isUserDatabase, type Extent } from '../extent.ts';
import { refuseUnrestorable } from '../native-snapshots/preflight.ts';
import type { MatrixoneServer } from '../native-snapshots/server.ts';
import { isoOf, one, withSession } from '../session.ts';
import { momentOf } from '../statements.ts';
import { isSameAccount } from '../tenant.ts';
import { alterPitrSql, createPitrSql, dropPitrSql, restorePitrSql } from './statements.ts';

export function matrixonePitrs(server: MatrixoneServer): Pitrs {
  const asking = <Value>(signal: AbortSignal, work: (session: Session) => Promise<Value>): Promise<Value> =>
    withSession(server.connector, { purpose: 'question about recovery', writes: false }, signal, work);
  return {
    list: (signal) => asking(signal, (session) => listPitrs(session, signal)),
    createStatement: createPitrSql,
    alterStatement: alterPitrSql,
    dropStatement: dropPitrSql,
    restoreStatement: ({ name, scope, time }, signal) =>
      asking(signal, async (session) => {
        refuseSystemDatabase(scope);
        return restorePitrSql(name, ownAccount(server, scope), await serverLocal(session, time, signal));
      }),
    refuseUnrestorable: (request, signal) =>
      asking(signal, async (session) => {
        const extent = extentOfPitr(server, request.scope);
        if (extent === undefined) return;
        // What is there now would be lost, and what was there then could not be brought back.
        for (const since of [undefined, at(request)]) {
          await refuseUnrestorable(session, { server, extent, since }, signal);
        }
      }),
    compare: (request, signal) => asking(signal, (session) => compare(server, session, request, signal)),
    keepingRecord: async (scope, signal, work) => {
      if (!goesBackWithRecord(server, scope)) return work();
      const copy = await asking(signal, (session) => copyCatalog(session, signal));
      const value = await work();
      await withSession(server.connector, { purpose: 'record', writes: true }, signal, (session) =>
        writeCatalog(session, copy, signal),
      );
      return value;
    },
  };
}

async function compare(
  server: MatrixoneServer,
  session: Session,
  request: PitrRestore,
  signal: AbortSignal,
): Promise<PitrPreview> {
  const { scope } = request;
  const extent = extentOfPitr(server, scope);
  if (extent === undefined && scope.kind === 'account') {
    return { differences: [], unseen: [`what account ${scope.account ?? ''} holds is not seen by this login`] };
  }
  invariant(extent !== undefined, 'an extent of the own account');
  const comparing = { session, extent, since: at(request), until: undefined, memory: server.memory };
  const { differences } = await compareMoments(comparing, signal);
  const isWide = scope.kind === 'account' || scope.kind === 'cluster';
  const unseen = [
    ...(isWide ? ['users, passwords and roles go back too, and were not compared'] : []),
    ...(scope.kind === 'cluster' ? ['other accounts go back too, and were not compared'] : []),
  ];
  return { differences, unseen };
}

/** Undefined for another account: its data cannot be read from here. */
function extentOfPitr(server: MatrixoneServer, scope: PitrScope): Extent | undefined {
  refuseSystemDatabase(scope);
  switch (scope.kind) {
    case 'cluster':
      return extentOf(scope);
    case 'account':
      return isOwn(server, scope.account) ? extentOf({ kind: 'account', account: server.account }) : undefined;
    case 'database':
      return extentOf({ kind: 'databases', databases: [scope.database] });
    case 'table':
      return extentOf({ kind: 'tables', tables: [scope.table] });
  }
}

function refuseSystemDatabase(scope: PitrScope): void {
  const database =
    scope.kind === 'database' ? scope.database : scope.kind === 'table' ? scope.table.database : undefined;
  if (database === undefined || isUserDatabase(database)) return;
  throw new Fault('SNAPSHOT_REFUSED', `${database} belongs to the server or to snapback, not to your data`);
}

/** The server refuses the name of the own account here, and means it when there is none. */
function ownAccount(server: MatrixoneServer, scope: PitrScope): PitrScope {
  return scope.kind === 'account' && isOwn(server, scope.account) ? { kind: 'account', account: undefined } : scope;
}

function isOwn({ account }: MatrixoneServer, named: string | undefined): boolean {
  return named === undefined || isSameAccount(named, account);
}

function goesBackWithRecord(server: MatrixoneServer, scope: PitrScope): boolean {
  return scope.kind === 'cluster' || (scope.kind === 'account' && isOwn(server, scope.account));
}

function at({ time }: PitrRestore): string {
  return momentOf(BigInt(Date.parse(time)) * 1_000_000n);
}

/** The server takes the time by its own clock on the wall, whatever zone the session has. */
async function serverLocal(session: Session, time: string, signal: AbortSignal): Promise<string> {
  await session.query("SET SESSION time_zone = 'SYSTEM'", { signal });
  const seconds = Math.floor(Date.parse(time) / 1_000);
  const local = (await one(session, `SELECT FROM_UNIXTIME(${seconds})`, signal)) ?? '';
  invariant(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.test(local), 'a time that the server prints');
  return local.slice(0, 19);
}

async function listPitrs(session: Session, signal: AbortSignal): Promise<readonly PitrInfo[]> {
  const { columns, rows } = await session.query('SHOW PITR', { signal });
  const named = columns.map((column) => column.toLowerCase());
  return rows
    .map((row): PitrInfo => {
      const cell = (name: string): string => {
        const text = row[named.indexOf(name)] ?? '';
        return text === '*' ? '' : text;
      };
      return {
        name: cell('pitr_name'),
        level: cell('pitr_level'),
        account: cell('account_name'),
        database: cell('database_name'),
        table: cell('table_name'),
        // In the session's zone, which is UTC in sessions of ours.
        createdAt: isoOf(cell('created_time').slice(0, 19)),
        modifiedAt: isoOf(cell('modified_time').slice(0, 19)),
        length: Number(cell('pitr_length')),
        unit: cell('pitr_unit') as PitrUnit,
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
