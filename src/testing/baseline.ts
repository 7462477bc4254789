// The same database before every test. Taking a baseline copies; a reset puts back what was touched.

import { openEngine, openResets, type ResetRequest, type Resetting, type ScopeLock } from '../engines/index.ts';
import {
  Fault,
  newRunId,
  parseSnapshotName,
  Secret,
  systemEntropy,
  type RunId,
  type TableRef,
} from '../kernel/index.ts';
import { BaselineStore, copyDatabaseOf, snapshotNameOf } from './baseline-store.ts';
import { tablesIn } from './content.ts';
import { urlOfDatabase, databaseOfUrl } from './database-url.ts';
import { lockBaseline, lockDatabase } from './lock-database.ts';
import type { Baseline, BaselineOptions } from './options.ts';
import type { Opening } from './opening.ts';
import { refuseUnlessTestDatabase } from './safety.ts';
import { readSeed } from './seed.ts';
import { ensureSeeded } from './seeding.ts';
import { prepareWorker } from './workers.ts';

const LOCK_WAIT_MS = 5_000;
/** A plan that a test did not wait for. */
const SCOPE_WAIT_MS = 5_000;
const MAX_COPY_BYTES = 20 * 1024 ** 3;

/**
 * Takes the database as it is, or after its seed, and gives what puts it back. The cost of a reset follows what a test
 * has touched. While it is open no other process can take a baseline of the same database.
 *
 * @throws {Fault} GUARD_REFUSED for a database that does not look like one for tests; SCOPE_BUSY while another process
 *   has a baseline of it; UNKNOWN_DATABASE; SNAPSHOT_REFUSED for what could not be put back; UNSUPPORTED_SERVER
 */
export async function baseline(options: BaselineOptions): Promise<Baseline> {
  const target = targetOf(options);
  refuseUnlessTestDatabase(target.database, options);
  const { signal = new AbortController().signal } = options;
  const run = newRunId(systemEntropy);
  const server = await openResets(new Secret(target.url), engineOptions(run), signal);
  try {
    const { engine, resets } = server;
    if (options.autoIncrement === 'exact' && !resets.keepsAutoIncrement) {
      throw new Fault('UNSUPPORTED_SERVER', `${engine.label} never gives an AUTO_INCREMENT value again`, {
        hint: 'Leave `autoIncrement` out, or make it `loose`: rows come back exactly, new ids go on.',
      });
    }
    await engine.checkScope({ kind: 'databases', databases: [target.database] }, signal);
    const opening = { ...target, engine, resets, options, run, store: new BaselineStore(engine), signal };
    return await openBaseline(opening, () => server.close());
  } catch (error) {
    await server.close();
    throw error;
  }
}

function engineOptions(run: RunId) {
  return { onSessionOpened: () => Promise.resolve(), run };
}

function targetOf({ url, server, database }: BaselineOptions): { readonly url: string; readonly database: string } {
  const login = url ?? server?.url;
  if (login === undefined) throw new Fault('USAGE', 'a baseline needs `url` or `server`');
  const name = database ?? databaseOfUrl(login);
  if (name === undefined) throw new Fault('USAGE', 'a baseline needs `database`, or a database in the URL');
  return { url: urlOfDatabase(login, name), database: name };
}

async function openBaseline(opening: Opening, closeServer: () => Promise<void>): Promise<Baseline> {
  const { options, engine, signal } = opening;
  if (options.worker === undefined) {
    const lock = await lockBaseline(opening, opening.database, 0);
    return releasing(lock, async () => {
      const isReusable = await seedIfAsked(opening);
      return begin(opening, { lock, isReusable, closeServer });
    });
  }
  const worker = await prepareWorker(opening, String(options.worker), () => seedIfAsked(opening));
  const own = { ...opening, database: worker.database, url: urlOfDatabase(opening.url, worker.database) };
  return releasing(worker.lock, async () => {
    await engine.checkScope({ kind: 'databases', databases: [own.database] }, signal);
    return begin(own, { lock: worker.lock, isReusable: !worker.isNew, closeServer });
  });
}

