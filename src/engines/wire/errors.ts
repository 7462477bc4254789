import { Fault, type FaultCode } from '../../kernel/index.ts';
import { matrixoneFault } from '../matrixone/errors.ts';

/** What the server (or the driver) said, as far as it said it. */
export interface ServerError {
  /** The server's error number; 0 where the driver or the network failed. */
  readonly errno: number;
  readonly sqlState: string | undefined;
  /** `ER_DUP_ENTRY`, `ECONNREFUSED`. */
  readonly code: string | undefined;
  readonly message: string;
}

export interface ErrorContext {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string | undefined;
  /** True until the login is done. */
  readonly isConnecting: boolean;
}

const TEXT_LENGTH_MAX = 1_000;

// Codes that claim "nothing was touched" (UNKNOWN_DATABASE, LOGIN_REFUSED) belong to the login alone: a statement that
// names a missing database (1049) has failed like any other.
const BY_ERRNO: ReadonlyMap<number, FaultCode> = new Map<number, FaultCode>([
  [1205, 'LOCK_WAIT'],
  [3572, 'LOCK_WAIT'], // NOWAIT
  [1213, 'DEADLOCK'],
  [1044, 'PRIVILEGE_MISSING'],
  [1142, 'PRIVILEGE_MISSING'],
  [1143, 'PRIVILEGE_MISSING'],
  [1227, 'PRIVILEGE_MISSING'],
  [1370, 'PRIVILEGE_MISSING'],
  [1419, 'PRIVILEGE_MISSING'],
  [1290, 'READ_ONLY_SERVER'],
  [1792, 'READ_ONLY_SERVER'],
  [1836, 'READ_ONLY_SERVER'],
  [1045, 'PRIVILEGE_MISSING'], // for a statement: the FILE right
  [1317, 'INTERRUPTED'],
  // The server's own limit on a statement's time: it failed, and it would fail again.
  [3024, 'TIMEOUT'],
  [1969, 'TIMEOUT'],
  // Shutdown, killed connection, idle disconnect: nobody knows whether the last statement counted.
  [1053, 'CONNECTION_LOST'],
  [1080, 'CONNECTION_LOST'],
  [1927, 'CONNECTION_LOST'],
  [3169, 'CONNECTION_LOST'],
  [4031, 'CONNECTION_LOST'],
]);

/** 1290 also stands for other options; only these make a server unfit for writing. */
const READ_ONLY_OPTION = /read[-_]only/i;

const UNREACHABLE_ERRNOS: ReadonlySet<number> = new Set([1040, 1203, 1226, 1129, 1053, 1927]);

/** The server's own words inside an error or a `Fault` made from one; `undefined` when it comes from elsewhere. */
export function serverErrorOf(error: unknown): ServerError | undefined {
  if (error instanceof Fault) return error.cause === undefined ? undefined : serverErrorOf(error.cause);
  if (!(error instanceof Error)) return undefined;
  const { errno, sqlState, code, sqlMessage } = error as {
    errno?: unknown;
    sqlState?: unknown;
    code?: unknown;
    sqlMessage?: unknown;
  };
  const isServers = typeof sqlMessage === 'string' || typeof sqlState === 'string';
  if (!isServers && typeof code !== 'string' && !('fatal' in error)) return undefined;
  return {
    errno: isServers && typeof errno === 'number' ? errno : 0,
    sqlState: typeof sqlState === 'string' ? sqlState : undefined,
    code: typeof code === 'string' ? code : undefined,
    message: typeof sqlMessage === 'string' ? sqlMessage : error.message,
  };
}

/** The fault for an error of the driver or the server. Errors of any other origin are returned as they are. */
export function toFault(error: unknown, context: ErrorContext): unknown {
  if (error instanceof Fault) return error;
  const said = serverErrorOf(error);
  if (said === undefined) return error;
  return context.isConnecting ? connectFault(said, error, context) : statementFault(said, error, context);
}

function connectFault(said: ServerError, cause: unknown, context: ErrorContext): Fault {
  const at = `${context.host}:${context.port}`;
  if (said.errno === 1049) {
    return new Fault('UNKNOWN_DATABASE', `${at} has no database ${context.database ?? ''}: ${worded(said)}`, { cause });
  }
  const isRefusal = said.errno !== 0 && !UNREACHABLE_ERRNOS.has(said.errno);
  if (isRefusal || said.code?.startsWith('AUTH_') === true) {
    return new Fault('LOGIN_REFUSED', `${at} refuses ${context.user}: ${worded(said)}`, { cause });
  }
  return new Fault('SERVER_UNREACHABLE', `no connection to ${at}: ${worded(said)}`, { cause });
}

function statementFault(said: ServerError, cause: unknown, context: ErrorContext): Fault {
  const byNumber = BY_ERRNO.get(said.errno);
  const mapped = byNumber === undefined ? matrixoneFault(said.errno, said.message) : { code: byNumber };
  if (said.errno === 0 && said.sqlState === undefined) {
    // Whatever breaks between two ends leaves open what the other end did.
    return new Fault('CONNECTION_LOST', `lost the connection to ${context.host}:${context.port}: ${worded(said)}`, {
      cause,
    });
  }
  if (said.errno === 1290 && !READ_ONLY_OPTION.test(said.message)) {
    return new Fault('STATEMENT_FAILED', worded(said), { cause });
  }
  const { code = 'STATEMENT_FAILED', ...hint } = mapped ?? {};
  return new Fault(code, worded(said), { ...hint, cause });
}

/** `ERROR 1062 (23000): Duplicate entry ...`, bounded. */
function worded({ errno, sqlState, code, message }: ServerError): string {
  const text = message.length > TEXT_LENGTH_MAX ? `${message.slice(0, TEXT_LENGTH_MAX)} [...]` : message;
  if (sqlState !== undefined || errno !== 0) return `ERROR ${errno} (${sqlState ?? 'HY000'}): ${text}`;
  return code === undefined || text.includes(code) ? text : `${code}: ${text}`;
}
