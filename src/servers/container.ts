import type { GenericContainer, StartedTestContainer } from 'testcontainers';
import { err, Fault, ok, systemEntropy, type Log, type Result } from '../kernel/index.ts';
import { freePorts } from './free-ports.ts';
import { awaitLogin } from './log-in.ts';
import { MATRIXONE_LOGIN } from './matrixone-launch.ts';
import type { RunningServer, ServerEngine } from './types.ts';

type Containers = typeof import('testcontainers');

interface ImageEntry {
  readonly repository: string;
  readonly tag: string;
  readonly port: number;
}

const IMAGES: Readonly<Record<ServerEngine, ImageEntry>> = {
  mariadb: { repository: 'mariadb', tag: '10.11', port: 3306 },
  mysql: { repository: 'mysql', tag: '8.4', port: 3306 },
  matrixone: { repository: 'matrixorigin/matrixone', tag: 'latest', port: 6001 },
};

/** An image of one's own may look up the names of its clients, and a container without DNS waits long for none. */
const MYSQL_FAMILY_OPTIONS = ['--event-scheduler=OFF', '--innodb-flush-log-at-trx-commit=2', '--skip-name-resolve'];

const START_TIMEOUT_MS = 300_000;
const RESTART_TIMEOUT_MS = 180_000;

export function containerImage(engine: ServerEngine, version: string | undefined): string {
  const { repository, tag } = IMAGES[engine];
  return `${repository}:${version ?? tag}`;
}

/** Whether containers can be started here; the problem continues a sentence. */
export async function hasContainers(): Promise<Result<Containers, string>> {
  const library = await loadLibrary();
  if (library === undefined) return err('testcontainers is not installed');
  try {
    await library.getContainerRuntimeClient();
    return ok(library);
  } catch (error) {
    // The library throws plain errors only, for a daemon that is not there as for one that refuses us.
    if (error instanceof Error) return err('no Docker');
    throw error;
  }
}

/**
 * Starts a server in a container. The library's own watchdog container removes it when this process ends.
 *
 * @throws {Fault} NO_SERVER, TIMEOUT
 */
export async function startContainer(
  request: { readonly engine: ServerEngine; readonly image: string; readonly log: Log },
  signal?: AbortSignal,
): Promise<RunningServer> {
  const { engine, image, log } = request;
  const containers = await hasContainers();
  if (containers.kind === 'err') throw new Fault('NO_SERVER', containers.problem);
  const password = engine === 'matrixone' ? MATRIXONE_LOGIN.password : systemEntropy.token(20);
  // A port that Docker chooses would be another one after each restart.
  const [host = 0] = await freePorts(1);
  const container = describe(containers.value, { engine, image, host, password });
  log.debug({ image, port: host }, 'container is started');
  const started = await startUp(container, image);
  const url = `mysql://root:${password}@${started.getHost()}:${host}`;
  try {
    const label = await awaitLogin({ url, timeoutMs: START_TIMEOUT_MS, hasEnded: () => false }, signal);
    return runningContainer(containers.value, { engine, label: label ?? engine, url, started });
  } catch (error) {
    await started.stop({ remove: true, removeVolumes: true });
    throw error;
  }
}

function describe(
  { GenericContainer }: Containers,
  { engine, image, host, password }: { engine: ServerEngine; image: string; host: number; password: string },
): GenericContainer {
  return new GenericContainer(image)
    .withExposedPorts({ container: IMAGES[engine].port, host })
    .withEnvironment({ MARIADB_ROOT_PASSWORD: password, MYSQL_ROOT_PASSWORD: password, MYSQL_ROOT_HOST: '%' })
    .withCommand(engine === 'matrixone' ? [] : MYSQL_FAMILY_OPTIONS)
    .withStartupTimeout(START_TIMEOUT_MS);
}

async function startUp(container: GenericContainer, image: string): Promise<StartedTestContainer> {
  try {
    return await container.start();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Fault('NO_SERVER', `no container of ${image} could be started: ${error.message}`, { cause: error });
  }
}

function runningContainer(
  { getContainerRuntimeClient }: Containers,
  server: {
    readonly engine: ServerEngine;
    readonly label: string;
    readonly url: string;
    readonly started: StartedTestContainer;
  },
): RunningServer {
  const { engine, label, url, started } = server;
  let isStopped = false;
  return {
    engine,
    label,
    url,
    origin: 'docker',
    stop: async () => {
      if (isStopped) return;
      isStopped = true;
      await started.stop({ remove: true, removeVolumes: true });
    },
    kill: async () => {
      const client = await getContainerRuntimeClient();
      await client.container.getById(started.getId()).kill({ signal: 'SIGKILL' });
    },
    restart: async () => {
      const client = await getContainerRuntimeClient();
      await client.container.getById(started.getId()).restart();
      await awaitLogin({ url, timeoutMs: RESTART_TIMEOUT_MS, hasEnded: () => false });
    },
  };
}

/** An optional dependency: it is only asked for when there is no other way. */
async function loadLibrary(): Promise<Containers | undefined> {
  try {
    return await import('testcontainers');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
