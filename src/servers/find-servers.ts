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

/** How each engine can be had here, or why not. Starts nothing. */
export async function findServers(env: Environment, signal?: AbortSignal): Promise<readonly FoundServer[]> {
  return Promise.all(SERVER_ENGINES.map((engine) => findServer({ engine, env }, signal)));
}

/** A URL in the environment, else a program of this machine, else Docker. */
export async function findServer(
  request: { readonly engine: ServerEngine; readonly version?: string | undefined; readonly env: Environment },
  signal?: AbortSignal,
): Promise<FoundServer> {
  const { engine, version, env } = request;
  const variable = URL_VARIABLES[engine];
  const url = env[variable];
  if (url !== undefined && url !== '') return { kind: 'url', engine, variable, url };
  const binary = await findBinary(request, signal);
  if (binary !== undefined) return { kind: 'binary', engine, path: binary.path, version: binary.version };
  const containers = await hasContainers();
  if (containers.kind === 'ok') return { kind: 'docker', engine, image: containerImage(engine, version) };
  const [program] = PROGRAM_NAMES[engine];
  const wanted = version === undefined ? '' : ` of version ${version}`;
  const reason = `no ${program}${wanted} on PATH, and ${containers.problem}`;
  return { kind: 'missing', engine, reason, install: installHint(env, engine) };
}
