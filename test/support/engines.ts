import { onTestFinished } from 'vitest';
import { openEngine, type Engine, type EngineOptions, type SessionIdentity } from '../../src/engines/index.ts';
import { Fault, newRunId, Secret, systemEntropy, type RunId } from '../../src/kernel/index.ts';

export const never = new AbortController().signal;

export function freshRun(): RunId {
  return newRunId(systemEntropy);
}

/** An engine on that login, closed when the running test has finished. */
export async function testEngine(url: string, options: Partial<EngineOptions> = {}): Promise<Engine> {
  const engine = await openEngine(
    new Secret(url),
    { onSessionOpened: options.onSessionOpened ?? (async () => undefined), run: options.run },
    never,
  );
  onTestFinished(() => engine.close());
  return engine;
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
