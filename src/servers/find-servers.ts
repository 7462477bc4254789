import { containerImage, hasContainers } from './container.ts';
import { findBinary, PROGRAM_NAMES } from './find-binaries.ts';
import { installHint } from './install-hint.ts';
import { SERVER_ENGINES, type Environment, type FoundServer, type ServerEngine } from './types.ts';

/** Each names a server to use as it is. */
export const URL_VARIABLES: Readonly<Record<ServerEngine, string>> = {
  mariadb: 'SNAPBACK_TEST_MARIADB_URL',
  mysql: 'SNAPBACK_TEST_MYSQL_URL',
  matrixone: 'SNAPBACK_TEST_MATRIXONE_URL',
};

/** Each names an image to start, in place of whatever else is there: from a registry of one's own, or a fork. */
export const IMAGE_VARIABLES: Readonly<Record<ServerEngine, string>> = {
  mariadb: 'SNAPBACK_MARIADB_IMAGE',
  mysql: 'SNAPBACK_MYSQL_IMAGE',
  matrixone: 'SNAPBACK_MATRIXONE_IMAGE',
};

/** How each engine can be had here, or why not. Starts nothing. */
export async function findServers(env: Environment, signal?: AbortSignal): Promise<readonly FoundServer[]> {
  return Promise.all(SERVER_ENGINES.map((engine) => findServer({ engine, env }, signal)));
}

/** A URL in the environment, else an image named there, else a program of this machine, else Docker. */
export async function findServer(
  request: { readonly engine: ServerEngine; readonly version?: string | undefined; readonly env: Environment },
  signal?: AbortSignal,
): Promise<FoundServer> {
  const { engine, version, env } = request;
  const variable = URL_VARIABLES[engine];
  const url = env[variable];
  if (url !== undefined && url !== '') return { kind: 'url', engine, variable, url };
  const named = env[IMAGE_VARIABLES[engine]] ?? '';
  const binary = named === '' ? await findBinary(request, signal) : undefined;
  if (binary !== undefined) return { kind: 'binary', engine, path: binary.path, version: binary.version };
  const containers = await hasContainers();
  if (containers.kind === 'ok') {
    return { kind: 'docker', engine, image: named === '' ? containerImage(engine, version) : named };
  }
  const [program] = PROGRAM_NAMES[engine];
  const wanted = version === undefined ? '' : ` of version ${version}`;
  const reason =
    named === ''
      ? `no ${program}${wanted} on PATH, and ${containers.problem}`
      : `${IMAGE_VARIABLES[engine]} asks for a container, and ${containers.problem}`;
  return { kind: 'missing', engine, reason, install: installHint(env, engine) };
}
