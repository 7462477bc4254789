import { homedir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '../kernel/index.ts';
import { isExecutable, pathFolders } from './on-path.ts';
import { isVersionWanted, parseServerVersion, type ServerVersion } from './parse-version.ts';
import { runProgram } from './run-program.ts';
import type { Environment, ServerEngine } from './types.ts';

export interface ServerBinary extends ServerVersion {
  readonly path: string;
}

/** Names of the program, best first. Some MariaDB packages only have the name `mysqld`. */
export const PROGRAM_NAMES: Readonly<Record<ServerEngine, readonly [string, ...string[]]>> = {
  mariadb: ['mariadbd', 'mysqld'],
  mysql: ['mysqld'],
  matrixone: ['mo-service'],
};

/** Each names a program; what the program says of itself decides which engine it is. */
export const BINARY_VARIABLES: Readonly<Record<ServerEngine, string>> = {
  mariadb: 'SNAPBACK_MARIADBD',
  mysql: 'SNAPBACK_MYSQLD',
  matrixone: 'SNAPBACK_MO_SERVICE',
};

const VERSION_TIMEOUT_MS = 20_000;

/**
 * Finds the program of an engine: the one a variable names, else the first of its names on PATH and in the usual
 * places.
 *
 * @throws {Fault} NO_SERVER when the variable names something that is not that engine
 */
export async function findBinary(
  request: { readonly engine: ServerEngine; readonly version?: string | undefined; readonly env: Environment },
  signal?: AbortSignal,
): Promise<ServerBinary | undefined> {
  const { engine, version, env } = request;
  const named = env[BINARY_VARIABLES[engine]];
  if (named !== undefined && named !== '') {
    const binary = await askVersion(named, env, signal);
    if (binary?.engine === engine) return isVersionWanted(binary.version, version) ? binary : undefined;
    const what = binary === undefined ? 'does not run as a server' : `is ${binary.engine} ${binary.version}`;
    throw new Fault('NO_SERVER', `${BINARY_VARIABLES[engine]} names ${named}, which ${what}`, {
      hint: `Name a program of ${engine} there, or unset the variable.`,
    });
  }
  for (const path of candidatePaths(PROGRAM_NAMES[engine], env)) {
    if (!isExecutable(path)) continue;
    const binary = await askVersion(path, env, signal);
    if (binary?.engine === engine && isVersionWanted(binary.version, version)) return binary;
  }
  return undefined;
}

/** Every place where a program of these names may be; names count more than places. */
export function candidatePaths(names: readonly string[], env: Environment): readonly string[] {
  const folders = [...new Set([...pathFolders(env), ...usualFolders()])];
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

/** Server programs are often not on an ordinary user's PATH. */
function usualFolders(): readonly string[] {
  const prefixes = ['/usr', '/usr/local', '/opt/homebrew', '/opt/local'];
  const named = ['/usr/local', '/opt/homebrew/opt', '/usr/local/opt', '/opt'].flatMap((parent) =>
    ['mariadb', 'mysql', 'matrixone'].map((name) => `${parent}/${name}/bin`),
  );
  return [
    ...prefixes.flatMap((prefix) => [`${prefix}/sbin`, `${prefix}/bin`, `${prefix}/libexec`]),
    ...named,
    join(homedir(), 'matrixone'),
  ];
}

async function askVersion(path: string, env: Environment, signal?: AbortSignal): Promise<ServerBinary | undefined> {
  const limit = AbortSignal.timeout(VERSION_TIMEOUT_MS);
  // mo-service knows one dash, the others two; whoever does not understand it answers with an error and no version.
  const flag = path.endsWith('mo-service') ? '-version' : '--version';
  try {
    const { output } = await runProgram({
      command: [path, flag],
      env,
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    });
    const version = parseServerVersion(output);
    return version && { ...version, path };
  } catch (error) {
    if ((error instanceof Fault || limit.aborted) && signal?.aborted !== true) return undefined;
    throw error;
  }
}
