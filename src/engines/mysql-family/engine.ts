import { Fault } from '../../kernel/index.ts';
import type { Engine, EngineOptions, Session } from '../port.ts';
import { splitStatements } from '../sql/split-statements.ts';
import type { Connector, DetectedServer } from '../wire/connector.ts';
import { CAPABILITIES } from './capabilities.ts';
import { catalogId, openCatalogSession, withCatalogSession } from './catalog.ts';
import { checkScope } from './check-scope.ts';
import { copyingSnapshots } from './copying-snapshots/store.ts';
import { mysqlDataReader } from './data-reader.ts';
import { mysqlLogins } from './logins.ts';
import { mysqlMarkers } from './markers.ts';
import { mysqlPreviews } from './preview.ts';
import { mysqlQuiet } from './quiet.ts';
import { isoOf, mysqlRunRegistry } from './run-registry.ts';
import { lockScope } from './scope-lock.ts';
import { canRunInTransaction } from './transactional.ts';
import { mysqlWriters } from './writers.ts';

/** What a result of the user's own statements keeps: nobody reads more of them. */
const USER_ROWS_MAX = 1_000;

/** What no two servers share. A MariaDB has no name of its own: where it runs, on what data. */
const SERVER_NAMES = {
  mysql: '@@server_uuid',
  mariadb: "CONCAT_WS(' ', @@hostname, @@port, @@datadir, @@server_id)",
} as const;

/** MySQL and MariaDB as an `Engine`. */
export async function mysqlFamilyEngine(
  connector: Connector,
  server: DetectedServer,
  options: EngineOptions,
): Promise<Engine> {
  const { flavour, version, label } = server;
  if (flavour === 'matrixone') throw new Fault('UNSUPPORTED_SERVER', `${label} is not of this family`);
  connector.pinTo?.(SERVER_NAMES[flavour]);
  const family = { connector, flavour, version };
  const lifetime = new AbortController();
  const asking = keptForQuestions(connector);
  return {
    flavour,
    version,
    label,
    capabilities: CAPABILITIES,
    address: connector.address,
    identity: (signal) =>
      asking(signal, async (session) => ({
        host: connector.address.host,
        port: connector.address.port,
        serverUuid: flavour === 'mysql' ? await one(session, 'SELECT @@server_uuid', signal) : undefined,
        catalogId: await catalogId(session, signal),
      })),
    serverTime: (signal) =>
      asking(signal, async (session) => isoOf(await one(session, 'SELECT UTC_TIMESTAMP(6)', signal))),
    newestConnectionId: (signal) =>
      withCatalogSession(connector, { purpose: 'newest', writes: false }, signal, async ({ identity }) => {
        return identity.connectionId;
      }),
    openSession: (purpose, database, signal) =>
      connector.open({ purpose, database, announce: true, prologue: [], rowsMax: USER_ROWS_MAX }, signal),
    checkScope: (scope, signal) => asking(signal, (session) => checkScope(session, scope, signal)),
    lockScope: (scope, _holder, signal) =>
      lockScope({ connector, scope, run: options.run, lifetime: lifetime.signal }, signal),
    quiet: (request, signal) => mysqlQuiet({ connector }, request, signal),
    writers: (request, signal) => mysqlWriters(connector, request, signal),
    logins: mysqlLogins(connector, flavour),
    splitStatements,
    canRunInTransaction: (statements, database, signal) =>
      asking(signal, (session) => canRunInTransaction(session, statements, database, signal)),
    snapshots: copyingSnapshots(family),
    previews: mysqlPreviews(family, () => connector.openConnectionIds()),
    data: mysqlDataReader(family),
    runs: mysqlRunRegistry(connector),
    markers: mysqlMarkers(connector),
    openConnectionIds: () => connector.openConnectionIds(),
    close: async () => {
      lifetime.abort();
      await connector.closeAll();
    },
  };
}

type Asking = <Value>(signal: AbortSignal, work: (session: Session) => Promise<Value>) => Promise<Value>;

/** Questions come often and one at a time: their session is kept for the next one. They only read. */
function keptForQuestions(connector: Connector): Asking {
  let kept: Session | undefined;
  return async (signal, work) => {
    const ask = async (session: Session) => {
      try {
        return await work(session);
      } finally {
        if (kept === undefined && session.isOpen) kept = session;
        else await session.close();
      }
    };
    const idle = kept;
    kept = undefined;
    if (idle?.isOpen === true) {
      try {
        return await ask(idle);
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'CONNECTION_LOST') throw error;
        // The server may have ended it while it was idle: asked again on a new one.
      }
    }
    return ask(await openCatalogSession(connector, { purpose: 'question', writes: false }, signal));
  };
}

async function one(session: Session, sql: string, signal: AbortSignal): Promise<string | undefined> {
  return (await session.query(sql, { signal })).rows[0]?.[0] ?? undefined;
}
