// Trials in which a run, or its server, is killed while its RESTORE stands in the server's list of processes.

import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { CLI, snapback } from './cli.ts';
import { logicalDump, openClient, type SqlClient } from './servers.ts';

/** Fails its check, so that the run restores the whole database: which takes seconds where there are many tables. */
export const FAILING_PLAN = {
  'plan.yaml': `version: 1
name: killed
target: { url: "\${env:DATABASE_URL}" }
guards: { writers: ignore }
steps:
  - id: before
    snapshot: {}
  - id: change
    sql: "DELETE FROM t0; CREATE TABLE later (id INT PRIMARY KEY)"
  - id: check
    verify: { rows: same }
`,
};

export function manyTables(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => [
    `CREATE TABLE t${n} (id INT PRIMARY KEY, note VARCHAR(20))`,
    `INSERT INTO t${n} VALUES (1, 'one'), (2, 'two')`,
  ]).flat();
}

/** What a process says of a killed run. */
export interface TrialEnd {
  /** Whether the RESTORE still stood in the list when the client was dead, or right before its server was. */
  readonly stood: boolean;
  readonly resumeCode: number | null;
  readonly verdict: string;
  readonly isBefore: boolean;
  /**
   * Neither contents nor numbers of objects changed, and nothing of the run was running, while the server worked on.
   */
  readonly isStill: boolean;
}

/** MatrixOne 3 finds nothing with the two LIKE in one: there a `*` means something between two `%`. */
const RESTORES =
  'SELECT info FROM information_schema.processlist' +
  " WHERE info LIKE '/* snapback:%' AND info LIKE '% RESTORE %' AND info NOT LIKE '%processlist%'" +
  " AND info NOT LIKE '%no_such_snapshot%'"; // asked at every login, and nothing that lasts

export async function restoresIn(client: SqlClient): Promise<number> {
  return (await client.query(RESTORES)).length;
}

export interface RunningRestore {
  readonly kill: () => Promise<void>;
  readonly ended: Promise<number | null>;
  /** Lets the RESTORE go on, which has waited for an open transaction until now. */
  readonly letGo: () => Promise<void>;
}

/** Starts a run and resolves when its RESTORE stands in the list, held up by a writer that has not committed. */
export async function runToRestore(folder: string, url: string, client: SqlClient): Promise<RunningRestore> {
  const writer = await openClient(url);
  await writer.query('BEGIN');
  // A trial that went wrong has left its row.
  await writer.query("REPLACE INTO t5 VALUES (9, 'writer')");
  const child = spawn(process.execPath, [CLI, 'run', 'plan.yaml'], {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: url },
  });
  const exit = { isOver: false, said: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => (exit.said += text));
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      exit.isOver = true;
      resolve(code);
    });
  });
  while ((await restoresIn(client)) === 0) {
    if (exit.isOver) throw new Error(`the run ended before its RESTORE was seen: ${exit.said}`);
    await pause(20);
  }
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    ended,
    letGo: async () => {
      await writer.query('COMMIT');
      await writer.close();
    },
  };
}

/** `resume`, and then the truth: what the data are, and whether they stay so while the server works on. */
export async function resumeAndWatch(
  folder: string,
  database: { readonly name: string; readonly url: string },
  before: string,
): Promise<Omit<TrialEnd, 'stood'>> {
  const { name, url } = database;
  const resumed = await snapback(['resume'], folder, { DATABASE_URL: url });
  const after = await logicalDump(url, [name]);
  const isStill = await staysAsItIs(url, name, after);
  return { resumeCode: resumed.code, verdict: verdictIn(resumed.stderr), isBefore: after === before, isStill };
}

/** About three seconds of a server's work. */
const ROUNDS_OF_WORK = 100;

async function staysAsItIs(url: string, name: string, after: string): Promise<boolean> {
  const client = await openClient(url);
  const other = await openClient(url);
  try {
    const numbers = await numbersOf(client, name);
    let running = 0;
    for (let round = 0; round < ROUNDS_OF_WORK; round += 1) {
      running += await restoresIn(client);
      await other.query(`SELECT SUM(id), MAX(note), SLEEP(0.02) FROM \`${name}\`.t${round % 10}`);
    }
    const [later, dump] = [await numbersOf(client, name), await logicalDump(url, [name])];
    return running === 0 && later === numbers && dump === after;
  } finally {
    await client.close();
    await other.close();
  }
}

/** The server's numbers of the database and of everything in it: a RESTORE changes them. */
export async function numbersOf(client: SqlClient, name: string): Promise<string> {
  const own = await client.query(
    'SELECT CAST(dat_id AS CHAR) AS id FROM mo_catalog.mo_database' +
      ` WHERE account_id = current_account_id() AND datname = '${name}'`,
  );
  const inside = await client.query(
    'SELECT CAST(rel_id AS CHAR) AS id FROM mo_catalog.mo_tables' +
      ` WHERE account_id = current_account_id() AND reldatabase = '${name}' ORDER BY rel_id`,
  );
  return JSON.stringify([own, inside]);
}

function verdictIn(stderr: string): string {
  if (/rolled back and proven/i.test(stderr)) return 'rolled back and proven';
  return stderr.trim().split('\n').slice(-12).join(' | ');
}
