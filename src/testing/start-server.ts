import { env } from 'node:process';
import { startServer as start, type RunningServer, type ServerRequest } from '../servers/index.ts';

/** `engine` and `version` say which; left out, whichever can be started, MariaDB first. */
export type StartServerOptions = Omit<ServerRequest, 'env'> & Partial<Pick<ServerRequest, 'env'>>;

/**
 * A private throw-away server: the one that a URL in the environment names, else a program of this machine, else a
 * container. It and its data are gone after `stop`, and when this process ends in any way.
 *
 * @throws {Fault} NO_SERVER with the command that installs one here; TIMEOUT
 */
export function startServer(options: StartServerOptions = {}): Promise<RunningServer> {
  return start({ env, ...options });
}
