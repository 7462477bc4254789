// snapback's own database on the server: who it is, which runs are open, which transactions were committed.

import { Fault, systemEntropy } from '../../kernel/index.ts';
import type { Session } from '../port.ts';
import type { Connector } from '../wire/connector.ts';
import { serverErrorOf } from '../wire/errors.ts';
import { quoteName, quoteText } from '../wire/quote.ts';

export const CATALOG_DATABASE = 'snapback';

const TABLES: Readonly<Record<string, string>> = {
  identity: 'pin TINYINT NOT NULL PRIMARY KEY, id VARCHAR(32) NOT NULL, created_at DATETIME(6) NOT NULL',
  runs: `run VARCHAR(32) NOT NULL PRIMARY KEY, plan_name VARCHAR(255) NOT NULL, scope LONGTEXT NOT NULL,
    state VARCHAR(16) NOT NULL, snapshots LONGTEXT NOT NULL, holder VARCHAR(255) NOT NULL,
    opened_at DATETIME(6) NOT NULL`,
  markers: `run VARCHAR(32) NOT NULL, action VARCHAR(255) NOT NULL, committed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (run, action)`,
};

/** Session variables for our own bookkeeping: its meaning must not hang on the server's defaults. */
const PROLOGUE: readonly string[] = [
  "SET SESSION sql_mode='STRICT_ALL_TABLES', time_zone='+00:00', autocommit=1, innodb_lock_wait_timeout=10," +
    ' lock_wait_timeout=10, sql_safe_updates=0, sql_select_limit=DEFAULT, foreign_key_checks=1, unique_checks=1',
];

/** Opens a session for bookkeeping for the time of `work`; one that writes is announced. */
export async function withCatalogSession<Value>(
  connector: Connector,
  request: { readonly purpose: string; readonly writes: boolean },
  signal: AbortSignal,
  work: (session: Session) => Promise<Value>,
): Promise<Value> {
  const session = await openCatalogSession(connector, request, signal);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** As `withCatalogSession`, for a session that whoever opens it closes. */
export function openCatalogSession(
  connector: Connector,
  { purpose, writes }: { readonly purpose: string; readonly writes: boolean },
  signal: AbortSignal,
): Promise<Session> {
  return connector.open({ purpose, database: undefined, announce: writes, prologue: PROLOGUE }, signal);
}

/**
 * Creates what is missing of the catalog; may be called any time, by several at once, outside of a transaction.
 *
 * @throws {Fault} PRIVILEGE_MISSING with the GRANT to run; READ_ONLY_SERVER.
 */
export async function ensureCatalog(session: Session, signal: AbortSignal): Promise<void> {
  const found = await tablesThere(session, signal);
  const missing = Object.keys(TABLES).filter((table) => !found.includes(table));
  // Whoever was killed between the tables and the identity has left a catalog without a name.
  if (missing.length === 0 && (await catalogId(session, signal)) !== undefined) return;
  try {
    if (found.length === 0) {
      await session.query(
        `CREATE DATABASE IF NOT EXISTS ${CATALOG_DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
        { signal },
      );
    }
    for (const table of missing) {
      await session.query(
        `CREATE TABLE IF NOT EXISTS ${catalogTable(table)} (${TABLES[table] ?? ''})` +
          ' ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
        { signal },
      );
    }
    const id = quoteText(systemEntropy.token(16));
    await session.query(`INSERT IGNORE INTO ${catalogTable('identity')} VALUES (1, ${id}, UTC_TIMESTAMP(6))`, {
      signal,
    });
  } catch (error) {
    throw await withGrant(error, session);
  }
}

/** The catalog's random id; `undefined` where there is no catalog, or none that this user may read. */
export async function catalogId(session: Session, signal: AbortSignal): Promise<string | undefined> {
  const id = await readCatalog(session, `SELECT id FROM ${catalogTable('identity')} WHERE pin = 1`, signal);
  return id[0]?.[0] ?? undefined;
}

/** Rows of a catalog table; none where the catalog is missing or closed to this user. */
export async function readCatalog(session: Session, sql: string, signal: AbortSignal) {
  try {
    return (await session.query(sql, { signal })).rows;
  } catch (error) {
    if (isMissing(error) || (error instanceof Fault && error.code === 'PRIVILEGE_MISSING')) return [];
    throw error;
  }
}

/** `` `snapback`.`runs` `` */
export function catalogTable(table: string): string {
  return `${quoteName(CATALOG_DATABASE)}.${quoteName(table)}`;
}

/** Adds the GRANT that helps to a refusal; anything else comes back as it is. */
export async function withGrant(error: unknown, session: Session): Promise<unknown> {
  if (!(error instanceof Fault) || error.code !== 'PRIVILEGE_MISSING') return error;
  const { rows } = await session.query('SELECT CURRENT_USER()');
  const [account = ''] = rows[0]?.map((cell) => cell ?? '') ?? [];
  const at = account.lastIndexOf('@');
  const user = `${plainQuoted(account.slice(0, at))}@${plainQuoted(account.slice(at + 1))}`;
  return new Fault('PRIVILEGE_MISSING', `snapback keeps its records in the database snapback: ${error.message}`, {
    hint: `Let an administrator run: GRANT ALL ON \`snapback\`.* TO ${user}; GRANT ALL ON \`sb\\_%\`.* TO ${user};`,
    cause: error,
  });
}

function plainQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

function isMissing(error: unknown): boolean {
  const errno = serverErrorOf(error)?.errno;
  return errno === 1146 || errno === 1049;
}

async function tablesThere(session: Session, signal: AbortSignal): Promise<readonly string[]> {
  const { rows } = await session.query(
    `SELECT table_name FROM information_schema.tables WHERE table_schema = ${quoteText(CATALOG_DATABASE)}`,
    { signal },
  );
  return rows.map(([name]) => name ?? '');
}
