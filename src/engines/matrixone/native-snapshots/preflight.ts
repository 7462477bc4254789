// What a restore of this server would lose, or answer with OK and not do: refused before anything is changed.

import { Fault, tableLabel } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { serverErrorOf } from '../../wire/errors.ts';
import { quoteTable } from '../../wire/quote.ts';
import { coversDatabase, coversTable, isUserDatabase, type Extent } from '../extent.ts';
import {
  databasesThere,
  describe,
  objectLabel,
  ownedBy,
  relationIds,
  type Description,
  type Owner,
} from '../objects.ts';
import { texts } from '../session.ts';
import { atMoment } from '../statements.ts';
import { foreignKeyLabel, foreignKeys } from './foreign-keys.ts';
import type { MatrixoneServer } from './server.ts';
import { referencesOf } from './view-references.ts';

export interface PreflightRequest {
  readonly server: MatrixoneServer;
  readonly extent: Extent;
  /** The snapshot that is restored from; undefined when one is about to be taken. */
  readonly since: string | undefined;
  /** Whose objects it shows, where they are another account's. */
  readonly owner?: Owner;
}

/**
 * What the extent holds.
 *
 * @throws {Fault} SNAPSHOT_REFUSED with each object and what to do about it.
 */
export async function refuseUnrestorable(
  session: Session,
  request: PreflightRequest,
  signal: AbortSignal,
): Promise<Description> {
  const { description, problems } = await unrestorable(session, request, signal);
  if (problems.length === 0) return description;
  throw cannotPutBack(problems);
}

export function cannotPutBack(problems: readonly string[]): Fault {
  return new Fault('SNAPSHOT_REFUSED', `this server could not put everything back: ${problems.join('; ')}`);
}

/** What the extent holds, and what a restore of all of it would lose or not do: one sentence part each. */
export async function unrestorable(
  session: Session,
  request: PreflightRequest,
  signal: AbortSignal,
): Promise<{ readonly description: Description; readonly problems: readonly string[] }> {
  const { extent, since, owner } = request;
  const description = await describe(session, extent, since, signal, owner);
  // Whether other databases and accounts are in the way is asked of the account that logs in.
  const isOwn = owner === undefined;
  const problems = [
    ...objectProblems(description, since),
    ...(await viewProblems(session, description, since, signal)),
    ...(isOwn && since !== undefined ? await missingForViews(session, description, { extent, since }, signal) : []),
    ...(isOwn ? await foreignKeyProblems(session, extent, signal) : []),
    ...(isOwn && since !== undefined ? await missingParents(session, { extent, since }, signal) : []),
    ...(await publicationProblems(session, request, signal)),
    ...(await subscriptionProblems(session, request, signal)),
  ];
  return { description, problems };
}

/** What can still be done once a snapshot is taken that holds something of this kind. */
const RATHER = 'restore the other tables by name';

function objectProblems({ objects }: Description, since: string | undefined): readonly string[] {
  const way = since === undefined ? 'drop it, or keep it in another database' : RATHER;
  return objects.flatMap((object) => {
    const name = objectLabel(object);
    if (object.kind === 'sequence') return [`sequence ${name} would be lost: ${way}`];
    if (object.isExternal) return [`external table ${name} would be lost: ${way}`];
    return [];
  });
}

/** One view that cannot be resolved makes the whole restore fail. */
export async function viewProblems(
  session: Session,
  { objects, databases }: Description,
  since: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const way = since === undefined ? 'mend or drop it' : RATHER;
  for (const view of objects.filter(({ kind, database }) => kind === 'view' && databases.includes(database))) {
    const table = quoteTable({ database: view.database, table: view.name });
    try {
      await session.query(`SELECT 1 FROM ${table}${atMoment(since)} LIMIT 0`, { signal });
    } catch (error) {
      const said = serverErrorOf(error);
      if (said === undefined || !(error instanceof Fault) || error.code !== 'STATEMENT_FAILED') throw error;
      problems.push(`view ${objectLabel(view)} cannot be resolved (${said.message}): ${way}`);
    }
  }
  return problems;
}

