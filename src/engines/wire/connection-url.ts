import { err, ok, Secret, type Result } from '../../kernel/index.ts';

/** How the connection is encrypted. Paths are those of PEM files. */
export interface TlsOptions {
  /** `verify`: certificate and host name are checked; `skip-verify`: encrypted, the server is not checked. */
  readonly kind: 'off' | 'verify' | 'skip-verify';
  readonly caPath: string | undefined;
  readonly certificatePath: string | undefined;
  readonly keyPath: string | undefined;
}

/** One login on one server. */
export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  /** As the server wants it: `root`, `acc1:admin`, `acc1#admin`. */
  readonly user: string;
  readonly password: Secret;
  readonly database: string | undefined;
  /** Path of a Unix socket; host and port are then for people only. */
  readonly socketPath: string | undefined;
  readonly tls: TlsOptions;
}

const PORT_DEFAULT = 3306;
const OWN_PARAMETERS = ['tls', 'ca', 'cert', 'key', 'socket'];
const SCHEMES = ['mysql:', 'mariadb:', 'matrixone:'];

/**
 * Reads `mysql://user:password@host:port/database?tls=verify&ca=ca.pem`.
 *
 * User, password and database are percent-encoded. The user ends at the first colon, so the colon or hash of a
 * MatrixOne account is written `acc1%3Aadmin` or `acc1%23admin`. `tls` is `off` (default), `verify` or `skip-verify`;
 * `ca`, `cert` and `key` name PEM files and imply `verify`. `socket` names a Unix socket.
 * A problem never quotes the URL, which holds a password.
 */
export function parseConnectionUrl(url: string): Result<ConnectionOptions, string> {
  if (url.includes('#')) return err('write `#` as %23 in a connection URL');
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined) return err('this is not a URL; write mysql://user:password@host:port/database');
  if (!SCHEMES.includes(parsed.protocol)) {
    return err(`a connection URL starts with mysql://, not ${parsed.protocol.slice(0, 20)}//`);
  }
  const unknown = [...parsed.searchParams.keys()].find((key) => !OWN_PARAMETERS.includes(key));
  if (unknown !== undefined) {
    return err(`unknown parameter \`${unknown.slice(0, 40)}\`; known are ${OWN_PARAMETERS.join(', ')}`);
  }
  const texts = decodeAll([parsed.username, parsed.password, parsed.hostname, parsed.pathname.replace(/^\//, '')]);
  if (texts === undefined) return err('a % in a connection URL starts a two-digit code; write a plain % as %25');
  const [user = '', password = '', hostname = '', database = ''] = texts;
  const socketPath = parsed.searchParams.get('socket') ?? undefined;
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === '') return err('the connection URL names no host');
  if (user === '') return err('the connection URL names no user');
  const tls = tlsOf(parsed.searchParams);
  if (tls.kind === 'err') return tls;
  return ok({
    host,
    port: parsed.port === '' ? PORT_DEFAULT : Number(parsed.port),
    user,
    password: new Secret(password),
    database: database === '' ? undefined : database,
    socketPath,
    tls: tls.value,
  });
}

/** The URL for other programs: without the parameters that only snapback knows. */
export function databaseUrlForPrograms(url: string): string {
  const cut = url.indexOf('?');
  if (cut < 0) return url;
  const kept = url
    .slice(cut + 1)
    .split('&')
    .filter((pair) => pair !== '' && !OWN_PARAMETERS.includes(pair.split('=')[0] ?? ''));
  return kept.length === 0 ? url.slice(0, cut) : `${url.slice(0, cut)}?${kept.join('&')}`;
}

function tlsOf(parameters: URLSearchParams): Result<TlsOptions, string> {
  const [caPath, certificatePath, keyPath] = ['ca', 'cert', 'key'].map((name) => parameters.get(name) ?? undefined);
  const hasFiles = caPath !== undefined || certificatePath !== undefined || keyPath !== undefined;
  const kind = parameters.get('tls') ?? (hasFiles ? 'verify' : 'off');
  if (kind !== 'off' && kind !== 'verify' && kind !== 'skip-verify') {
    return err('`tls` is verify, skip-verify or off');
  }
  if (kind === 'off' && hasFiles) return err('`tls=off` does not go with ca, cert or key');
  if ((certificatePath === undefined) !== (keyPath === undefined)) return err('`cert` and `key` go together');
  return ok({ kind, caPath, certificatePath, keyPath });
}

function decodeAll(texts: readonly string[]): readonly string[] | undefined {
  try {
    return texts.map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
