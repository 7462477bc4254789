// What a restore of this server would lose, or answer with OK and not do: refused before anything is changed.

import { Fault, tableLabel } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { serverErrorOf } from '../../wire/errors.ts';
import { quoteTable } from '../../wire/quote.ts';
import { coversDatabase, coversTable, type Extent } from '../extent.ts';
import { literals } from '../literal.ts';
import { describe, objectLabel, type Description } from '../objects.ts';
import { texts } from '../session.ts';
import { atMoment } from '../statements.ts';
import { foreignKeyLabel, foreignKeys } from './foreign-keys.ts';
import type { MatrixoneServer } from './server.ts';

export interface PreflightRequest {
  readonly server: MatrixoneServer;
  readonly extent: Extent;
  /** The snapshot that is restored from; undefined when one is about to be taken. */
  readonly since: string | undefined;
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
  const { extent, since } = request;
  const description = await describe(session, extent, since, signal);
  const problems = [
    ...objectProblems(description),
    ...(await viewProblems(session, description, since, signal)),
    ...(await foreignKeyProblems(session, extent, signal)),
    ...(await publicationProblems(session, extent, signal)),
    ...(await subscriptionProblems(session, extent, signal)),
  ];
  if (problems.length === 0) return description;
  throw new Fault('SNAPSHOT_REFUSED', `this server could not put everything back: ${problems.join('; ')}`);
}

function objectProblems({ objects }: Description): readonly string[] {
  return objects.flatMap((object) => {
    const name = objectLabel(object);
    if (object.kind === 'sequence') return [`sequence ${name} would be lost: drop it, or keep it in another database`];
    if (object.isExternal) return [`external table ${name} would be lost: keep it in another database`];
    return [];
  });
}

/** One view that cannot be resolved makes the whole restore fail. */
async function viewProblems(
  session: Session,
  { objects, databases }: Description,
  since: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const view of objects.filter(({ kind, database }) => kind === 'view' && databases.includes(database))) {
    const table = quoteTable({ database: view.database, table: view.name });
    try {
      await session.query(`SELECT 1 FROM ${table}${atMoment(since)} LIMIT 0`, { signal });
    } catch (error) {
      const said = serverErrorOf(error);
      if (said === undefined || !(error instanceof Fault) || error.code !== 'STATEMENT_FAILED') throw error;
      problems.push(`view ${objectLabel(view)} cannot be resolved (${said.message}): mend or drop it`);
    }
  }
  return problems;
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

async function publicationProblems(session: Session, extent: Extent, signal: AbortSignal): Promise<readonly string[]> {
  const { columns, rows } = await session.query('SHOW PUBLICATIONS', { signal });
  const at = (row: readonly (string | null)[], name: string): string =>
    row[columns.findIndex((column) => column.toLowerCase() === name)] ?? '';
  return rows
    .filter((row) => {
      const database = at(row, 'database');
      return coversDatabase(extent, database) || extent.tables.some((table) => table.database === database);
    })
    .map((row) => `publication ${at(row, 'publication')} of ${at(row, 'database')} would be lost: drop it first`);
}

async function subscriptionProblems(session: Session, extent: Extent, signal: AbortSignal): Promise<readonly string[]> {
  const named = [...extent.databases, ...extent.tables.map(({ database }) => database)];
  const own = extent.isWhole ? '' : ` AND datname IN (${literals(named)})`;
  const rows = await texts(
    session,
    'SELECT datname FROM mo_catalog.mo_database' +
      ` WHERE account_id = current_account_id() AND dat_type = 'subscription'${own}`,
    signal,
  );
  return rows.map(([name = '']) => `database ${name} is subscribed from another account: leave it out`);
}