interface Restored {
  readonly extent: Extent;
  readonly since: string;
}

/** A view that reads another database comes back only if what it reads is there now: the snapshot does not tell. */
async function missingForViews(
  session: Session,
  { objects }: Description,
  { extent, since }: Restored,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const views = objects.filter(({ kind }) => kind === 'view');
  if (views.length === 0 || extent.isWhole) return [];
  const outside = (await databasesThere(session, since, signal)).filter(
    (name) => isUserDatabase(name) && !coversDatabase(extent, name),
  );
  const there = (await relationIds(session, outside, undefined, signal)).tables;
  return views.flatMap((view) =>
    referencesOf(view, outside)
      .filter((table) => !there.has(tableLabel(table)))
      .map((table) => `view ${objectLabel(view)} reads ${tableLabel(table)}, which is gone: restore that first`),
  );
}

/** A key from outside makes the server leave the parent as it is. Keys from inside are taken off and come back. */
async function foreignKeyProblems(session: Session, extent: Extent, signal: AbortSignal): Promise<readonly string[]> {
  const keys = await foreignKeys(session, undefined, signal);
  return keys
    .filter(({ child, parent }) => {
      if (!coversTable(extent, parent) || coversTable(extent, child)) return false;
      return !(coversDatabase(extent, parent.database) && child.database === parent.database);
    })
    .map((key) => `${foreignKeyLabel(key)} points at ${tableLabel(key.parent)} from outside: cover that table too`);
}

/** A table does not come back before the table that it points at. */
async function missingParents(
  session: Session,
  { extent, since }: Restored,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (extent.isWhole) return [];
  const keys = (await foreignKeys(session, since, signal)).filter(
    ({ child, parent }) => coversTable(extent, child) && !coversTable(extent, parent),
  );
  if (keys.length === 0) return [];
  const databases = [...new Set(keys.map(({ parent }) => parent.database))];
  const there = (await relationIds(session, databases, undefined, signal)).tables;
  return keys
    .filter(({ parent }) => !there.has(tableLabel(parent)))
    .map((key) => `${foreignKeyLabel(key)} points at ${tableLabel(key.parent)}, which is gone: restore that table too`);
}

async function publicationProblems(
  session: Session,
  { extent, owner }: PreflightRequest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return (await publications(session, owner, signal))
    .filter(
      ({ database }) => coversDatabase(extent, database) || extent.tables.some((table) => table.database === database),
    )
    .map(({ name, database }) => `publication ${name} of ${database} would be lost: drop it first`);
}

export interface Publication {
  readonly name: string;
  readonly database: string;
}

/** Publications that are there now; those of other accounts are listed for `sys` only. */
export async function publications(
  session: Session,
  owner: Owner,
  signal: AbortSignal,
): Promise<readonly Publication[]> {
  if (owner !== undefined) {
    const sql = `SELECT pub_name, database_name FROM mo_catalog.mo_pubs WHERE ${ownedBy(owner)} ORDER BY pub_name`;
    return (await texts(session, sql, signal)).map(([name = '', database = '']) => ({ name, database }));
  }
  const { columns, rows } = await session.query('SHOW PUBLICATIONS', { signal });
  const at = (row: readonly (string | null)[], name: string): string =>
    row[columns.findIndex((column) => column.toLowerCase() === name)] ?? '';
  return rows.map((row) => ({ name: at(row, 'publication'), database: at(row, 'database') }));
}

async function subscriptionProblems(
  session: Session,
  { extent, owner }: PreflightRequest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const named = [...extent.databases, ...extent.tables.map(({ database }) => database)];
  return (await subscriptions(session, owner, signal))
    .filter((name) => extent.isWhole || named.includes(name))
    .map((name) => `database ${name} is subscribed from another account: leave it out`);
}

/** Databases that show another account's data. */
export async function subscriptions(session: Session, owner: Owner, signal: AbortSignal): Promise<readonly string[]> {
  const sql = `SELECT datname FROM mo_catalog.mo_database WHERE ${ownedBy(owner)} AND dat_type = 'subscription'`;
  return (await texts(session, sql, signal)).map(([name = '']) => name);
}
