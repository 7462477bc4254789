// Who writes in a scope, from what the server lists: the sessions, InnoDB's transactions, the metadata locks where the
// server shows them, and the enabled events.
// A transaction holds a metadata lock on each table that it has touched until it ends; where the locks are not shown,
// a transaction counts by the database that its session is in, and what that may miss is said.

import { Fault, type LoginName } from '../../kernel/index.ts';
import type { Writers } from '../others-port.ts';
import type { Scope, Session } from '../port.ts';
import { databasesOf } from '../scope.ts';
import { mayChange } from '../sql/changes.ts';
import type { Connector } from '../wire/connector.ts';
import { quoteText } from '../wire/quote.ts';
import { withCatalogSession } from './catalog.ts';
import { isSessionOf } from './logins.ts';
import { processList, sessionLabel, type ListedSession } from './process-list.ts';

export interface WritersRequest {
  readonly scope: Scope;
  readonly spare: readonly string[];
  readonly except: readonly LoginName[];
}

/** Commands of the process list under which a client's statement runs. */
const RUNNING: ReadonlySet<string> = new Set(['Query', 'Execute', 'Long Data', 'Load Data']);

export function mysqlWriters(
  connector: Connector,
  { scope, spare, except }: WritersRequest,
  signal: AbortSignal,
): Promise<Writers> {
  return withCatalogSession(connector, { purpose: 'who writes', writes: false }, signal, async (session) => {
    const own = new Set([...spare, ...connector.openConnectionIds(), session.identity.connectionId]);
    const others = (await processList(session, signal)).filter(
      (listed) => !own.has(listed.connectionId) && !except.some((login) => isSessionOf(login, listed)),
    );
    const databases = databasesOf(scope);
    const running = others.filter(({ command, statement }) => RUNNING.has(command) && mayChange(statement));
    const statements = running
      .filter(({ database, statement }) => databases.includes(database) || isAbout(statement, databases))
      .map((listed) => ({ id: `${listed.connectionId} ${listed.statement}`, label: sessionLabel(listed) }));
    const open = await openTransactions(session, scope, others, signal);
    return {
      busy: [...open.busy, ...statements.filter(({ id }) => !open.connections.has(id.split(' ')[0] ?? ''))],
      events: await enabledEvents(session, databases, signal),
      unseen: open.unseen,
    };
  });
}

interface OpenTransactions {
  readonly busy: Writers['busy'];
  readonly connections: ReadonlySet<string>;
  readonly unseen: readonly string[];
}

async function openTransactions(
  session: Session,
  scope: Scope,
  others: readonly ListedSession[],
  signal: AbortSignal,
): Promise<OpenTransactions> {
  const rows = await ifPermitted(
    session,
    'SELECT trx_mysql_thread_id, trx_started, trx_rows_modified + trx_tables_locked + trx_rows_locked' +
      ' FROM information_schema.innodb_trx',
    signal,
  );
  if (rows === undefined) {
    const unseen = ['transactions and statements of other logins cannot be seen without the PROCESS privilege'];
    return { busy: [], connections: new Set(), unseen };
  }
  const sessions = new Map(others.map((listed) => [listed.connectionId, listed]));
  const holding = rows.flatMap(([connection = '', started, held]) => {
    const listed = sessions.get(connection ?? '');
    return listed === undefined || held === '0' ? [] : [{ listed, started: started ?? '' }];
  });
  if (holding.length === 0) return { busy: [], connections: new Set(), unseen: [] };
  const locked = await holdersOfLocks(session, scope, signal);
  const databases = databasesOf(scope);
  const isMeant = ({ connectionId, database, statement }: ListedSession): boolean =>
    locked?.has(connectionId) ?? (databases.includes(database) || isAbout(statement, databases));
  const meant = holding.filter(({ listed }) => isMeant(listed));
  const elsewhere = holding.length - meant.length;
  return {
    busy: meant.map(({ listed, started }) => ({
      id: `${listed.connectionId} since ${started}`,
      label: `${sessionLabel(listed)}, in a transaction since ${started}`,
    })),
    connections: new Set(meant.map(({ listed }) => listed.connectionId)),
    unseen:
      locked === undefined && elsewhere > 0
        ? [`${elsewhere} open transactions of sessions that are elsewhere: this server does not show what they hold`]
        : [],
  };
}

/** Sessions that hold a lock for a change on a table of the scope; undefined where the server does not show them. */
async function holdersOfLocks(
  session: Session,
  scope: Scope,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const isShown = await ifPermitted(
    session,
    "SELECT enabled FROM performance_schema.setup_instruments WHERE name = 'wait/lock/metadata/sql/mdl'",
    signal,
  );
  if (isShown?.[0]?.[0] !== 'YES') return undefined;
  const where =
    scope.kind === 'tables'
      ? scope.tables.map(
          ({ database, table }) => `(l.object_schema = ${quoteText(database)} AND l.object_name = ${quoteText(table)})`,
        )
      : databasesOf(scope).map((database) => `l.object_schema = ${quoteText(database)}`);
  const rows = await ifPermitted(
    session,
    'SELECT DISTINCT t.processlist_id FROM performance_schema.metadata_locks l' +
      ' JOIN performance_schema.threads t ON t.thread_id = l.owner_thread_id' +
      " WHERE l.object_type = 'TABLE' AND l.lock_status = 'GRANTED'" +
      " AND l.lock_type NOT IN ('SHARED_READ', 'SHARED', 'SHARED_HIGH_PRIO', 'INTENTION_EXCLUSIVE')" +
      ` AND (${where.join(' OR ')})`,
    signal,
  );
  return rows === undefined ? undefined : new Set(rows.map(([id]) => id ?? ''));
}

async function enabledEvents(
  session: Session,
  databases: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (databases.length === 0) return [];
  const names = databases.map(quoteText).join(', ');
  const { rows } = await session.query(
    'SELECT event_schema, event_name FROM information_schema.events' +
      ` WHERE status = 'ENABLED' AND @@event_scheduler = 'ON' AND event_schema IN (${names})` +
      ' ORDER BY event_schema, event_name',
    { signal },
  );
  return rows.map(([database, name]) => `${database ?? ''}.${name ?? ''}`);
}

/** Undefined where this login may not read it, or the server has no such table. */
async function ifPermitted(session: Session, sql: string, signal: AbortSignal) {
  try {
    return (await session.query(sql, { signal })).rows;
  } catch (error) {
    if (error instanceof Fault && (error.code === 'PRIVILEGE_MISSING' || error.code === 'STATEMENT_FAILED')) {
      return undefined;
    }
    throw error;
  }
}

/** Whether the statement speaks of one of the databases by name. */
function isAbout(statement: string, databases: readonly string[]): boolean {
  return databases.some((database) => statement.includes(`${database}.`) || statement.includes(`\`${database}\``));
}
