// One run of the real program: it, or its server, is killed with SIGKILL at a random moment of one of its phases, and
// then resumed to its end.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JournalRecord } from '../../src/journal/index.ts';
import type { RunningServer } from '../../src/servers/index.ts';
import { snapback, workFolder } from '../support/cli.ts';
import { createDatabase, logicalDump, openClient, runStatements, type TestServer } from '../support/servers.ts';
import { startBlocker } from './blocker.ts';
import { runKilled } from './killed-run.ts';

const PROGRAM = fileURLToPath(new URL('../support/append-rows.mjs', import.meta.url));
const RESUMES_MAX = 4;

export type Ending = 'commits' | 'rolls back';

/** What stands in doubt when a process is killed; `between` is any moment without an action under way. */
export const PHASES: Readonly<Record<Ending, readonly string[]>> = {
  commits: ['steps/before', 'steps/alter', 'steps/count', 'steps/program', 'steps/check', 'auto/release'],
  'rolls back': [
    'steps/before',
    'steps/alter',
    'steps/count',
    'steps/check',
    'auto/restore',
    'auto/proof',
    'auto/release',
  ],
};

export interface Trial {
  readonly ending: Ending;
  readonly phase: string;
  /** Part of the phase's usual time after which the process is killed. */
  readonly part: number;
  /** Whether the first `resume` is killed as well, and after how many ms. */
  readonly secondKillMs: number | undefined;
  /**
   * Whether the phase's statement waits in the server when the process is killed, and how many ms after the start of
   * the first `resume` it may go on; 0 is before that.
   */
  readonly goesOnMs?: number | undefined;
}

export interface TrialEnd {
  /** The action under way when the process was killed; `between` two of them. */
  readonly cutIn: string;
  /** Whether a statement was seen to wait in the server when the process was killed. */
  readonly isBlocked: boolean;
  readonly told: string;
  /** Empty where everything said is so. */
  readonly lies: readonly string[];
}

const rows = (count: number): string =>
  Array.from({ length: count }, (_, n) => `(${n + 1}, 0, 'row ${n + 1}')`).join(', ');

const TABLES = ['alpha', 'beta', 'gamma'];
const SEED = [
  ...TABLES.flatMap((table) => [
    `CREATE TABLE ${table} (id INT NOT NULL PRIMARY KEY, counter INT NOT NULL, note VARCHAR(60) NOT NULL)`,
    `INSERT INTO ${table} VALUES ${rows(1_500)}`,
  ]),
  'CREATE TABLE journal_of_program (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, line VARCHAR(20) NOT NULL)',
];

function planOf(ending: Ending): string {
  const added = TABLES.map((table) => `ALTER TABLE ${table} ADD COLUMN currency CHAR(3) NOT NULL DEFAULT 'EUR'`);
  const counted = TABLES.map((table) => `UPDATE ${table} SET counter = counter + 1`);
  const expected = ending === 'commits' ? 'none' : 'some';
  return `version: 1
name: killed
target: { url: "\${env:DATABASE_URL}" }
steps:
  - id: before
    snapshot: {}
  - id: alter
    sql: { text: "${added.join('; ')}", transaction: no }
  - id: count
    sql: { text: "${counted.join('; ')}", transaction: auto }
  - id: program
    run: { command: ["${process.execPath}", "${PROGRAM}"] }
  - id: check
    verify:
      queries:
        - name: counted once
          sql: SELECT id FROM alpha WHERE counter <> 1
          expect: ${expected}
`;
}

/** A database of the trial's own, with what it holds before. `server` is a home of the test's own: see `ownHome`. */
export async function arranged(server: TestServer, ending: Ending) {
  const { name, url } = await createDatabase(server, 'killed');
  await runStatements(url, SEED);
  const folder = workFolder({ 'plan.yaml': planOf(ending) });
  const dump = async (): Promise<string> => (await logicalDump(server.url, [name])).replaceAll(name, 'killed');
  const dispose = (): Promise<void> => runStatements(server.url, [`DROP DATABASE IF EXISTS \`${name}\``]);
  return { folder, url, dump, dispose, before: await dump() };
}

/** How long each phase takes undisturbed, and what a committed run leaves. */
export async function undisturbed(server: TestServer, ending: Ending) {
  const { folder, url, dump, dispose, before } = await arranged(server, ending);
  const { code } = await snapback(['run', 'plan.yaml', '--journal-dir', 'journals'], folder, { DATABASE_URL: url });
  const times = new Map<string, number>();
  for (const { record } of journalIn(folder)) {
    if (record.kind === 'action-settled') times.set(record.action, record.duration_ms);
  }
  const left = await dump();
  await dispose();
  return { code, isBefore: left === before, after: left, times };
}

export type Undisturbed = Awaited<ReturnType<typeof undisturbed>>;

interface Others {
  /** Killed in place of the program. */
  readonly victim?: RunningServer;
  /** Another login than the program's, whose sessions end with it. */
  readonly blockerUrl?: string;
}

