import { connect, isIP, type Socket } from 'node:net';
import { createConnection, type Connection, type SslOptions } from 'mysql2';
import { Fault, formatDuration, systemClock } from '../../kernel/index.ts';
import type { EngineOptions } from '../port.ts';
import type { ConnectionOptions } from './connection-url.ts';
import type { Connector, SessionRequest } from './connector.ts';
import { toFault, type ErrorContext } from './errors.ts';
import { readServerStart, START_UNKNOWN } from './server-start.ts';
import { isUnknownConnection, markOf, WireSession } from './session.ts';
import { sslOptionsOf } from './tls-files.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const KEEPALIVE_DELAY_MS = 10_000;
/** How long the server may take to end what an interruption ended, ms: whoever pressed Ctrl-C waits for it. */
const INTERRUPTION_GRACE_MS = 3_000;

// Found rows would make an UPDATE that changes nothing count; a blank before `(` and local files are the user's choice.
const FLAGS = ['-FOUND_ROWS', '-IGNORE_SPACE', '-LOCAL_FILES', '-ODBC'];

/**
 * Opens sessions with one login, one plain connection each: no pool, no reuse. Where `interruption` ends the work and
 * the server does not end with it, in three seconds, the connections are cut: what it was doing goes on without us.
 */
export function wireConnector(
  options: ConnectionOptions,
  engineOptions: EngineOptions,
  interruption?: AbortSignal,
): Connector {
  const open = new Set<WireSession>();
  const overdue = overdueAfter(interruption);
  overdue.signal.addEventListener('abort', () => {
    for (const session of open) session.destroy(overdueFault(options));
  });
  let lastStart: string | undefined;
  const pin: Pin = { expression: undefined, server: undefined };
  const prefix = engineOptions.run === undefined ? '' : `${markOf(engineOptions.run)} `;

  const login = async (request: SessionRequest, signal: AbortSignal) => {
    const { database, rowsMax, takesBatches = false, login: other } = request;
    const own = other === undefined ? options : { ...options, ...other };
    const inTime = AbortSignal.any([signal, overdue.signal]);
    const { connection, socket } = await connected(own, { database, takesBatches }, inTime);
    const session = new WireSession(
      {
        connection,
        socket,
        context: contextOf(own, database, false),
        prefix,
        rowsMax: rowsMax ?? Number.POSITIVE_INFINITY,
        cancel: (connectionId) => cancel(own, connectionId, overdue.signal),
        onClosed: (closed) => open.delete(closed),
      },
      { connectionId: String(connection.threadId), serverStartedAt: START_UNKNOWN, user: own.user },
    );
    open.add(session);
    return session;
  };

  return {
    address: { host: options.host, port: options.port, user: options.user, database: options.database },
    open: async (request, signal) => {
      const session = await login(request, signal);
      try {
        // Only announced sessions outlive this process in somebody's memory; for the others the last reading will do.
        lastStart = await prepare(session, { knownStart: request.announce ? undefined : lastStart, pin }, signal);
        if (request.announce) await engineOptions.onSessionOpened(session.identity, request.purpose);
        for (const statement of request.prologue) await session.query(statement, { signal });
      } catch (error) {
        session.destroy();
        throw error;
      }
      return session;
    },
    pinTo: (expression) => {
      pin.expression = expression;
    },
    openConnectionIds: () => [...open].map(({ identity }) => identity.connectionId),
    closeAll: async () => {
      await Promise.all([...open].map((session) => session.close()));
      overdue.end();
    },
  };
}

/** Which server the sessions are on; the first one tells. */
interface Pin {
  expression: string | undefined;
  server: string | undefined;
}

function assertPinned(pin: Pin, server: string): void {
  pin.server ??= server;
  if (pin.server === server) return;
  throw new Fault('SERVER_CHANGED', `the address leads to another server now: ${pin.server} before, ${server} now`);
}

/** Makes the session ready for its first statement; returns when its server started. */
async function prepare(
  session: WireSession,
  { knownStart, pin }: { readonly knownStart: string | undefined; readonly pin: Pin },
  signal: AbortSignal,
): Promise<string> {
  // The handshake names a collation of the driver's choice; this takes the server's default one, as the clients do.
  await session.query('SET NAMES utf8mb4', { signal });
  const which = pin.expression === undefined ? '' : `, ${pin.expression}`;
  const { rows } = await session.query(`SELECT CONNECTION_ID(), USER()${which}`, { signal });
  const [connectionId, login, server] = rows[0] ?? [];
  if (pin.expression !== undefined) assertPinned(pin, server ?? '');
  const user = login ?? '';
  const serverStartedAt = knownStart ?? (await readServerStart(session));
  session.identify({
    connectionId: connectionId ?? session.identity.connectionId,
    serverStartedAt,
    user: user.includes('@') ? user.slice(0, user.lastIndexOf('@')) : user,
  });
  return serverStartedAt;
}

