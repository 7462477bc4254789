// Flags of a hand-typed command -> the URL of one login. The URL holds the password: it goes to the server only.

import { Fault } from '../kernel/index.ts';
import { diskFiles } from '../plan/index.ts';

/** As typed; `undefined` where a flag is left out. */
export interface LoginFlags {
  readonly url: string | undefined;
  readonly host: string | undefined;
  readonly port: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly passwordEnv: string | undefined;
  readonly passwordFile: string | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/** mo_br's defaults. */
const HOST_DEFAULT = '127.0.0.1';
const PORT_DEFAULT = '6001';
const PASSWORD_BYTES_MAX = 64 * 1024;

/**
 * The URL that the flags name: `--host --port --user`, or `--url`, or else DATABASE_URL. The password may come from a
 * variable or a file, and then stands above the one in the URL. `acc1#admin` and `acc1:admin` are percent-encoded.
 *
 * @throws {Fault} USAGE
 */
export async function urlOfLogin(flags: LoginFlags, env: Env): Promise<string> {
  const { host, port, user } = flags;
  const hasParts = host !== undefined || port !== undefined || user !== undefined;
  if (hasParts && flags.url !== undefined) throw new Fault('USAGE', '--url does not go with --host, --port or --user');
  const password = await passwordOf(flags, env);
  if (hasParts) return urlOfParts({ host, port, user, password });
  const url = flags.url ?? env['DATABASE_URL'];
  if (url === undefined || url === '') {
    throw new Fault('USAGE', 'no server is named', {
      hint: 'Give --url, or --host, --port and --user, or set DATABASE_URL.',
    });
  }
  return password === undefined ? url : withPassword(url, password);
}

function urlOfParts(parts: Partial<Record<'host' | 'port' | 'user' | 'password', string | undefined>>): string {
  const { host = HOST_DEFAULT, port = PORT_DEFAULT, user, password } = parts;
  if (user === undefined) throw new Fault('USAGE', '--host and --port need --user');
  if (!/^\d{1,5}$/.test(port)) throw new Fault('USAGE', `--port ${port} is not a number`);
  const place = host.includes(':') ? `[${host}]` : host;
  const login = password === undefined ? encoded(user) : `${encoded(user)}:${encoded(password)}`;
  return `mysql://${login}@${place}:${port}/`;
}

/** A URL that cannot be read is given on as it is: the connection tells what is wrong with it. */
function withPassword(text: string, password: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  url.password = encoded(password);
  return url.href;
}

async function passwordOf(flags: LoginFlags, env: Env): Promise<string | undefined> {
  const { password, passwordEnv, passwordFile } = flags;
  if ([password, passwordEnv, passwordFile].filter((one) => one !== undefined).length > 1) {
    throw new Fault('USAGE', 'give one of --password, --password-env and --password-file');
  }
  if (passwordEnv !== undefined) {
    const value = env[passwordEnv];
    if (value === undefined) throw new Fault('USAGE', `--password-env: the variable ${passwordEnv} is not set`);
    return value;
  }
  if (passwordFile === undefined) return password;
  const read = await diskFiles.readText(passwordFile, PASSWORD_BYTES_MAX);
  if (read.kind === 'ok') return read.value.replace(/\r?\n$/, '');
  throw new Fault('USAGE', `--password-file ${passwordFile} cannot be read: ${read.problem.kind}`);
}

/** Whatever a URL gives a meaning to, `encodeURIComponent`'s own exceptions included. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}
