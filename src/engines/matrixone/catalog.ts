// snapback's own database in this account: who it is, which runs are open, which transactions were committed, what the
// server does not keep of a snapshot, and which accounts were made.

import { Fault, systemClock, systemEntropy } from '../../kernel/index.ts';
import type { Session } from '../port.ts';
import { serverErrorOf } from '../wire/errors.ts';
import { quoteName } from '../wire/quote.ts';
import { literal } from './literal.ts';
import { NOW, texts } from './session.ts';

export const CATALOG_DATABASE = 'snapback';

const TABLES = {
  identity: 'pin TINYINT NOT NULL PRIMARY KEY, id VARCHAR(32) NOT NULL, created_at DATETIME(6) NOT NULL',
  runs: `run VARCHAR(32) NOT NULL PRIMARY KEY, plan_name VARCHAR(255) NOT NULL, scope TEXT NOT NULL,
    state VARCHAR(16) NOT NULL, snapshots TEXT NOT NULL, holder VARCHAR(255) NOT NULL, opened_at DATETIME(6) NOT NULL`,
  markers: `run VARCHAR(32) NOT NULL, action VARCHAR(255) NOT NULL, committed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (run, action)`,
  snapshots: `name VARCHAR(64) NOT NULL PRIMARY KEY, server_name VARCHAR(64) NOT NULL, pending VARCHAR(64) NOT NULL,
    run VARCHAR(32) NOT NULL, scope TEXT NOT NULL, state VARCHAR(16) NOT NULL, declared TEXT NOT NULL,
    table_count INT NOT NULL`,
  accounts: `name VARCHAR(64) NOT NULL PRIMARY KEY, run VARCHAR(32) NOT NULL, state VARCHAR(16) NOT NULL,
    token VARCHAR(64) NOT NULL, made_at DATETIME(6) NOT NULL`,
  locks: `subject VARCHAR(64) NOT NULL PRIMARY KEY, token VARCHAR(64) NOT NULL, connection VARCHAR(32) NOT NULL,
    holder VARCHAR(255) NOT NULL, taken_at DATETIME(6) NOT NULL`,
} as const;

export type CatalogTable = keyof typeof TABLES;

/** Creates what is missing of the catalog; may be called any time, by several at once, outside of a transaction. */
export async function ensureCatalog(session: Session, signal: AbortSignal): Promise<void> {
  const found = await tablesThere(session, signal);
  const missing = (Object.keys(TABLES) as CatalogTable[]).filter((table) => !found.includes(table));
  if (missing.length === 0) return;
  if (found.length === 0) await ignoring(1007, session.query(`CREATE DATABASE IF NOT EXISTS ${CATALOG_DATABASE}`));
  for (const table of missing) {
    await ignoring(1050, session.query(`CREATE TABLE IF NOT EXISTS ${catalogTable(table)} (${TABLES[table]})`));
  }
  const id = literal(systemEntropy.token(16));
  await ignoring(1062, session.query(`INSERT IGNORE INTO ${catalogTable('identity')} VALUES (1, ${id}, ${NOW})`));
}

/** The catalog's random id; `undefined` where there is no catalog, or none that this user may read. */
export async function catalogId(session: Session, signal: AbortSignal): Promise<string | undefined> {
  const [row] = await readCatalog(session, `SELECT id FROM ${catalogTable('identity')} WHERE pin = 1`, signal);
  return row?.[0];
}

/** Rows of a catalog table; none where the catalog is missing or closed to this user. */
export async function readCatalog(
  session: Session,
  sql: string,
  signal: AbortSignal,
): Promise<readonly (readonly string[])[]> {
  try {
    return await texts(session, sql, signal);
  } catch (error) {
    if (isMissing(error) || (error instanceof Fault && error.code === 'PRIVILEGE_MISSING')) return [];
    throw error;
  }
}

/** `` `snapback`.`runs` `` */
export function catalogTable(table: CatalogTable): string {
  return `${quoteName(CATALOG_DATABASE)}.${quoteName(table)}`;
}

const ATTEMPTS_MAX = 5;
const RETRY_DELAY_MS = 50;

/**
 * Runs `work` in a transaction of that session, again when the server took it back because of another transaction: so
 * `work` reads what it needs itself.
 */
export async function inTransaction(session: Session, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await once(session, signal, work);
      return;
    } catch (error) {
      const mayRepeat = error instanceof Fault && error.code === 'DEADLOCK' && attempt < ATTEMPTS_MAX;
      if (!mayRepeat || !session.isOpen) throw error;
      await systemClock.sleep(attempt * RETRY_DELAY_MS, signal);
    }
  }
}

async function once(session: Session, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  await session.query('BEGIN', { signal });
  try {
    await work();
    await session.query('COMMIT', { signal });
  } catch (error) {
    if (session.isOpen) await session.query('ROLLBACK');
    throw error;
  }
}

/** Every row of the catalog, to be written again after a restore that overwrote it. */
export interface CatalogCopy {
  readonly tables: readonly { readonly table: CatalogTable; readonly rows: readonly (readonly string[])[] }[];
}

export async function copyCatalog(session: Session, signal: AbortSignal): Promise<CatalogCopy> {
  const tables = [];
  for (const table of Object.keys(TABLES) as CatalogTable[]) {
    tables.push({ table, rows: await readCatalog(session, `SELECT * FROM ${catalogTable(table)}`, signal) });
  }
  return { tables };
}

export async function writeCatalog(session: Session, { tables }: CatalogCopy, signal: AbortSignal): Promise<void> {
  await ensureCatalog(session, signal);
  await inTransaction(session, signal, async () => {
    for (const { table, rows } of tables) {
      await session.query(`DELETE FROM ${catalogTable(table)}`, { signal });
      for (const row of rows) {
        await session.query(`INSERT INTO ${catalogTable(table)} VALUES (${row.map(literal).join(', ')})`, { signal });
      }
    }
  });
}

async function tablesThere(session: Session, signal: AbortSignal): Promise<readonly string[]> {
  const sql = `SELECT table_name FROM information_schema.tables WHERE table_schema = ${literal(CATALOG_DATABASE)}`;
  return (await texts(session, sql, signal)).map(([name]) => name ?? '');
}

/** An unknown table in a SELECT is 1064, in other statements 1146; an unknown database is 1049. */
function isMissing(error: unknown): boolean {
  const said = serverErrorOf(error);
  if (said?.errno === 1146 || said?.errno === 1049) return true;
  return said?.errno === 1064 && said.message.includes('does not exist');
}

/** Two that create the same thing at once: the second finds it there. */
async function ignoring(errno: number, statement: Promise<unknown>): Promise<void> {
  try {
    await statement;
  } catch (error) {
    if (serverErrorOf(error)?.errno !== errno) throw error;
  }
}
