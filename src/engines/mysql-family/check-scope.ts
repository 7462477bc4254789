import { Fault } from '../../kernel/index.ts';
import type { Scope, Session } from '../port.ts';
import { databasesOf } from '../scope.ts';
import { quoteText } from '../wire/quote.ts';
import { isOwnDatabase } from './copying-snapshots/shadow-catalog.ts';

const SYSTEM_DATABASES: ReadonlySet<string> = new Set(['mysql', 'information_schema', 'performance_schema', 'sys']);

/** Every database exists and is the user's, every table is a base table. */
export async function checkScope(session: Session, scope: Scope, signal: AbortSignal): Promise<void> {
  if (scope.kind === 'cluster' || scope.kind === 'account') {
    throw new Fault('SNAPSHOT_REFUSED', `this server cannot take a snapshot of ${scope.kind} scope`, {
      hint: 'Name the databases: `scope: { databases: [shop] }`.',
    });
  }
  const databases = databasesOf(scope);
  const folds = await foldsNames(session, signal);
  const own = databases.find((name) => SYSTEM_DATABASES.has(name.toLowerCase()) || isOwnDatabase(name.toLowerCase()));
  if (own !== undefined) {
    throw new Fault('SNAPSHOT_REFUSED', `${own} belongs to the server or to snapback, not to your data`);
  }
  const known = await names(session, 'SELECT schema_name FROM information_schema.schemata', signal);
  const missing = databases.find((name) => !holds(known, name, folds));
  if (missing !== undefined) {
    throw new Fault('UNKNOWN_DATABASE', `the server has no database ${missing}, or this user may not see it`);
  }
  if (scope.kind === 'tables') await checkTables(session, scope.tables, folds, signal);
}

async function checkTables(
  session: Session,
  tables: Extract<Scope, { kind: 'tables' }>['tables'],
  folds: boolean,
  signal: AbortSignal,
): Promise<void> {
  for (const database of new Set(tables.map((table) => table.database))) {
    const known = await names(
      session,
      `SELECT table_name FROM information_schema.tables WHERE table_schema = ${quoteText(database)}` +
        " AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')",
      signal,
    );
    const missing = tables.find((ref) => ref.database === database && !holds(known, ref.table, folds));
    if (missing !== undefined) {
      throw new Fault('SNAPSHOT_REFUSED', `${database}.${missing.table} is no table that this user can see`);
    }
  }
}

async function foldsNames(session: Session, signal: AbortSignal): Promise<boolean> {
  const { rows } = await session.query('SELECT @@lower_case_table_names', { signal });
  return rows[0]?.[0] !== '0';
}

async function names(session: Session, sql: string, signal: AbortSignal): Promise<readonly string[]> {
  return (await session.query(sql, { signal })).rows.map(([name]) => name ?? '');
}

function holds(known: readonly string[], name: string, folds: boolean): boolean {
  return known.some((one) => one === name || (folds && one.toLowerCase() === name.toLowerCase()));
}
