import { onTestFinished } from 'vitest';
import { detectServer, openEngine } from '../../src/engines/index.ts';
import type { Engine, EngineOptions, SessionIdentity } from '../../src/engines/index.ts';
import { matrixoneEngine } from '../../src/engines/matrixone/engine.ts';
import { Fault, newRunId, Secret, systemEntropy, type RunId } from '../../src/kernel/index.ts';
import { taping, type Taping } from './taping.ts';

export const never = new AbortController().signal;

export function freshRun(): RunId {
  return newRunId(systemEntropy);
}

/** An engine on that login, closed when the running test has finished. */
export async function testEngine(url: string, options: Partial<EngineOptions> = {}): Promise<Engine> {
  const full = { onSessionOpened: options.onSessionOpened ?? (async () => undefined), run: options.run };
  const taped = taping();
  const engine = taped === undefined ? openEngine(new Secret(url), full, never) : tapedEngine(url, full, taped);
  const opened = await engine;
  onTestFinished(() => opened.close());
  return opened;
}

/** As `openEngine` does it, by way of a recording; only MatrixOne is recorded. */
async function tapedEngine(url: string, options: EngineOptions, { connect }: Taping): Promise<Engine> {
  const connector = connect(url, options);
  const { database } = connector.address;
  const session = await connector.open({ purpose: 'detection', database, announce: false, prologue: [] }, never);
  const { rows } = await session.query('SELECT version(), @@version_comment');
  await session.close();
  const detected = detectServer(rows[0]?.[0] ?? '', rows[0]?.[1] ?? '');
  if (detected.kind === 'err') throw new Error(detected.problem);
  return matrixoneEngine(connector, detected.value, options, never);
}

/** Takes down what an engine announces. */
export function announcements(): {
  readonly seen: { readonly identity: SessionIdentity; readonly purpose: string }[];
  readonly onSessionOpened: EngineOptions['onSessionOpened'];
} {
  const seen: { identity: SessionIdentity; purpose: string }[] = [];
  return {
    seen,
    onSessionOpened: async (identity, purpose) => {
      seen.push({ identity, purpose });
    },
  };
}

/** The fault that `work` ends with; anything else fails the test. */
export async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const outcome = await work.then(
    () => new Error('expected a fault, and there was none'),
    (error: unknown) => error,
  );
  if (outcome instanceof Fault) return outcome;
  throw outcome;
}
