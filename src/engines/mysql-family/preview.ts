// What a run would do here, by reading alone. The rights are read, not tried out.

import { Fault, type ObjectKind } from '../../kernel/index.ts';
import type { Previews, Scope, Session, SnapshotInfo } from '../port.ts';
import type { OtherSession, ScopePreview } from '../preview-port.ts';
import { databasesOf } from '../scope.ts';
import { quoteName, quoteTable } from '../wire/quote.ts';
import { describe, describeInboundKeys } from './copying-snapshots/describe.ts';
import { extentOf } from './copying-snapshots/extent.ts';
import { EQUALITY_LEAVES_OUT } from './copying-snapshots/left-out.ts';
import { labelOf, objectKindOf, refOf, tablesOf, type StoredObject } from './copying-snapshots/model.ts';
import { declaredOf, reasonsByReading } from './copying-snapshots/preflight.ts';
import { withPinned, type FamilyServer } from './copying-snapshots/session-pins.ts';
import { accountOf, heldRights, missingOn, OWN_RIGHTS, SCOPE_RIGHTS, type HeldRights } from './grants.ts';
import { processList, type ListedSession } from './process-list.ts';

export function mysqlPreviews(server: FamilyServer, ownConnections: () => readonly string[]): Previews {
  return {
    scope: (scope, name, signal) =>
      withPinned(server, { purpose: 'preview', changes: false }, signal, (session) =>
        previewScope(server, session, { scope, name, own: ownConnections }, signal),
      ),
    restore: ({ scope }: SnapshotInfo) => ({ statements: putsBack(scope), risks: [] }),
  };
}

interface Wanted {
  readonly scope: Scope;
  readonly name: string;
  readonly own: () => readonly string[];
}

async function previewScope(
  server: FamilyServer,
  session: Session,
  { scope, own }: Wanted,
  signal: AbortSignal,
): Promise<ScopePreview> {
  const extent = extentOf(scope);
  const description = await describe(session, extent, signal);
  const request = {
    spec: { scope, lock: undefined, maxCopyBytes: Number.MAX_SAFE_INTEGER },
    extent,
    description,
    inbound: await readableKeys(session, extent, signal),
  };
  const rights = await rightsOf(session, databasesOf(scope), signal);
  const others = await otherSessions(session, own(), signal);
  const bytes = tablesOf(description.objects).reduce((sum, { bytes: size }) => sum + size, 0);
  return {
    tables: tablesOf(description.objects).map((table) => ({
      table: labelOf(table),
      rowCount: table.rowsEstimate,
      byteCount: table.bytes,
    })),
    objects: countObjects(description.objects),
    basis: 'information_schema: rows are estimates, bytes include indexes',
    estimate: `a copy of ${sizeText(bytes)} inside the server: about ${secondsText(bytes)}, at 20 to 100 MiB/s`,
    takes: takes(description.objects),
    putsBack: putsBack(scope),
    refusals: await reasonsByReading(server, session, request, signal),
    restrictions: [...declaredOf(request), ...EQUALITY_LEAVES_OUT.map((text) => `equality leaves out ${text}`)],
    missingRights: rights.missing,
    grants: rights.grants,
    sessions: others.sessions,
    unseen: [
      ...description.unreadable.map(({ object, name, reason }) => `the definition of ${object} ${name} (${reason})`),
      ...rights.unseen,
      ...others.unseen,
    ],
  };
}

/** Tables of others may not be shown to this login; then what points here is not known. */
async function readableKeys(session: Session, extent: ReturnType<typeof extentOf>, signal: AbortSignal) {
  try {
    return await describeInboundKeys(session, extent, signal);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'PRIVILEGE_MISSING') throw error;
    return [];
  }
}

