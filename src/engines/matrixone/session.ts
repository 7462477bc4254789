// Sessions of snapback's own on MatrixOne, and what they ask first.

import type { Session } from '../port.ts';
import type { Connector, SessionRequest } from '../wire/connector.ts';

/** Our own reading and bookkeeping must not hang on the server's defaults. */
const PROLOGUE: readonly string[] = ["SET SESSION time_zone = '+00:00'", 'SET SESSION autocommit = 1'];

/** Opens a session for the time of `work`; one that writes is announced. */
export async function withSession<Value>(
  connector: Connector,
  request: { readonly purpose: string; readonly writes: boolean } & Partial<Pick<SessionRequest, 'login' | 'database'>>,
  signal: AbortSignal,
  work: (session: Session) => Promise<Value>,
): Promise<Value> {
  const { purpose, writes, database, ...login } = request;
  const wanted = { purpose, database, announce: writes, prologue: PROLOGUE, ...login };
  const session = await connector.open(wanted, signal);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** The first cell of the first row. */
export async function one(session: Session, sql: string, signal: AbortSignal): Promise<string | undefined> {
  return (await session.query(sql, { signal })).rows[0]?.[0] ?? undefined;
}

/** Rows of cells, NULL as an empty text. */
export async function texts(
  session: Session,
  sql: string,
  signal: AbortSignal,
): Promise<readonly (readonly string[])[]> {
  return (await session.query(sql, { signal })).rows.map((row) => row.map((cell) => cell ?? ''));
}

/** The server's clock in the session's zone, which is UTC in sessions of ours. */
export const NOW = 'NOW(6)';

/** `2026-01-31 07:41:22.000000` -> `2026-01-31T07:41:22.000000Z` */
export function isoOf(cell: string | undefined): string {
  return `${(cell ?? '').replace(' ', 'T')}Z`;
}
