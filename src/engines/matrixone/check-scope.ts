import { Fault } from '../../kernel/index.ts';
import type { Scope, Session } from '../port.ts';
import { databasesOf } from '../scope.ts';
import { isUserDatabase } from './extent.ts';
import { literal } from './literal.ts';
import { accountNumber, assertMayCover, otherAccount } from './native-snapshots/accounts.ts';
import { databasesThere } from './objects.ts';
import { texts } from './session.ts';

/** Every database exists and is the user's, every table is a base table, the account is the login's. */
export async function checkScope(
  session: Session,
  { scope, account }: { readonly scope: Scope; readonly account: string },
  signal: AbortSignal,
): Promise<void> {
  assertMayCover({ account }, scope);
  const other = otherAccount({ account }, scope);
  if (other !== undefined && (await accountNumber(session, other, signal)) === undefined) {
    throw new Fault('SNAPSHOT_REFUSED', `there is no account ${other}`);
  }
  const databases = databasesOf(scope);
  const own = databases.find((name) => !isUserDatabase(name));
  if (own !== undefined) {
    throw new Fault('SNAPSHOT_REFUSED', `${own} belongs to the server or to snapback, not to your data`);
  }
  const known = await databasesThere(session, undefined, signal);
  const missing = databases.find((name) => !known.includes(name));
  if (missing !== undefined) {
    throw new Fault('UNKNOWN_DATABASE', `the server has no database ${missing}, or this user may not see it`);
  }
  for (const { database, table } of scope.kind === 'tables' ? scope.tables : []) {
    const [row] = await texts(
      session,
      'SELECT relkind FROM mo_catalog.mo_tables WHERE account_id = current_account_id()' +
        ` AND reldatabase = ${literal(database)} AND relname = ${literal(table)}`,
      signal,
    );
    if (row?.[0] === 'r') continue;
    throw new Fault('SNAPSHOT_REFUSED', `${database}.${table} is no table that this user can see`);
  }
}
