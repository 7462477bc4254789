// A MatrixOne server of a test file's own: for what covers all of account `sys` or the cluster, and would undo what
// other tests do on the shared one.

import { afterAll, beforeAll } from 'vitest';
import { startServer, type RunningServer } from '../../src/servers/index.ts';
import { openClient } from './sql-client.ts';

export interface OwnServer {
  /** The login of account `sys`, or another one such as `acc2:admin`; no database. */
  url(user?: string, password?: string): string;
  /** Cells of the first column. */
  column(sql: string, url?: string): Promise<readonly (string | null)[]>;
  run(statements: readonly string[], url?: string): Promise<void>;
  /** mo_br's flags for the login that its manual uses. */
  login(): readonly string[];
}

/** Started before the tests of the suite that calls this, and ended after them. */
export function ownMatrixone(): OwnServer {
  let running: RunningServer | undefined;
  beforeAll(async () => {
    running = await startServer({ engine: 'matrixone', env: process.env });
  }, 300_000);
  afterAll(() => running?.stop());
  const url = (user = 'dump', password = '111'): string => {
    const own = new URL(running?.url ?? '');
    own.username = encodeURIComponent(user);
    own.password = encodeURIComponent(password);
    own.pathname = '/';
    return own.href;
  };
  const rows = async (sql: string, at: string) => {
    const client = await openClient(at);
    try {
      return await client.query(sql);
    } finally {
      await client.close();
    }
  };
  return {
    url,
    column: async (sql, at = url()) => (await rows(sql, at)).map((row) => Object.values(row)[0] ?? null),
    run: async (statements, at = url()) => {
      const client = await openClient(at);
      try {
        for (const statement of statements) await client.query(statement);
      } finally {
        await client.close();
      }
    },
    login: () => {
      const { hostname, port } = new URL(url());
      return ['--host', hostname, '--port', port, '--user', 'dump', '--password', '111'];
    },
  };
}