/** Everything said is compared with what an own client sees, now and when nothing of the run is left on the server. */
export async function killTrial(
  server: TestServer,
  trial: Trial,
  usual: Undisturbed,
  { victim, blockerUrl }: Others = {},
): Promise<TrialEnd> {
  const arrangement = await arranged(server, trial.ending);
  const { folder, url, dispose } = arrangement;
  const env = { DATABASE_URL: url };
  const isBlocked = trial.goesOnMs !== undefined && blockerUrl !== undefined;
  const blocker = isBlocked ? await startBlocker(blockerUrl, url) : undefined;
  try {
    const wasBlocked = await runKilled(['run', 'plan.yaml'], folder, env, {
      phase: trial.phase,
      afterMs: trial.part * (usual.times.get(trial.phase) ?? 20),
      blocker,
      ...(victim === undefined ? {} : { victim }),
    });
    const cutIn = underWay(folder);
    await victim?.restart();
    const goingOn = after(trial.goesOnMs ?? 0, () => blocker?.letGo());
    if (trial.goesOnMs === 0) await goingOn;
    if (trial.secondKillMs !== undefined) {
      await runKilled(['resume'], folder, env, { phase: undefined, afterMs: trial.secondKillMs, blocker: undefined });
    }
    const end = await endOf(server, { ...arrangement, env }, usual);
    await goingOn;
    return { cutIn, isBlocked: wasBlocked, ...end };
  } finally {
    await blocker?.close();
    await dispose();
  }
}

function after(ms: number, work: () => Promise<void> | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    setTimeout(() => void Promise.resolve(work()).then(resolve, reject), ms);
  });
}

interface Arranged {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly dump: () => Promise<string>;
  readonly before: string;
}

/** Resumes to the end, and compares what is told with what is there. */
export async function endOf(
  server: TestServer,
  { folder, env, dump, before }: Arranged,
  usual: Undisturbed,
): Promise<Pick<TrialEnd, 'told' | 'lies'>> {
  const told = await toItsEnd(folder, env);
  const run = runIn(folder);
  const lies: string[] = [];
  const judge = async (when: string): Promise<void> => {
    const now = await dump();
    const isCommitted = told.includes('committed');
    if (isCommitted && now !== usual.after) lies.push(`${when} it is not as the plan intends, and was told ${told}`);
    if (!isCommitted && now !== before) lies.push(`${when} it is not as before, and was told ${told}`);
  };
  await judge('at the end');
  await nothingUnderWay(server, run);
  await judge('later');
  lies.push(...(await leftOvers(server, run)));
  return { told, lies };
}

/** Resumes until the run has ended, and rolls it back where only a person can tell. */
async function toItsEnd(folder: string, env: Readonly<Record<string, string>>): Promise<string> {
  for (let resumes = 0; resumes < RESUMES_MAX; resumes += 1) {
    if (runIn(folder) === undefined) return 'nothing was begun';
    const records = journalIn(folder).map(({ record }) => record);
    const closed = records.findLast((record) => record.kind === 'run-closed');
    if (closed?.kind === 'run-closed') return closed.verdict;
    const verb = resumes < 2 ? ['resume'] : ['rollback', '--yes'];
    await snapback([...verb, '--journal-dir', 'journals'], folder, env);
  }
  return `still open after ${RESUMES_MAX} resumes`;
}

interface Line {
  readonly record: JournalRecord;
}

function runIn(folder: string): string | undefined {
  const [line] = journalIn(folder);
  return line?.record.kind === 'run-opened' ? line.record.run : undefined;
}

/** The whole lines of the journal: a torn last one is left out. */
function journalIn(folder: string): readonly Line[] {
  const directory = join(folder, 'journals');
  const file = existsSync(directory) ? readdirSync(directory).find((name) => name.endsWith('.journal')) : undefined;
  if (file === undefined) return [];
  const whole = readFileSync(join(directory, file), 'utf8').split('\n').slice(0, -1);
  return whole.map((line) => JSON.parse(line) as Line);
}

export function underWay(folder: string): string {
  const open = new Set<string>();
  for (const { record } of journalIn(folder)) {
    if (record.kind === 'action-intended') open.add(record.action);
    if (record.kind === 'action-settled') open.delete(record.action);
  }
  return [...open].at(-1) ?? 'between';
}

/** Waits until the server runs no statement that carries the run's mark. */
async function nothingUnderWay(server: TestServer, run: string | undefined): Promise<void> {
  const client = await openClient(server.url);
  try {
    for (;;) {
      const listed = await client.query('SELECT info FROM information_schema.processlist');
      const infos = listed.map((row) => Object.values(row)[0] ?? '');
      if (!infos.some((info) => info.startsWith(`/* snapback:${run ?? ''} */`))) return;
    }
  } finally {
    await client.close();
  }
}

/** A run that has ended leaves no open row, and no snapshot but that of what a restore has destroyed. */
async function leftOvers(server: TestServer, run: string | undefined): Promise<readonly string[]> {
  if (run === undefined) return [];
  const client = await openClient(server.url);
  try {
    const rows = await client.query(`SELECT state FROM snapback.runs WHERE run = '${run}' AND state = 'open'`);
    const held = await client.query(`SELECT name FROM snapback.snapshots WHERE run = '${run}'`);
    const snapshots = held.filter(({ name }) => name?.startsWith('undone_') !== true);
    return [
      ...rows.map(() => 'its row in the record is still open'),
      ...snapshots.map(({ name }) => `snapshot ${name ?? ''} is left`),
    ];
  } finally {
    await client.close();
  }
}
