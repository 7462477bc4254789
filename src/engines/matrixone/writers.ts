// Who writes in a scope, from the server's lists of sessions and of locks. A transaction that has changed a row, or has
// read it for a change, holds a lock that names the table; a session's text alone tells only what it did last.

import { Fault, type LoginName } from '../../kernel/index.ts';
import type { Writers } from '../others-port.ts';
import type { Scope, Session } from '../port.ts';
import { databasesOf, scopeCovers } from '../scope.ts';
import { mayChange } from '../sql/changes.ts';
import type { Connector } from '../wire/connector.ts';
import { isSessionOf } from './logins.ts';
import { processList, sessionLabel, type ListedSession } from './process-list.ts';
import { texts, withSession } from './session.ts';

export interface WritersRequest {
  readonly scope: Scope;
  readonly spare: readonly string[];
  readonly except: readonly LoginName[];
}

export function matrixoneWriters(
  { connector, account }: { readonly connector: Connector; readonly account: string },
  { scope, spare, except }: WritersRequest,
  signal: AbortSignal,
): Promise<Writers> {
  return withSession(connector, { purpose: 'who writes', writes: false }, signal, async (session) => {
    const listedAll = await processList(session, signal);
    const own = new Set([...spare, ...connector.openConnectionIds(), session.identity.connectionId]);
    const open = listedAll.filter(
      (listed) =>
        listed.transaction !== '' &&
        (listed.account === account || scope.kind === 'cluster' || scope.kind === 'account') &&
        !own.has(listed.connectionId) &&
        !except.some((login) => isSessionOf(login, account, listed)),
    );
    const locks = open.length === 0 ? new Map<string, never>() : await lockedTables(session, signal);
    const busy = open.filter((listed) => isMeant(listed, scope, locks));
    return {
      busy: busy.map((listed) => ({
        id: listed.transaction,
        label: `${sessionLabel(listed)}, in a transaction`,
      })),
      events: [],
      unseen: locks === undefined ? ['which tables other transactions hold is shown to account sys only'] : [],
    };
  });
}

type Locks = ReadonlyMap<string, readonly { readonly database: string; readonly table: string }[]>;

function isMeant({ transaction, database, statement }: ListedSession, scope: Scope, locks: Locks | undefined) {
  const databases = databasesOf(scope);
  const isWide = scope.kind === 'account' || scope.kind === 'cluster';
  const isThere = isWide || databases.includes(database) || databases.some((name) => statement.includes(`${name}.`));
  if (locks === undefined) return isThere && mayChange(statement);
  const held = locks.get(transaction) ?? [];
  return held.some((table) => scopeCovers(scope, table)) || (isThere && mayChange(statement));
}

/** Per transaction; undefined where this login may not see the locks. */
async function lockedTables(session: Session, signal: AbortSignal): Promise<Locks | undefined> {
  try {
    const rows = await texts(
      session,
      'SELECT DISTINCT l.txn_id, t.reldatabase, t.relname FROM mo_locks() l' +
        ' JOIN mo_catalog.mo_tables t ON CAST(t.rel_id AS CHAR) = l.table_id WHERE l.txn_id IS NOT NULL',
      signal,
    );
    const locks = new Map<string, { database: string; table: string }[]>();
    for (const [transaction = '', database = '', table = ''] of rows) {
      locks.set(transaction, [...(locks.get(transaction) ?? []), { database, table }]);
    }
    return locks;
  } catch (error) {
    if (error instanceof Fault && (error.code === 'PRIVILEGE_MISSING' || error.code === 'STATEMENT_FAILED')) {
      return undefined;
    }
    throw error;
  }
}