function countObjects(objects: readonly StoredObject[]): ScopePreview['objects'] {
  const counts: Partial<Record<ObjectKind, number>> = {};
  for (const object of objects) {
    const kind = objectKindOf(object);
    if (kind !== 'table' && kind !== 'database') counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

function takes(objects: readonly StoredObject[]): readonly string[] {
  const tables = tablesOf(objects);
  const shadows = [...new Set(tables.map(({ database }) => database))];
  const shadowOf = (database: string): string => quoteName(`sb_TOKEN_${shadows.indexOf(database)}`);
  return [
    ...shadows.map((database) => `CREATE DATABASE ${shadowOf(database)}`),
    ...tables.map((table) => `CREATE TABLE ${shadowOf(table.database)}.${quoteName(table.name)} (..)`),
    `LOCK TABLES ${tables.map((table) => `${quoteTable(refOf(table))} READ`).join(', ')}`,
    ...tables.map((table) => {
      const columns = table.columns.map(({ name }) => quoteName(name)).join(', ');
      const into = `${shadowOf(table.database)}.${quoteName(table.name)}`;
      return `INSERT INTO ${into} (${columns}) SELECT ${columns} FROM ${quoteTable(refOf(table))}`;
    }),
    'UNLOCK TABLES',
  ];
}

function putsBack(scope: Scope): readonly string[] {
  const where = databasesOf(scope)
    .map((database) => quoteName(database))
    .join(', ');
  return [
    `for each table of ${where} that differs: its rows from the copy, into the table or into one that takes its place`,
    'views, triggers, routines, events and rights that differ: their statements as the snapshot holds them',
    'what the snapshot does not know: DROP',
    'LOCK TABLES .. READ for the proof, with counts and fingerprints of every table',
  ];
}

async function rightsOf(session: Session, databases: readonly string[], signal: AbortSignal) {
  const held = await heldRights(session, signal);
  const account = await accountOf(session, signal);
  const lacks = [
    ...databases.map((database) => lackOn(held, { database, pattern: escaped(database), wanted: SCOPE_RIGHTS })),
    lackOn(held, { database: 'snapback', pattern: 'snapback', wanted: OWN_RIGHTS }),
    lackOn(held, { database: 'sb_x', pattern: 'sb\\_%', wanted: OWN_RIGHTS }),
  ].flatMap((lack) => lack ?? []);
  const hasAll = held.some(({ database, rights }) => database === '*' && isAll(rights));
  return {
    missing: lacks.map(({ rights, pattern }) => `${rights.join(', ')} on ${pattern}`),
    grants: lacks.map(({ rights, pattern }) => `GRANT ${rights.join(', ')} ON ${quoteName(pattern)}.* TO ${account};`),
    unseen: hasAll ? [] : unseenBy(lacks),
  };
}

function unseenBy(lacks: readonly { readonly rights: readonly string[]; readonly database: string }[]) {
  const hidden = lacks.filter(({ rights }) => rights.includes('TRIGGER')).map(({ database }) => database);
  const isClosed = lacks.some(({ database, rights }) => database === 'snapback' && rights.includes('SELECT'));
  return [
    ...(hidden.length === 0 ? [] : [`triggers, routines and events of ${hidden.join(', ')}: not shown to this login`]),
    ...(isClosed ? ['snapshots and runs that are there: no right SELECT on snapback'] : []),
    'whether objects of other definers could be made again: tried out when a snapshot is taken',
  ];
}

function isAll(rights: ReadonlySet<string>): boolean {
  return rights.has('ALL PRIVILEGES') || rights.has('SUPER');
}

function lackOn(
  held: readonly HeldRights[],
  { database, pattern, wanted }: { database: string; pattern: string; wanted: readonly string[] },
) {
  const rights = missingOn(held, database, wanted);
  return rights.length === 0 ? undefined : { rights, pattern, database };
}

function escaped(database: string): string {
  return database.replace(/[_%\\]/g, '\\$&');
}

const CHANGING =
  /^\s*(?:\/\*[^]*?\*\/\s*)*(?:insert|update|delete|replace|load|alter|create|drop|rename|truncate|call)\b/i;
const BACKGROUND = new Set(['system user', 'event_scheduler']);

async function otherSessions(session: Session, own: readonly string[], signal: AbortSignal) {
  const listed = (await processList(session, signal)).filter(
    ({ connectionId, user, command }) => !own.includes(connectionId) && !BACKGROUND.has(user) && command !== 'Daemon',
  );
  const open = await openTransactions(session, signal);
  const sessions = listed.map((one): OtherSession => {
    const isOpen = open?.has(one.connectionId) === true;
    return {
      id: one.connectionId,
      login: `${one.user}@${one.host}`,
      doing: `${doingOf(one)}${isOpen ? ', in an open transaction' : ''}`,
      isWriting: isOpen || CHANGING.test(one.statement),
    };
  });
  const hasProcess = open !== undefined;
  return { sessions, unseen: hasProcess ? [] : ['sessions of other logins and open transactions: no right PROCESS'] };
}

function doingOf({ command, seconds, statement }: ListedSession): string {
  const head = statement.replace(/\s+/g, ' ').slice(0, 80);
  return `${command} for ${seconds} s${head === '' ? '' : `: ${head}`}`;
}

/** By connection id; undefined where this login may not see them. */
async function openTransactions(session: Session, signal: AbortSignal): Promise<ReadonlySet<string> | undefined> {
  try {
    const sql = 'SELECT trx_mysql_thread_id FROM information_schema.innodb_trx';
    return new Set((await session.query(sql, { signal })).rows.map(([id]) => id ?? ''));
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'PRIVILEGE_MISSING') throw error;
    return undefined;
  }
}

function sizeText(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  return mebibytes < 1024 ? `${mebibytes.toFixed(1)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}

/** Copies were seen to go at 20 to 100 MiB a second on small machines. */
function secondsText(bytes: number): string {
  const [fast, slow] = [bytes / (100 * 2 ** 20), bytes / (20 * 2 ** 20)];
  return slow < 1 ? 'a second' : `${Math.ceil(fast)} to ${Math.ceil(slow)} s`;
}
