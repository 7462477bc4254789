// The engine's port over the server in memory, by the same moves as the engines that copy: one statement at a time,
// each of which may be the last.

import type { Engine, EngineOptions, Session, SessionIdentity } from '../../src/engines/index.ts';
import { Fault } from '../../src/kernel/index.ts';
import type { OpenEngine } from '../../src/runtime/index.ts';
import { Connection, connect } from './connection.ts';
import type { Life } from './life.ts';
import type { Operation } from './memory-server.ts';
import { quietOf } from './scripted-quiet.ts';
import { markersOf, registryOf, scopeLockOf } from './scripted-record.ts';
import { readerOf } from './scripted-reader.ts';
import { snapshotsOf } from './scripted-snapshots.ts';
import { operationOf } from './sql-operations.ts';
import type { World } from './world.ts';

export const USER = 'maker';

/** What the parts of an engine share. */
export interface Link {
  readonly world: World;
  readonly life: Life;
  open(purpose: string, signal?: AbortSignal): Promise<Connection>;
  /** Asks on the session that is kept for questions. */
  ask<Value>(operation: Operation<Value>, signal?: AbortSignal): Promise<Value>;
  connectionOf(session: Session): Connection;
  ids(): readonly string[];
}

export function scriptedEngine(world: World, life: Life): OpenEngine {
  return async (_url, options, signal) => {
    const link = linkOf(world, life, options);
    await link.ask({ label: 'SELECT VERSION()', apply: () => undefined }, signal);
    return engineOn(link);
  };
}

function linkOf(world: World, life: Life, options: EngineOptions): Link & { close(): Promise<void> } {
  const open: Connection[] = [];
  const sessions = new WeakMap<Session, Connection>();
  let questions: Connection | undefined;
  const link = {
    world,
    life,
    open: async (purpose: string, signal?: AbortSignal) => {
      const connection = await connect(world, life, { user: USER, mark: options.run }, signal);
      open.push(connection);
      await options.onSessionOpened(identityOf(connection), purpose);
      return connection;
    },
    ask: async <Value>(operation: Operation<Value>, signal?: AbortSignal): Promise<Value> => {
      if (questions?.isOpen !== true) questions = await link.open('questions', signal);
      return questions.query(operation, signal);
    },
    connectionOf: (session: Session) => {
      const connection = sessions.get(session);
      if (connection === undefined) throw new Error('a session of another engine');
      return connection;
    },
    ids: () => open.filter(({ isOpen }) => isOpen).map(({ session }) => String(session.id)),
    remember: (session: Session, connection: Connection) => void sessions.set(session, connection),
    close: async () => {
      for (const connection of open) await connection.close();
    },
  };
  return link;
}

function engineOn(link: Link & { close(): Promise<void> }): Engine {
  const { world } = link;
  const { server } = world;
  return {
    flavour: 'mariadb',
    version: '1.0.0',
    label: 'the server in memory',
    capabilities: {
      hasNativeSnapshots: false,
      hasTransactionalDdl: false,
      snapshotScopeMax: 'database',
      canQuerySnapshot: true,
      equalityLeavesOut: [],
    },
    address: { host: 'memory', port: 3306, user: USER, database: 'shop' },
    identity: (signal) =>
      link.ask(
        {
          label: 'identity',
          apply: ({ catalog }) => ({
            host: 'memory',
            port: 3306,
            serverUuid: 'uuid',
            catalogId: catalog.isThere ? 'catalog' : undefined,
          }),
        },
        signal,
      ),
    serverTime: (signal) => link.ask({ label: 'server time', apply: () => serverTime(world) }, signal),
    newestConnectionId: (signal) => link.ask({ label: 'newest id', apply: () => String(server.newestId) }, signal),
    openSession: async (purpose, _database, signal) => sessionOn(await link.open(purpose, signal), link),
    checkScope: (_scope, signal) => link.ask({ label: 'check scope', apply: () => undefined }, signal),
    lockScope: (scope, holder, signal) => scopeLockOf(link, scope, holder, signal),
    quiet: (request, signal) => quietOf(link, request, signal),
    writers: () => Promise.resolve({ busy: [], events: [], unseen: [] }),
    logins: {
      state: () => Promise.resolve(undefined),
      lock: () => Promise.reject(new Error('nobody asks for it')),
      unlock: () => Promise.reject(new Error('nobody asks for it')),
      endSessions: () => Promise.reject(new Error('nobody asks for it')),
    },
    splitStatements: (script) => split(script),
    canRunInTransaction: (statements, _database, signal) =>
      link.ask(
        {
          label: 'which tables are transactional',
          apply: () =>
            world.mutants.has('DDL is taken for something that ROLLBACK undoes') ||
            statements.every(({ text }) => /^(?:UPDATE|INSERT|DELETE|SELECT)\b/.test(text)),
        },
        signal,
      ),
    snapshots: snapshotsOf(link),
    previews: {
      scope: () => Promise.reject(new Error('a run previews nothing')),
      restore: () => ({ statements: [], risks: [] }),
    },
    data: readerOf(link),
    runs: registryOf(link),
    markers: markersOf(link),
    openConnectionIds: () => link.ids(),
    close: () => link.close(),
  };
}

function sessionOn(connection: Connection, link: Link): Session {
  const session: Session = {
    identity: identityOf(connection),
    query: async (sql, { signal } = {}) => {
      try {
        return await connection.query(operationOf(sql), signal);
      } catch (problem) {
        const isMutant = link.world.mutants.has('a lost connection is taken for a failure');
        if (isMutant && problem instanceof Fault && problem.code === 'CONNECTION_LOST')
          throw new Fault('DEADLOCK', problem.message);
        throw problem;
      }
    },
    close: () => connection.close(),
    get isOpen() {
      return connection.isOpen;
    },
  };
  (link as Link & { remember(session: Session, connection: Connection): void }).remember(session, connection);
  return session;
}

function identityOf({ session, startedAt }: Connection): SessionIdentity {
  return { connectionId: String(session.id), serverStartedAt: startedAt, user: USER };
}

export function serverTime({ time }: World): string {
  return new Date(time.nowMs).toISOString().replace('Z', '000Z');
}

function split(script: string) {
  let offset = 0;
  return script.split(';\n').map((text) => {
    const statement = { text, offset, line: script.slice(0, offset).split('\n').length };
    offset += text.length + 2;
    return statement;
  });
}
