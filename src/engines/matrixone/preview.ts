// What a run would do here, by reading alone.

import { Fault, tableLabel, type ObjectKind, type TableRef } from '../../kernel/index.ts';
import type { Previews, Scope, Session, SnapshotInfo } from '../port.ts';
import type { OtherSession, PreviewedTable, ScopePreview } from '../preview-port.ts';
import { mayChange } from '../sql/changes.ts';
import { quoteName } from '../wire/quote.ts';
import { databasesOf } from '../scope.ts';
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
    scope: (scope, name, signal) => {
      // Who may only read is shown definitions of the current database alone.
      const [database] = databasesOf(scope);
      return withSession(server.connector, { purpose: 'preview', writes: false, database }, signal, (session) =>
        previewScope(server, session, { scope, name, own }, signal),
      );
    },
    restore: ({ scope, name }: SnapshotInfo) => ({
      statements: restores(server, scope, name, []),
      risks: risksOf(server, scope),
    }),
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
  const seen = account === undefined ? await whatThisLoginSees(server, session, scope, signal) : NOTHING;
  const tables = seen.description.objects.filter(({ kind }) => kind === 'table').map(refOf);
  const rights = await rightsOf(session, signal);
  return {
    tables: await sizesOf(session, tables, signal),
    objects: countObjects(seen.description),
    basis: 'mo_table_rows and mo_table_size, which may lag behind',
    estimate: 'a native snapshot: metadata only, well below a second whatever the size',
    takes: [createSnapshotSql(name, nativeScopeOf(scope, account))],
    putsBack: restores(server, scope, name, tables),
    refusals: seen.problems,
    restrictions: [...risksOf(server, scope), ...EQUALITY_LEAVES_OUT.map((text) => `equality leaves out ${text}`)],
    missingRights: [...rights.missing, ...(seen.isWhole ? [] : [MISSING_TO_READ])],
    grants: seen.isWhole ? [] : [`GRANT SELECT ON TABLE mo_catalog.* TO ${quoteName(rights.role)};`],
    sessions: await otherSessions(session, own(), signal),
    unseen: [
      ...(server.account === 'sys' ? [] : ['sessions of other accounts', 'which tables open transactions hold']),
      ...(account === undefined ? [] : [`the objects of account ${account}, before there is a snapshot of it`]),
      ...(seen.isWhole ? [] : ['what there is in the scope, and whether a restore of it would be refused']),
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

/** Everything else is all or nothing, and so is this where the server speaks the new grammar. */
function risksOf({ grammar }: MatrixoneServer, { kind }: Scope): readonly string[] {
  if (kind !== 'cluster' || grammar.kind === 'new') return [];
  return [
    'on this version a RESTORE CLUSTER that fails half-way is not taken back: some accounts are restored then, and' +
      ' others dropped',
  ];
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

interface Seen {
  readonly description: Description;
  readonly problems: readonly string[];
  /** False where the login may not read what it would have to. */
  readonly isWhole: boolean;
}

const NOTHING: Seen = { description: { databases: [], objects: [] }, problems: [], isWhole: true };
const MISSING_TO_READ = 'SELECT on mo_catalog, to see what there is';

async function whatThisLoginSees(
  server: MatrixoneServer,
  session: Session,
  scope: Scope,
  signal: AbortSignal,
): Promise<Seen> {
  try {
    const request = { server, extent: extentOf(scope), since: undefined };
    return { ...(await unrestorable(session, request, signal)), isWhole: true };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'PRIVILEGE_MISSING') throw error;
    return { ...NOTHING, isWhole: false };
  }
}

/** Only the administrators of an account may take snapshots and restore, and nobody can be made one. */
const ADMINISTRATORS: ReadonlySet<string> = new Set(['moadmin', 'accountadmin']);

async function rightsOf(session: Session, signal: AbortSignal) {
  const role = (await one(session, 'SELECT current_role()', signal)) ?? '';
  if (ADMINISTRATORS.has(role)) return { role, missing: [] };
  const account = (await one(session, 'SELECT current_account_name()', signal)) ?? 'sys';
  const who = account === 'sys' ? 'root or dump' : `the administrator with whom account ${account} was created`;
  const missing = [`the login of ${who}, which alone takes snapshots and restores (this one has the role ${role})`];
  return { role, missing };
}

/** The server runs its own tasks in sessions of a user with a made-up name. */
const SERVERS_OWN = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

async function otherSessions(
  session: Session,
  own: readonly string[],
  signal: AbortSignal,
): Promise<readonly OtherSession[]> {
  try {
    const listed = await processList(session, signal);
    return listed
      .filter(({ connectionId, host, user }) => !own.includes(connectionId) && host !== '' && !SERVERS_OWN.test(user))
      .map(({ connectionId, user, host, command, statement, transaction }) => ({
        id: connectionId,
        login: `${user}@${host}`,
        doing: `${command === '' ? 'idle' : command}: ${statement.replace(/\s+/g, ' ').slice(0, 80)}`,
        isWriting: transaction !== '' && mayChange(statement),
      }));
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'PRIVILEGE_MISSING') throw error;
    return [];
  }
}
