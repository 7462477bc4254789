// A snapshot store of a test's own, on any connector.

import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { Fault, systemClock, type Clock, type RunId, type SnapshotName } from '../../src/kernel/index.ts';
import { detectServer, parseConnectionUrl, wireConnector } from '../../src/engines/index.ts';
import type { Effect, Scope, SnapshotSpec, SnapshotStore } from '../../src/engines/index.ts';
import type { Connector } from '../../src/engines/wire/connector.ts';
import { copyingSnapshots } from '../../src/engines/mysql-family/copying-snapshots/store.ts';
import { mysqlDataReader } from '../../src/engines/mysql-family/data-reader.ts';
import type { DataReader } from '../../src/engines/index.ts';
import { freshDatabase, openClient, type TestServer } from '../support/servers.ts';

/** One for each test file, always the same: files run side by side, and no two processes work on one run. */
export const RUN = runOf(expect.getState().testPath ?? '');

function runOf(testPath: string): RunId {
  return `test${createHash('sha256').update(basename(testPath)).digest('hex').slice(0, 8)}` as RunId;
}

export function connectorTo(url: string): Connector {
  const parsed = parseConnectionUrl(url);
  if (parsed.kind === 'err') throw new Error(parsed.problem);
  return wireConnector(parsed.value, { onSessionOpened: () => Promise.resolve(), run: RUN });
}

export interface TestStore {
  readonly snapshots: SnapshotStore;
  readonly data: DataReader;
}

/** The server is asked over a connection that is never cut. */
export async function storeOn(
  server: TestServer,
  connector: Connector,
  clock: Clock = systemClock,
): Promise<TestStore> {
  const client = await openClient(server.url);
  const [row] = await client.query('SELECT version() AS version, @@version_comment AS comment');
  await client.close();
  const detected = detectServer(row?.['version'] ?? '', row?.['comment'] ?? '');
  if (detected.kind === 'err' || detected.value.flavour === 'matrixone') throw new Error('not a server of the family');
  const { flavour, version } = detected.value;
  const deps = { connector, flavour, version, clock };
  return { snapshots: copyingSnapshots(deps), data: mysqlDataReader(deps) };
}

/** An effect that always holds its locks and is never interrupted. */
export function effect(changes: Partial<Effect> = {}): Effect {
  return {
    run: RUN,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    assertLocked: () => Promise.resolve(),
    ...changes,
  };
}

export function specOf(scope: Scope, changes: Partial<SnapshotSpec> = {}): SnapshotSpec {
  return {
    name: freshDatabase('snap') as SnapshotName,
    scope,
    lock: undefined,
    maxStallMs: 30_000,
    maxCopyBytes: 2 ** 30,
    replace: false,
    ...changes,
  };
}

export function databaseScope(...databases: readonly string[]): Scope {
  return { kind: 'databases', databases };
}

/** A store with a connection of its own for the running test. */
export async function openStore(server: TestServer): Promise<TestStore> {
  const connector = connectorTo(server.url);
  onTestFinished(() => connector.closeAll());
  return storeOn(server, connector);
}

/** Databases of snapback that hold a table of this name; other tests have others. */
export async function shadowsOf(server: TestServer, table: string): Promise<readonly string[]> {
  const client = await openClient(server.url);
  const rows = await client.query(
    `SELECT table_schema AS name FROM information_schema.tables
     WHERE table_name = '${table}' AND table_schema LIKE 'sb|_%' ESCAPE '|'`,
  );
  await client.close();
  return rows.map(({ name }) => name ?? '');
}

/** The fault that the work is expected to end with. */
export async function catching(work: Promise<unknown>): Promise<Fault> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('expected a fault');
}

/** For `catch`: what the cutting connector did is expected, anything else is not. */
export function notTheCut(error: unknown): false {
  if (error instanceof Fault && error.message.includes('cut by the test')) return false;
  throw error;
}
