// Sessions whose variables are pinned: what SHOW CREATE prints and what an INSERT stores must not depend on defaults.

import { Fault, type Clock } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import type { Connector } from '../../wire/connector.ts';
import { quoteText } from '../../wire/quote.ts';
import type { CreationPins } from './model.ts';

/** A server of the family, and how to open sessions on it. */
export interface FamilyServer {
  readonly connector: Connector;
  readonly flavour: 'mysql' | 'mariadb';
  /** `10.11.14`, `9.7.4` */
  readonly version: string;
}

/** What the snapshots are built on. */
export interface SnapshotDeps extends FamilyServer {
  /** Waits and stall limits; the system's unless a test owns time. */
  readonly clock?: Clock;
}

export function isAtLeast({ version }: Pick<FamilyServer, 'version'>, wanted: string): boolean {
  const have = version.split('.').map(Number);
  for (const [index, part] of wanted.split('.').map(Number).entries()) {
    const own = have[index] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}

const SQL_MODE = 'NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION';

/** Statements for the start of a session that reads definitions or moves rows. */
export function pins(server: FamilyServer): readonly string[] {
  const common = [
    `sql_mode='${SQL_MODE}'`,
    "time_zone='+00:00'",
    // Without unique checks MariaDB sorts what comes into an empty table in small buffers: twice the time.
    ...['foreign_key_checks=0', 'unique_checks=1', 'sql_quote_show_create=1', 'sql_notes=0', 'sql_safe_updates=0'],
    ...['sql_big_selects=1', 'sql_select_limit=DEFAULT', 'autocommit=1', 'wait_timeout=28800', 'lock_wait_timeout=50'],
    // A table in memory may hold more than the server allows to a new one by default.
    ...['completion_type=NO_CHAIN', 'max_heap_table_size=18446744073709547520'],
  ];
  const own = server.flavour === 'mysql' ? mysqlPins(server) : mariadbPins(server);
  return ['SET NAMES utf8mb4', `SET SESSION ${[...common, ...own].join(', ')}`];
}

function mysqlPins(server: FamilyServer): readonly string[] {
  return [
    'information_schema_stats_expiry=0',
    'max_execution_time=0',
    ...(isAtLeast(server, '8.0.30') ? ['show_gipk_in_create_table_and_information_schema=1'] : []),
    ...(isAtLeast(server, '8.4.0') ? ['restrict_fk_on_non_standard_key=0'] : []),
  ];
}

function mariadbPins(server: FamilyServer): readonly string[] {
  return [
    ...['system_versioning_alter_history=keep', 'check_constraint_checks=0', 'max_statement_time=0'],
    ...['innodb_strict_mode=0', 'sql_if_exists=0'],
    // A worker that is done waits for the others with its transaction open.
    ...['idle_transaction_timeout=0', 'idle_write_transaction_timeout=0', 'idle_readonly_transaction_timeout=0'],
    ...(isAtLeast(server, '10.11.0') ? ['system_versioning_insert_history=1'] : []),
  ];
}

/** Variables that only some users may set; preflight looks at what the server then says. */
function privilegedPins(server: FamilyServer): string | undefined {
  if (server.flavour === 'mariadb') return undefined;
  const names = ['innodb_strict_mode', 'sql_require_primary_key'];
  if (isAtLeast(server, '8.0.30')) names.push('sql_generate_invisible_primary_key');
  return `SET SESSION ${names.map((name) => `${name}=0`).join(', ')}`;
}

export interface PinnedRequest {
  readonly purpose: string;
  /** Whether anything is changed over it: such sessions are announced. */
  readonly changes: boolean;
  /** SHOW CREATE VIEW leaves out the name of the current database: readers of definitions have none. */
  readonly database?: string;
  readonly takesBatches?: boolean;
}

export async function openPinned(server: FamilyServer, request: PinnedRequest, signal: AbortSignal): Promise<Session> {
  const { purpose, changes, database, takesBatches = false } = request;
  const wanted = { purpose, database, takesBatches, announce: changes, prologue: pins(server) };
  const session = await server.connector.open(wanted, signal);
  const privileged = privilegedPins(server);
  if (!changes || privileged === undefined) return session;
  try {
    await session.query(privileged, { signal });
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'PRIVILEGE_MISSING') {
      await session.close();
      throw error;
    }
  }
  return session;
}

/**
 * From here on INSERT .. SELECT reads what is committed, without locking what it reads: quicker, and writers need not
 * wait. A server that logs statements allows it to nobody, as its replicas could not repeat it: false then.
 */
export async function readCommitted(session: Session, signal: AbortSignal): Promise<boolean> {
  if ((await binaryLogFormat(session, signal)) === 'STATEMENT') return false;
  await session.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED', { signal });
  return true;
}

/**
 * From here on the session's writes are not written to the binary log of MySQL, where the login may ask for that: a
 * copy is bound to its server, and no replica has a use for it. What reads it later must be logged as rows.
 *
 * @returns whether they are left out
 */
export async function withoutBinaryLog(
  { flavour }: FamilyServer,
  session: Session,
  signal: AbortSignal,
): Promise<boolean> {
  if (flavour !== 'mysql') return false;
  if ((await binaryLogFormat(session, signal)) !== 'ROW') return false;
  try {
    await session.query('SET SESSION sql_log_bin=0', { signal });
    return true;
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'PRIVILEGE_MISSING') throw error;
    return false;
  }
}

/** Does `work` with that, and has the session's writes logged again afterwards, while it is open. */
export async function outsideBinaryLog<Value>(
  server: FamilyServer,
  session: Session,
  signal: AbortSignal,
  work: () => Promise<Value>,
): Promise<Value> {
  const isUnlogged = await withoutBinaryLog(server, session, signal);
  try {
    return await work();
  } finally {
    if (isUnlogged && session.isOpen) await session.query('SET SESSION sql_log_bin=1');
  }
}

/** Servers that have no such variable log rows. */
async function binaryLogFormat(session: Session, signal: AbortSignal): Promise<string> {
  const { rows } = await session.query("SHOW SESSION VARIABLES LIKE 'binlog_format'", { signal });
  return rows[0]?.[1] ?? 'ROW';
}

/** Opens a pinned session for the time of `work`. */
export async function withPinned<Value>(
  server: FamilyServer,
  request: PinnedRequest,
  signal: AbortSignal,
  work: (session: Session) => Promise<Value>,
): Promise<Value> {
  const session = await openPinned(server, request, signal);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** Runs `create` under the variables that the object remembers, then pins the session again. */
export async function underCreationPins(
  server: FamilyServer,
  session: Session,
  { sqlMode, timeZone, characterSetClient, collationConnection }: CreationPins,
  signal: AbortSignal,
  create: () => Promise<void>,
): Promise<void> {
  const remembered = [
    `sql_mode=${quoteText(sqlMode ?? SQL_MODE)}`,
    `character_set_client=${quoteText(characterSetClient)}`,
    `collation_connection=${quoteText(collationConnection)}`,
    ...(timeZone === undefined ? [] : [`time_zone=${quoteText(timeZone)}`]),
  ];
  await session.query(`SET SESSION ${remembered.join(', ')}`, { signal });
  await create();
  for (const statement of pins(server)) await session.query(statement, { signal });
}
