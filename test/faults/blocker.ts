// Somebody else who holds what a phase needs: its statement waits in the server, and may be carried out long after its
// client is gone.

import { openClient, type SqlClient, type TestServer } from '../support/servers.ts';

export interface Blocker {
  /** Takes hold, and resolves as soon as the phase's statement waits; `false` when it did not come to that. */
  readonly hold: (phase: string, run: string, isOver: () => boolean) => Promise<boolean>;
  /** Whatever waited may go on. */
  readonly letGo: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What stands in the way of a phase of `kill-trial.ts`; `SHADOW` is the copy that the run took. */
const HOLDS: Readonly<Record<string, readonly string[]>> = {
  'steps/before': ['LOCK TABLES gamma WRITE'],
  'steps/alter': ['START TRANSACTION', 'SELECT id FROM gamma LIMIT 1'],
  'steps/count': ['START TRANSACTION', 'SELECT id FROM gamma WHERE id = 750 FOR UPDATE'],
  'steps/program': ['START TRANSACTION', 'SELECT id FROM journal_of_program FOR UPDATE'],
  'steps/check': ['LOCK TABLES alpha WRITE'],
  'auto/restore': ['LOCK TABLES gamma READ'],
  'auto/proof': ['LOCK TABLES gamma WRITE'],
  'auto/release': ['START TRANSACTION', 'SELECT 1 FROM `SHADOW`.gamma LIMIT 1'],
};

/** The run held it itself, or had done away with it already. */
const MISSED: readonly number[] = [1205, 1146, 1049];

/** Needs table locks and a list of who waits for them, which MatrixOne has not; see `matrixone-kills.test.ts`. */
export function canBlock({ engine }: TestServer): boolean {
  return engine !== 'matrixone';
}

/** `url` is the login of the run, whose statements are looked for; `ownUrl` is another one. */
export async function startBlocker(ownUrl: string, url: string): Promise<Blocker> {
  const { username, pathname } = new URL(url);
  const [holder, watcher] = [await openClient(ownUrl), await openClient(ownUrl)];
  await holder.query('SET lock_wait_timeout = 2, innodb_lock_wait_timeout = 2');
  await holder.query(`USE ${pathname.slice(1)}`);
  return {
    hold: async (phase, run, isOver) => {
      const shadow = phase === 'auto/release' ? await shadowOf(watcher, run) : '';
      try {
        for (const text of HOLDS[phase] ?? []) await holder.query(text.replace('SHADOW', shadow));
      } catch (problem) {
        if (MISSED.includes((problem as { errno?: number }).errno ?? 0)) return false;
        throw problem;
      }
      for (;;) {
        if (await isWaiting(watcher, username)) return true;
        if (isOver()) return false;
      }
    },
    letGo: async () => {
      await holder.query('ROLLBACK');
      await holder.query('UNLOCK TABLES');
    },
    close: async () => {
      await holder.close();
      await watcher.close();
    },
  };
}

async function shadowOf(client: SqlClient, run: string): Promise<string> {
  const [row] = await client.query(`SELECT token FROM snapback.snapshots WHERE run = '${run}'`);
  return `sb_${row?.['token'] ?? ''}_0`;
}

/** Whether a statement of that login waits for a lock. */
async function isWaiting(client: SqlClient, login: string): Promise<boolean> {
  const listed = await client.query(
    `SELECT 1 FROM information_schema.processlist p
     LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id
     WHERE p.user = '${login}' AND (p.state LIKE 'Waiting for%lock' OR t.trx_state = 'LOCK WAIT')`,
  );
  return listed.length > 0;
}