async function releasing<Value>(lock: ScopeLock, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** @returns true when what an earlier process copied is still what it would copy now */
async function seedIfAsked(opening: Opening): Promise<boolean> {
  const { options, resets, engine, store, database, signal } = opening;
  // What an earlier process did not finish is finished first: its triggers may be away.
  if (await resets.isUnfinished(copyDatabaseOf(database), signal)) await restoreAll(opening);
  if (options.seed === undefined) return false;
  const seed = await readSeed(options.seed);
  const url = opening.url;
  const { isNew } = await ensureSeeded({ engine, resets, store, database, url, signal }, seed);
  return !isNew && (await isTaken(opening));
}

async function isTaken({ engine, resets, database, signal }: Opening): Promise<boolean> {
  const info = await engine.snapshots.find(nameOf(database), signal);
  return info?.state === 'ready' && (await resets.hasCopy(copyDatabaseOf(database), signal));
}

interface Beginning {
  readonly lock: ScopeLock;
  readonly isReusable: boolean;
  readonly closeServer: () => Promise<void>;
}

async function begin(opening: Opening, { lock, isReusable, closeServer }: Beginning): Promise<Baseline> {
  const { database, url, options, resets, signal } = opening;
  const request: ResetRequest = {
    database,
    copyDatabase: copyDatabaseOf(database),
    autoIncrement: options.autoIncrement ?? (resets.keepsAutoIncrement ? 'exact' : 'loose'),
    lockWaitMs: options.lockWaitMs ?? LOCK_WAIT_MS,
    restoreAll: (_signal, tables) => restoreAll(opening, tables),
  };
  const resetting =
    isReusable && (await isTaken(opening)) ? await resets.reuse(request, signal) : await take(opening, request, lock);
  let last: Promise<unknown> = Promise.resolve();
  // One after the other: what a test that took too long has begun is ended before the next one has its turn.
  const reset = () => {
    const next = last.then(() => resetting.reset(() => lock.assertHeld(), signal));
    last = next.catch(() => undefined);
    return next;
  };
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    try {
      await reset();
    } finally {
      await resetting.close();
      await lock.release();
      await closeServer();
    }
  };
  return {
    database,
    url,
    reset,
    keep: async (label) => {
      const kept = `${database}_${label}`.slice(0, 64);
      await resets.clone({ from: database, to: kept }, signal);
      return urlOfDatabase(url, kept);
    },
    close: () => (closing ??= close()),
  };
}

async function take(opening: Opening, request: ResetRequest, lock: ScopeLock): Promise<Resetting> {
  const held = await lockDatabase(opening, opening.database, SCOPE_WAIT_MS);
  try {
    return await takeHeld(opening, request, lock);
  } finally {
    await held.release();
  }
}

async function takeHeld(opening: Opening, request: ResetRequest, lock: ScopeLock): Promise<Resetting> {
  const { engine, resets, store, database, run, signal } = opening;
  const effect = { run, signal, onProgress: () => undefined, assertLocked: () => lock.assertHeld() };
  const name = nameOf(database);
  await engine.snapshots.create(
    {
      name,
      scope: { kind: 'databases', databases: [database] },
      lock: undefined,
      maxStallMs: 30_000,
      maxCopyBytes: MAX_COPY_BYTES,
      replace: true,
    },
    effect,
  );
  const resetting = await resets.take(request, signal);
  const differences = await engine.snapshots.compare(name, undefined, effect);
  if (differences.length > 0) {
    await resetting.close();
    const names = differences.map((one) => one.name).join(', ');
    throw new Fault('NOT_QUIET', `somebody changed ${names} while the baseline was taken`);
  }
  const known = await store.read(database, signal);
  await store.write({ version: 1, ...known, database, tables: await tablesIn(engine, database, signal) }, signal);
  return resetting;
}

/** On an engine of its own: a restore keeps locks until its engine is closed. */
async function restoreAll({ url, database, run, signal }: Opening, tables?: readonly TableRef[]) {
  const engine = await openEngine(new Secret(url), engineOptions(run), signal);
  try {
    const held = await lockDatabase({ engine, signal }, database, SCOPE_WAIT_MS);
    try {
      const effect = { run, signal, onProgress: () => undefined, assertLocked: () => held.assertHeld() };
      return await engine.snapshots.restore(nameOf(database), tables === undefined ? undefined : { tables }, effect);
    } finally {
      await held.release();
    }
  } finally {
    await engine.close();
  }
}

function nameOf(database: string) {
  const parsed = parseSnapshotName(snapshotNameOf(database));
  if (parsed.kind === 'err') throw new Fault('USAGE', parsed.problem);
  return parsed.value;
}
