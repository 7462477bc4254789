import type { Session } from '../port.ts';
import { texts } from './session.ts';

/** A session as the server lists it. Outside of account `sys` only those of the own account are listed. */
export interface ListedSession {
  readonly connectionId: string;
  readonly user: string;
  readonly account: string;
  readonly host: string;
  readonly command: string;
  readonly info: string;
}

export async function processList(session: Session, signal: AbortSignal): Promise<readonly ListedSession[]> {
  const rows = await texts(
    session,
    'SELECT CAST(conn_id AS CHAR), user, account, client_host, command, info FROM information_schema.processlist',
    signal,
  );
  return rows.map(([connectionId = '', user = '', account = '', host = '', command = '', info = '']) => ({
    connectionId,
    user,
    account,
    host,
    command,
    info,
  }));
}

/** `connection 12 of root@127.0.0.1:40112 (COM_QUERY)` */
export function sessionLabel({ connectionId, user, host, command }: ListedSession): string {
  return `connection ${connectionId} of ${user}@${host}${command === '' ? '' : ` (${command})`}`;
}
