// Sessions of snapback's own on MatrixOne, and what they ask first.

import type { Session } from '../port.ts';
import type { Connector, SessionRequest } from '../wire/connector.ts';

/** Our own reading and bookkeeping must not hang on the server's defaults. */
const PROLOGUE: readonly string[] = ["SET SESSION time_zone = '+00:00'", 'SET SESSION autocommit = 1'];

type OwnRequest = { readonly purpose: string; readonly writes: boolean } & Partial<
  Pick<SessionRequest, 'login' | 'database'>
>;

/** One that writes is announced. */
export function openSession(connector: Connector, request: OwnRequest, signal: AbortSignal): Promise<Session> {
  const { purpose, writes, database, ...login } = request;
  return connector.open({ purpose, database, announce: writes, prologue: PROLOGUE, ...login }, signal);
}

/** Opens a session for the time of `work`. */
export async function withSession<Value>(
  connector: Connector,
  request: OwnRequest,
  signal: AbortSignal,
  work: (session: Session) => Promise<Value>,
): Promise<Value> {
  const session = await openSession(connector, request, signal);
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
