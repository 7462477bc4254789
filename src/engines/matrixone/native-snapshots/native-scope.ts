// Which level of native snapshot serves a scope, and whether the server did what it was asked.

import type { Session, Scope } from '../../port.ts';
import { one } from '../session.ts';
import { literal } from '../literal.ts';
import { createSnapshotSql, dropSnapshotSql, type NativeScope } from '../statements.ts';
import { serverSnapshots } from './snapshot-rows.ts';

/** One snapshot shows one moment: several databases or tables need the whole account, of which a part is used. */
export function nativeScopeOf(scope: Scope, otherAccount?: string): NativeScope {
  if (otherAccount !== undefined) return { level: 'account', account: otherAccount };
  const [database] = scope.kind === 'databases' ? scope.databases : [];
  const [table] = scope.kind === 'tables' ? scope.tables : [];
  if (scope.kind === 'cluster') return { level: 'cluster' };
  if (scope.kind === 'databases' && scope.databases.length === 1 && database !== undefined) {
    return { level: 'database', database };
  }
  if (scope.kind === 'tables' && scope.tables.length === 1 && table !== undefined) return { level: 'table', table };
  return { level: 'account' };
}

const WIDENED =
  'taken of the whole account: the server files a database snapshot under a database of the same name in another' +
  ' account';

/** Takes it, and says what is other than asked. Outside of a transaction. */
export async function takeNative(
  session: Session,
  name: string,
  scope: NativeScope,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await session.query(createSnapshotSql(name, scope), { signal });
  if (scope.level !== 'database' || (await isFiledRight(session, name, scope.database, signal))) return [];
  await session.query(dropSnapshotSql(name), { signal });
  await session.query(createSnapshotSql(name, { level: 'account' }), { signal });
  return [WIDENED];
}

/** On `sys` the server may store the number of another account's database of that name. */
async function isFiledRight(session: Session, name: string, database: string, signal: AbortSignal): Promise<boolean> {
  const listed = (await serverSnapshots(session, signal)).find((snapshot) => snapshot.name === name);
  const own = await one(
    session,
    'SELECT CAST(dat_id AS CHAR) FROM mo_catalog.mo_database' +
      ` WHERE account_id = current_account_id() AND datname = ${literal(database)}`,
    signal,
  );
  return listed !== undefined && listed.objectId === own;
}
