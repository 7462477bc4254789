// A snapshot store of a test's own, on any connector.

import { systemClock, type RunId, type SnapshotName } from '../../src/kernel/index.ts';
import { detectServer, parseConnectionUrl, wireConnector } from '../../src/engines/index.ts';
import type { Effect, Scope, SnapshotSpec, SnapshotStore } from '../../src/engines/index.ts';
import type { Connector } from '../../src/engines/wire/connector.ts';
import { copyingSnapshots } from '../../src/engines/mysql-family/copying-snapshots/store.ts';
import { mysqlDataReader } from '../../src/engines/mysql-family/data-reader.ts';
import type { DataReader } from '../../src/engines/index.ts';
import { freshDatabase, openClient, type TestServer } from '../support/servers.ts';

export const RUN = 'testrun1' as RunId;

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
export async function storeOn(server: TestServer, connector: Connector): Promise<TestStore> {
  const client = await openClient(server.url);
  const [row] = await client.query('SELECT version() AS version, @@version_comment AS comment');
  await client.close();
  const detected = detectServer(row?.['version'] ?? '', row?.['comment'] ?? '');
  if (detected.kind === 'err' || detected.value.flavour === 'matrixone') throw new Error('not a server of the family');
  const { flavour, version } = detected.value;
  const deps = { connector, flavour, version, clock: systemClock };
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
