import { detectServer, parseConnectionUrl, wireConnector } from '../engines/index.ts';
import { Fault, systemClock } from '../kernel/index.ts';

const ATTEMPT_TIMEOUT_MS = 10_000;
const PAUSE_MS = 60;

/**
 * Logs in once, asks the server who it is, and leaves.
 *
 * @returns for people: `MariaDB 10.11.19`
 * @throws {Fault} USAGE, SERVER_UNREACHABLE, LOGIN_REFUSED, UNKNOWN_DATABASE, UNSUPPORTED_SERVER, CONNECTION_LOST
 */
export async function logIn(url: string, signal?: AbortSignal): Promise<string> {
  const options = parseConnectionUrl(url);
  if (options.kind === 'err') throw new Fault('USAGE', options.problem);
  const limit = AbortSignal.timeout(ATTEMPT_TIMEOUT_MS);
  const stop = signal === undefined ? limit : AbortSignal.any([limit, signal]);
  const connector = wireConnector(options.value, { onSessionOpened: async () => undefined, run: undefined });
  try {
    const session = await connector.open(
      { purpose: 'login', database: options.value.database, announce: false, prologue: [] },
      stop,
    );
    const { rows } = await session.query('SELECT version(), @@version_comment', { signal: stop });
    const detected = detectServer(rows[0]?.[0] ?? '', rows[0]?.[1] ?? '');
    if (detected.kind === 'err') throw new Fault('UNSUPPORTED_SERVER', detected.problem);
    return detected.value.label;
  } finally {
    await connector.closeAll();
  }
}

/**
 * Waits until a login over TCP works. A server may listen long before it lets anyone in.
 *
 * @param hasEnded whether to give up, because there is nobody left to wait for
 * @returns the label, or undefined when `hasEnded` said so
 * @throws {Fault} TIMEOUT with the last refusal as its cause
 */
export async function awaitLogin(
  request: { readonly url: string; readonly timeoutMs: number; readonly hasEnded: () => boolean },
  signal?: AbortSignal,
): Promise<string | undefined> {
  const deadline = systemClock.nowMs() + request.timeoutMs;
  for (;;) {
    if (request.hasEnded()) return undefined;
    try {
      return await logIn(request.url, signal);
    } catch (error) {
      // Any refusal may be over in a moment; what else is thrown is a bug.
      if (!(error instanceof Fault) || error.code === 'UNSUPPORTED_SERVER') throw error;
      signal?.throwIfAborted();
      if (systemClock.nowMs() > deadline) {
        const text = `no login after ${request.timeoutMs / 1_000} s: ${error.message}`;
        throw new Fault('TIMEOUT', text, { cause: error });
      }
    }
    await systemClock.sleep(PAUSE_MS, signal);
  }
}
