import { err, ok, type Result } from '../kernel/index.ts';

const SCHEMES = ['mysql:', 'mariadb:', 'matrixone:'];
const PARAMETERS = ['tls', 'ca', 'cert', 'key', 'socket'];

export interface UrlFacts {
  /** Decoded; empty when there is none. */
  readonly password: string;
  readonly database: string | undefined;
  /** The URL without its password: the same login, whatever it is proven with. */
  readonly withoutPassword: string;
}

/**
 * Looks at a connection URL as far as that needs no server: scheme, user, host, parameters. The engines read it whole.
 * A problem never quotes the URL, which holds a password.
 */
export function checkUrl(url: string): Result<UrlFacts, string> {
  if (url.includes('#')) return err('`#` is written %23 in a connection URL');
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined) return err('this is no URL; write mysql://user:password@host:port/database');
  if (!SCHEMES.includes(parsed.protocol)) {
    return err(`a connection URL starts with mysql://, not with ${parsed.protocol.slice(0, 20)}//`);
  }
  const unknown = [...parsed.searchParams.keys()].find((key) => !PARAMETERS.includes(key));
  if (unknown !== undefined) {
    return err(`a connection URL has no parameter \`${unknown.slice(0, 40)}\`; known are ${PARAMETERS.join(', ')}`);
  }
  if (parsed.hostname === '' && !parsed.searchParams.has('socket')) return err('the connection URL names no host');
  if (parsed.username === '') return err('the connection URL names no user');
  const [password, database] = [parsed.password, parsed.pathname.replace(/^\//, '')].map(decoded);
  if (password === undefined || database === undefined) {
    return err('a % in a connection URL starts a two-digit code; a plain % is written %25');
  }
  parsed.password = '';
  return ok({ password, database: database === '' ? undefined : database, withoutPassword: parsed.href });
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
