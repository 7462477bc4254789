import { Fault, silentLog } from '../kernel/index.ts';
import { startContainer } from './container.ts';
import { findServer, IMAGE_VARIABLES, URL_VARIABLES } from './find-servers.ts';
import { startLocalServer } from './local-server.ts';
import { logIn } from './log-in.ts';
import { ENGINE_LABELS, SERVER_ENGINES, type FoundServer, type RunningServer, type ServerRequest } from './types.ts';

/**
 * Gives a server of one's own: the one a URL in the environment names, else a container of the image named there, else
 * a program of this machine started in a temporary directory on a loopback port, else a container. It and its data are
 * gone after `stop`, and also when this process ends in any way, SIGKILL included; a server given by URL is left alone.
 *
 * @throws {Fault} NO_SERVER with the command that installs one here, or with the end of the log of one that does not
 *   start; TIMEOUT; SERVER_UNREACHABLE and LOGIN_REFUSED for a URL
 */
export async function startServer(request: ServerRequest): Promise<RunningServer> {
  const found = await firstFound(request);
  const { env, log = silentLog, signal } = request;
  switch (found.kind) {
    case 'url':
      return givenServer(found, signal);
    case 'binary':
      return startLocalServer({ binary: found, env, log }, signal);
    case 'docker':
      return startContainer({ engine: found.engine, image: found.image, log }, signal);
  }
}

type Startable = Exclude<FoundServer, { kind: 'missing' }>;

async function firstFound({ engine, version, env, signal }: ServerRequest): Promise<Startable> {
  const engines = engine === undefined ? SERVER_ENGINES : [engine];
  // Someone who names a server in the environment wants that one, whatever else is there.
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  const named = engines.filter((one) => isSet(URL_VARIABLES[one]) || isSet(IMAGE_VARIABLES[one]));
  let missing: FoundServer | undefined;
  let docker: Startable | undefined;
  for (const one of [...new Set([...named, ...engines])]) {
    const found = await findServer({ engine: one, version, env }, signal);
    const isWanted = found.kind === 'docker' && named.includes(one);
    if (found.kind === 'url' || found.kind === 'binary' || isWanted) return found;
    if (found.kind === 'docker') docker ??= found;
    else missing ??= found;
  }
  if (docker !== undefined) return docker;
  throw noServer(missing);
}

function noServer(missing: FoundServer | undefined): Fault {
  if (missing?.kind !== 'missing') return new Fault('NO_SERVER', 'no server was looked for');
  return new Fault(
    'NO_SERVER',
    `no ${ENGINE_LABELS[missing.engine]} can be started here: ${missing.reason}. To install one: ${missing.install}`,
  );
}

async function givenServer(found: Extract<FoundServer, { kind: 'url' }>, signal?: AbortSignal): Promise<RunningServer> {
  const refuse = async (): Promise<never> => {
    throw new Fault('GUARD_REFUSED', `the server that ${found.variable} names is not ours to end`, {
      hint: 'Unset the variable to get a private server.',
    });
  };
  return {
    engine: found.engine,
    label: await logIn(found.url, signal),
    url: found.url,
    origin: 'url',
    stop: async () => undefined,
    kill: refuse,
    restart: refuse,
  };
}
