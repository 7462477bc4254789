// A database of its own for each worker, made from the one that was named. What is ours is known by its record.

import type { ScopeLock } from '../engines/index.ts';
import { Fault, sha256, systemEntropy, newRunId, Secret, parseSnapshotName } from '../kernel/index.ts';
import { openResets } from '../engines/index.ts';
import type { Opening } from './opening.ts';
import { BaselineStore, copyDatabaseOf, snapshotNameOf, type BaselineRecord } from './baseline-store.ts';
import { tablesIn } from './content.ts';
import { databaseOfUrl, urlOfDatabase } from './database-url.ts';
import { lockBaseline } from './lock-database.ts';
import type { BaselineOptions } from './options.ts';

/** Workers begin at the same time, and each waits for those before it to be made. */
const TURN_WAIT_MS = 120_000;

export interface Worker {
  readonly database: string;
  readonly lock: ScopeLock;
  /** False when it was there already, made from the same rows and definitions. */
  readonly isNew: boolean;
}

export function workerDatabase(database: string, worker: string): string {
  const suffix = `_w${worker}`;
  if (!/^\w{1,20}$/.test(worker)) throw new Fault('USAGE', `a worker is named by letters and digits, not "${worker}"`);
  return database.length + suffix.length <= 64
    ? `${database}${suffix}`
    : `${database.slice(0, 40)}_${sha256(database).slice(0, 8)}${suffix}`;
}

/** @throws {Fault} SCOPE_BUSY when another process has this worker's database; GUARD_REFUSED when it is not ours */
export async function prepareWorker(
  opening: Opening,
  worker: string,
  seedSource: () => Promise<unknown>,
): Promise<Worker> {
  const { engine, resets, store, database: source, signal } = opening;
  const database = workerDatabase(source, worker);
  const turn = await lockBaseline(opening, source, TURN_WAIT_MS);
  try {
    await seedSource();
    const lock = await lockBaseline(opening, database, 0);
    try {
      const { definitions, rows } = await resets.read(source, signal);
      const held = sha256(`${definitions}\n${rows}`);
      const record = await store.read(database, signal);
      const isThere = await hasDatabase(opening, database);
      if (isThere && record?.workerOf !== source) {
        throw new Fault('GUARD_REFUSED', `${database} is there, and no worker of ours made it`, {
          hint: `Drop or rename ${database}, or call the worker something else.`,
        });
      }
      if (isThere && record?.source === held) return { database, lock, isNew: false };
      await removeDatabase(opening, database, signal);
      // The record first: what a crash leaves half made is then known to be ours.
      const tables = await tablesIn(engine, source, signal);
      await store.write({ version: 1, database, tables, workerOf: source }, signal);
      await resets.clone({ from: source, to: database }, signal);
      await store.write({ version: 1, database, tables, workerOf: source, source: held }, signal);
      return { database, lock, isNew: true };
    } catch (error) {
      await lock.release();
      throw error;
    }
  } finally {
    await turn.release();
  }
}

async function hasDatabase({ engine, signal }: Pick<Opening, 'engine' | 'signal'>, database: string): Promise<boolean> {
  const session = await engine.openSession('databases', undefined, signal);
  try {
    const sql = 'SELECT 1 FROM information_schema.schemata WHERE schema_name = ?';
    return (await session.query(sql, { params: [database], signal })).rows.length > 0;
  } finally {
    await session.close();
  }
}

/** The database, its copy, its snapshot and the record of it. */
async function removeDatabase(
  { engine, store, run }: Pick<Opening, 'engine' | 'store' | 'run'>,
  database: string,
  signal: AbortSignal,
): Promise<void> {
  const session = await engine.openSession('removal', undefined, signal);
  try {
    for (const name of [database, copyDatabaseOf(database)]) {
      await session.query(`DROP DATABASE IF EXISTS \`${name.replaceAll('`', '``')}\``, { signal });
    }
  } finally {
    await session.close();
  }
  const name = parseSnapshotName(snapshotNameOf(database));
  const effect = { run, signal, onProgress: () => undefined, assertLocked: () => Promise.resolve() };
  if (name.kind === 'ok') await engine.snapshots.drop(name.value, effect);
  if ((await store.read(database, signal)) !== undefined) await store.remove(database, signal);
}

/**
 * Removes the databases of all workers of a database, those that a crash left behind included, once their tests have
 * ended: for the teardown of a whole test run. One that a living process uses stays.
 *
 * @returns what was removed, by name
 */
export async function removeWorkers(
  options: Pick<BaselineOptions, 'url' | 'server' | 'database' | 'signal'>,
): Promise<readonly string[]> {
  const { signal = new AbortController().signal } = options;
  const login = options.url ?? options.server?.url;
  const source = options.database ?? (login === undefined ? undefined : databaseOfUrl(login));
  if (login === undefined || source === undefined) throw new Fault('USAGE', 'name `url` or `server`, and `database`');
  const run = newRunId(systemEntropy);
  const url = urlOfDatabase(login, '').replace(/\/$/, '');
  const server = await openResets(new Secret(url), { onSessionOpened: () => Promise.resolve(), run }, signal);
  const { engine } = server;
  const store = new BaselineStore(engine);
  try {
    const removed: string[] = [];
    for (const { database, workerOf } of await store.list(signal)) {
      if (workerOf !== source) continue;
      if (await removeIfFree({ engine, store, run, signal }, database)) removed.push(database);
    }
    return removed.sort();
  } finally {
    await server.close();
  }
}

async function removeIfFree(
  opening: Pick<Opening, 'engine' | 'store' | 'run' | 'signal'>,
  database: BaselineRecord['database'],
): Promise<boolean> {
  try {
    const lock = await lockBaseline(opening, database, 0);
    try {
      await removeDatabase(opening, database, opening.signal);
      return true;
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (error instanceof Fault && error.code === 'SCOPE_BUSY') return false;
    throw error;
  }
}
