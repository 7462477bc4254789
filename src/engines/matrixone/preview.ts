// What a run would do here, by reading alone.

import { Fault, tableLabel, type ObjectKind, type TableRef } from '../../kernel/index.ts';
import type { Previews, Scope, Session, SnapshotInfo } from '../port.ts';
import type { OtherSession, PreviewedTable, ScopePreview } from '../preview-port.ts';
import { quoteName } from '../wire/quote.ts';
import { extentOf } from './extent.ts';
import { EQUALITY_LEAVES_OUT } from './left-out.ts';
import { literal } from './literal.ts';
import { otherAccount } from './native-snapshots/accounts.ts';
import { nativeScopeOf } from './native-snapshots/native-scope.ts';
import { unrestorable } from './native-snapshots/preflight.ts';
import type { MatrixoneServer } from './native-snapshots/server.ts';
import { refOf } from './compare.ts';
import type { Description } from './objects.ts';
import { processList } from './process-list.ts';
import { one, withSession } from './session.ts';
import { createSnapshotSql } from './statements.ts';

export function matrixonePreviews(server: MatrixoneServer, own: () => readonly string[]): Previews {
  return {
    scope: (scope, name, signal) =>
      withSession(server.connector, { purpose: 'preview', writes: false }, signal, (session) =>
        previewScope(server, session, { scope, name, own }, signal),
      ),
    restore: ({ scope, name }: SnapshotInfo) => restores(server, scope, name, []),
  };
}

interface Wanted {
  readonly scope: Scope;
  readonly name: string;
  readonly own: () => readonly string[];
}

async function previewScope(
  server: MatrixoneServer,
  session: Session,
  { scope, name, own }: Wanted,
  signal: AbortSignal,
): Promise<ScopePreview> {
  const account = otherAccount(server, scope);
  const isOwn = account === undefined;
  const request = { server, extent: extentOf(scope), since: undefined };
  const { description, problems } = isOwn
    ? await unrestorable(session, request, signal)
    : { description: { databases: [], objects: [] }, problems: [] };
  const tables = description.objects.filter(({ kind }) => kind === 'table').map(refOf);
  const rights = await rightsOf(session, signal);
  return {
    tables: await sizesOf(session, tables, signal),
    objects: countObjects(description),
    basis: 'mo_table_rows and mo_table_size, which may lag behind',
    estimate: 'a native snapshot: metadata only, well below a second whatever the size',
    takes: [createSnapshotSql(name, nativeScopeOf(scope, account))],
    putsBack: restores(server, scope, name, tables),
    refusals: problems,
    restrictions: EQUALITY_LEAVES_OUT.map((text) => `equality leaves out ${text}`),
    missingRights: rights.missing,
    grants: rights.grants,
    sessions: await otherSessions(session, own(), signal),
    unseen: [
      'open transactions of other sessions: this server does not list them',
      ...(server.account === 'sys' ? [] : ['sessions of other accounts']),
      ...(isOwn ? [] : [`the objects of account ${account}, before there is a snapshot of it`]),
    ],
  };
}

function restores(
  { grammar, account }: MatrixoneServer,
  scope: Scope,
  name: string,
  tables: readonly TableRef[],
): readonly string[] {
  switch (scope.kind) {
    case 'cluster':
      return [grammar.cluster(name)];
    case 'account':
      return [grammar.account(scope.account, name)];
    case 'databases':
      return scope.databases.map((database) => grammar.database(database, name, account));
    case 'tables':
      return (tables.length > 0 ? tables : scope.tables).map((table) => grammar.table(table, name, account));
  }
}

async function sizesOf(
  session: Session,
  tables: readonly TableRef[],
  signal: AbortSignal,
): Promise<readonly PreviewedTable[]> {
  const sizes: PreviewedTable[] = [];
  for (const table of tables) {
    const place = `${literal(table.database)}, ${literal(table.table)}`;
    const sql = `SELECT mo_table_rows(${place}), mo_table_size(${place})`;
    const [rows, bytes] = (await session.query(sql, { signal })).rows[0] ?? [];
    sizes.push({ table: tableLabel(table), rowCount: Number(rows ?? 0), byteCount: Number(bytes ?? 0) });
  }
  return sizes;
}

function countObjects({ objects }: Description): ScopePreview['objects'] {
  const counts: Partial<Record<ObjectKind, number>> = {};
  for (const { kind } of objects) {
    if (kind !== 'table') counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** Only the administrators of an account may take snapshots and restore. */
const ADMINISTRATORS: ReadonlySet<string> = new Set(['moadmin', 'accountadmin']);

async function rightsOf(session: Session, signal: AbortSignal) {
  const role = (await one(session, 'SELECT current_role()', signal)) ?? '';
  if (ADMINISTRATORS.has(role)) return { missing: [], grants: [] };
  const user = ((await one(session, 'SELECT current_user()', signal)) ?? '').split('@')[0] ?? '';
  const account = (await one(session, 'SELECT current_account_name()', signal)) ?? 'sys';
  const wanted = account === 'sys' ? 'moadmin' : 'accountadmin';
  return {
    missing: [`the role ${wanted}, which alone may take snapshots and restore (this login has ${role})`],
    grants: [`GRANT ${wanted} TO ${quoteName(user.replace(/^.*[:#]/, ''))};`],
  };
}

const CHANGING = /^\s*(?:\/\*[^]*?\*\/\s*)*(?:insert|update|delete|replace|load|alter|create|drop|truncate|restore)\b/i;

async function otherSessions(
  session: Session,
  own: readonly string[],
  signal: AbortSignal,
): Promise<readonly OtherSession[]> {
  try {
    const listed = await processList(session, signal);
    return listed
      .filter(({ connectionId, host }) => !own.includes(connectionId) && host !== '')
      .map(({ connectionId, user, host, command, statement }) => ({
        id: connectionId,
        login: `${user}@${host}`,
        doing: `${command === '' ? 'idle' : command}: ${statement.replace(/\s+/g, ' ').slice(0, 80)}`,
        isWriting: command !== '' && CHANGING.test(statement),
      }));
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'PRIVILEGE_MISSING') throw error;
    return [];
  }
}
