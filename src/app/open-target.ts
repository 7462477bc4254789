import { openEngine, type Engine } from '../engines/index.ts';
import { Secret } from '../kernel/index.ts';

/**
 * Opens a server by its URL, for scripts of your own. Close it when done.
 *
 * @throws {Fault} SERVER_UNREACHABLE, LOGIN_REFUSED, UNKNOWN_DATABASE, UNSUPPORTED_SERVER
 */
export function openTarget(url: string, signal: AbortSignal = new AbortController().signal): Promise<Engine> {
  return openEngine(new Secret(url), { onSessionOpened: () => Promise.resolve(), run: undefined }, signal);
}
