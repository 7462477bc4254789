import type { Session } from '../port.ts';

/** Two readings of one server's start may differ by so much, ms: its clock is corrected now and then. */
const TOLERANCE_MS = 2_000;
const READINGS_MAX = 3;

/** Stands where a server does not tell its uptime: equal to itself, so connection ids are then taken at their word. */
export const START_UNKNOWN = '1970-01-01T00:00:00Z';

/**
 * When the server process started, ISO 8601 UTC to a second: its clock minus its uptime.
 *
 * Both are whole seconds of one clock; the clock is read before and after, and the reading repeated when it
 * has moved on in between, so that two readings agree unless the clock was set.
 * Where the server does not tell its uptime, when this session started.
 */
export async function readServerStart(session: Pick<Session, 'query'>): Promise<string> {
  let start = START_UNKNOWN;
  for (let reading = 0; reading < READINGS_MAX; reading += 1) {
    const before = await numberOf(session, 'SELECT UNIX_TIMESTAMP()', 0);
    const uptime = await numberOf(session, "SHOW GLOBAL STATUS LIKE 'Uptime'", 1);
    const after = await numberOf(session, 'SELECT UNIX_TIMESTAMP()', 0);
    if (before === undefined) return START_UNKNOWN;
    if (uptime === undefined) return ownStart(session);
    start = `${new Date((before - uptime) * 1_000).toISOString().slice(0, 19)}Z`;
    if (before === after) return start;
  }
  return start;
}

/**
 * When this session began, as the server lists it: for servers that do not tell their uptime (MatrixOne). Together
 * with the connection's number it names one session for good, across restarts of the server.
 */
async function ownStart(session: Pick<Session, 'query'>): Promise<string> {
  const sql = 'SELECT session_start FROM information_schema.processlist WHERE conn_id = CONNECTION_ID()';
  const { rows } = await session.query(sql);
  return sessionStartOf(rows[0]?.[0] ?? '');
}

/** `2026-01-31 07:41:22.439603` -> `2026-01-31T07:41:22Z`; the server prints its own zone, always the same one. */
export function sessionStartOf(cell: string): string {
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.test(cell) ? `${cell.slice(0, 19).replace(' ', 'T')}Z` : START_UNKNOWN;
}

/** Whether two readings of `serverStartedAt` are of the same server process. */
export function isSameStart(a: string, b: string): boolean {
  return Math.abs(Date.parse(a) - Date.parse(b)) <= TOLERANCE_MS;
}

async function numberOf(session: Pick<Session, 'query'>, sql: string, column: number): Promise<number | undefined> {
  const { rows } = await session.query(sql);
  const cell = rows[0]?.[column];
  if (cell === null || cell === undefined) return undefined;
  const value = Math.floor(Number(cell));
  return Number.isFinite(value) ? value : undefined;
}
