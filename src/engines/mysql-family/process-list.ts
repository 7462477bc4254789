import type { Session } from '../port.ts';

/** A session as the server lists it. Without the PROCESS privilege only those of the own account are listed. */
export interface ListedSession {
  readonly connectionId: string;
  readonly user: string;
  readonly host: string;
  /** The database that it is in; empty when in none. */
  readonly database: string;
  readonly command: string;
  readonly seconds: number;
  readonly state: string;
  /** The beginning of the statement that it runs; empty when it runs none. */
  readonly statement: string;
}

const COLUMNS = ['id', 'user', 'host', 'db', 'command', 'time', 'state', 'info'] as const;

export async function processList(session: Session, signal: AbortSignal): Promise<readonly ListedSession[]> {
  const { columns, rows } = await session.query('SHOW PROCESSLIST', { signal });
  const at = (name: string): number => columns.findIndex((column) => column.toLowerCase() === name);
  const [id, user, host, db, command, time, state, info] = COLUMNS.map(at);
  return rows.map((row) => {
    const cell = (index: number | undefined): string => row[index ?? -1] ?? '';
    return {
      connectionId: cell(id),
      user: cell(user),
      host: cell(host),
      database: cell(db),
      command: cell(command),
      seconds: Number(cell(time)),
      state: cell(state),
      statement: cell(info),
    };
  });
}

/** `connection 12 of root@localhost (Query, 3 s, updating)` */
export function sessionLabel({ connectionId, user, host, command, seconds, state }: ListedSession): string {
  const doing = [command, `${seconds} s`, state].filter((text) => text !== '').join(', ');
  return `connection ${connectionId} of ${user}@${host} (${doing})`;
}
