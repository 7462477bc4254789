import { systemClock } from '../../kernel/index.ts';
import type { Session } from '../port.ts';
import { splitStatements } from '../sql/split-statements.ts';
import type { EngineFactory } from '../wire/connector.ts';
import { capabilitiesOf } from './capabilities.ts';
import { catalogId } from './catalog.ts';
import { checkScope } from './check-scope.ts';
import { matrixoneDataReader } from './data-reader.ts';
import { matrixoneLogins } from './logins.ts';
import { matrixoneMarkers } from './markers.ts';
import type { MatrixoneServer } from './native-snapshots/server.ts';
import { SYSTEM_ACCOUNT } from './tenant.ts';
import { nativeSnapshots } from './native-snapshots/store.ts';
import { matrixonePitrs } from './pitr/pitrs.ts';
import { matrixonePreviews } from './preview.ts';
import { probeGrammar } from './probe.ts';
import { matrixoneQuiet } from './quiet.ts';
import { matrixoneRunRegistry } from './run-registry.ts';
import { lockScope } from './scope-lock.ts';
import { isoOf, NOW, one, withSession } from './session.ts';
import { canRunInTransaction } from './transactional.ts';
import { matrixoneWriters } from './writers.ts';

/** What a result of the user's own statements keeps: nobody reads more of them. */
const USER_ROWS_MAX = 1_000;

/** MatrixOne as an `Engine`: asks the server which RESTORE it understands, changes nothing. */
export const matrixoneEngine: EngineFactory = async (connector, detected, _options, signal) => {
  const lifetime = new AbortController();
  const asking = <Value>(until: AbortSignal, work: (session: Session) => Promise<Value>): Promise<Value> =>
    withSession(connector, { purpose: 'question', writes: false }, until, work);
  const server = await asking(signal, async (session): Promise<MatrixoneServer> => ({
    connector,
    grammar: await probeGrammar(session, signal),
    account: (await one(session, 'SELECT current_account_name()', signal)) ?? SYSTEM_ACCOUNT,
    clock: systemClock,
    memory: new Map(),
  }));
  const { account } = server;
  return {
    flavour: detected.flavour,
    version: detected.version,
    label: detected.label,
    capabilities: capabilitiesOf(account),
    address: connector.address,
    identity: (until) =>
      asking(until, async (session) => ({
        host: connector.address.host,
        port: connector.address.port,
        serverUuid: undefined,
        catalogId: await catalogId(session, until),
      })),
    serverTime: (until) => asking(until, async (session) => isoOf(await one(session, `SELECT ${NOW}`, until))),
    newestConnectionId: (until) => asking(until, ({ identity }) => Promise.resolve(identity.connectionId)),
    openSession: (purpose, database, until) =>
      connector.open({ purpose, database, announce: true, prologue: [], rowsMax: USER_ROWS_MAX }, until),
    checkScope: (scope, until) => asking(until, (session) => checkScope(session, { scope, account }, until)),
    lockScope: (scope, holder, until) => lockScope({ connector, scope, holder, lifetime: lifetime.signal }, until),
    quiet: (request, until) => matrixoneQuiet({ connector }, request, until),
    writers: (request, until) => matrixoneWriters({ connector, account }, request, until),
    logins: matrixoneLogins(connector, account),
    splitStatements,
    canRunInTransaction: (statements) => Promise.resolve(canRunInTransaction(statements)),
    snapshots: nativeSnapshots(server),
    previews: matrixonePreviews(server, () => connector.openConnectionIds()),
    pitrs: matrixonePitrs(server),
    data: matrixoneDataReader(server),
    runs: matrixoneRunRegistry(connector),
    markers: matrixoneMarkers(connector),
    openConnectionIds: () => connector.openConnectionIds(),
    close: async () => {
      lifetime.abort();
      await connector.closeAll();
    },
  };
};