/** Its signal ends when the server had its time to end what an interruption ended; `end` says that all is closed. */
function overdueAfter(interruption: AbortSignal | undefined) {
  const [closed, overdue] = [new AbortController(), new AbortController()];
  const wait = (): void => {
    void systemClock.sleep(INTERRUPTION_GRACE_MS, closed.signal).then(
      () => overdue.abort(),
      () => undefined,
    );
  };
  interruption?.addEventListener('abort', wait, { once: true });
  const end = (): void => {
    interruption?.removeEventListener('abort', wait);
    closed.abort();
  };
  return { signal: overdue.signal, end };
}

function overdueFault({ host, port }: ConnectionOptions): Fault {
  const grace = formatDuration(INTERRUPTION_GRACE_MS);
  return new Fault(
    'CONNECTION_LOST',
    `interrupted, and ${host}:${port} had not ended the statement after ${grace}: it may still be undoing it`,
    { hint: '`snapback resume` ends what is left of it first, then goes on.' },
  );
}

/** KILL QUERY from a connection of its own. A connection that is gone needs no cancelling. */
async function cancel(options: ConnectionOptions, connectionId: string, overdue: AbortSignal): Promise<void> {
  const { connection, socket } = await connected(
    options,
    { database: undefined, takesBatches: false },
    AbortSignal.any([AbortSignal.timeout(CONNECT_TIMEOUT_MS), overdue]),
  );
  const cut = (): void => void socket.destroy();
  overdue.addEventListener('abort', cut, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      connection.query(`KILL QUERY ${BigInt(connectionId)}`, (error: unknown) => {
        if (error === null || isUnknownConnection(error)) resolve();
        else reject(toFault(error, contextOf(options, undefined, false)));
      });
    });
  } finally {
    overdue.removeEventListener('abort', cut);
    connection.end();
    socket.unref();
  }
}

type Wanted = Pick<SessionRequest, 'database'> & { readonly takesBatches: boolean };

function connected(
  options: ConnectionOptions,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<{ connection: Connection; socket: Socket }> {
  const context = contextOf(options, wanted.database, true);
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new Fault('INTERRUPTED', 'interrupted before connecting', { cause: signal.reason }));
      return;
    }
    const ssl = sslOptionsOf(options.tls); // it may refuse, and a socket would then be left open
    const socket = openSocket(options);
    const connection = driverConnection(options, wanted, { socket, ssl });
    let isSettled = false;
    const settle = (action: () => void): void => {
      if (isSettled) return;
      isSettled = true;
      signal.removeEventListener('abort', onAbort);
      action();
    };
    const onAbort = (): void =>
      settle(() => {
        socket.destroy();
        reject(new Fault('INTERRUPTED', `interrupted while connecting to ${context.host}`, { cause: signal.reason }));
      });
    signal.addEventListener('abort', onAbort, { once: true });
    // Stays for the life of the connection: an `error` without a listener would end the process.
    connection.on('error', (error: unknown) =>
      settle(() => {
        socket.destroy();
        reject(toFault(error, context));
      }),
    );
    connection.on('connect', () => settle(() => resolve({ connection, socket })));
  });
}

function openSocket({ host, port, socketPath }: ConnectionOptions): Socket {
  const socket = socketPath === undefined ? connect({ host, port }) : connect({ path: socketPath });
  // The driver names no host to TLS where it is an address, and a certificate is then held against `localhost`. This is
  // where Node looks next; of a name it knows by itself.
  if (isIP(host) !== 0) Object.assign(socket, { _host: host });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEPALIVE_DELAY_MS);
  return socket;
}

interface Channel {
  readonly socket: Socket;
  readonly ssl: SslOptions | undefined;
}

function driverConnection(options: ConnectionOptions, wanted: Wanted, { socket, ssl }: Channel): Connection {
  const { database, takesBatches } = wanted;
  return createConnection({
    host: options.host,
    port: options.port,
    user: options.user,
    password: options.password.reveal(),
    ...(database === undefined ? {} : { database }),
    stream: () => socket,
    charset: 'utf8mb4',
    connectTimeout: CONNECT_TIMEOUT_MS,
    multipleStatements: takesBatches,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    decimalNumbers: false,
    namedPlaceholders: false,
    // The driver's own way to close one sends the close twice, which MatrixOne answers with an error nobody waits for.
    maxPreparedStatements: 1,
    flags: FLAGS,
    ...(ssl === undefined ? {} : { ssl }),
  });
}

function contextOf(options: ConnectionOptions, database: string | undefined, isConnecting: boolean): ErrorContext {
  return { host: options.host, port: options.port, user: options.user, database, isConnecting };
}
