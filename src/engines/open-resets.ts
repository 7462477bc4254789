import { Fault, type Secret } from '../kernel/index.ts';
import { openEngine } from './open-engine.ts';
import type { EngineOptions } from './port.ts';
import type { ResettableServer } from './reset-port.ts';
import { parseConnectionUrl } from './wire/connection-url.ts';
import { wireConnector } from './wire/wire-connector.ts';

/** Logs in as `openEngine` does. @throws {Fault} as `openEngine` */
export async function openResets(url: Secret, options: EngineOptions, signal: AbortSignal): Promise<ResettableServer> {
  const engine = await openEngine(url, options, signal);
  const { flavour, version } = engine;
  if (flavour === 'matrixone') return { engine, resets: undefined, close: () => engine.close() };
  const parsed = parseConnectionUrl(url.reveal());
  if (parsed.kind === 'err') throw new Fault('USAGE', parsed.problem);
  const connector = wireConnector(parsed.value, options);
  const { familyResets } = await import('./mysql-family/resetting/resets.ts');
  return {
    engine,
    resets: familyResets({ connector, flavour, version }),
    close: async () => {
      await connector.closeAll();
      await engine.close();
    },
  };
}
