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
  const parsed = parseConnectionUrl(url.reveal());
  if (parsed.kind === 'err') throw new Fault('USAGE', parsed.problem);
  const connector = wireConnector(parsed.value, options);
  const resets =
    flavour === 'matrixone'
      ? (await import('./matrixone/resetting/resets.ts')).matrixoneResets({ connector, engine })
      : (await import('./mysql-family/resetting/resets.ts')).familyResets({ connector, flavour, version });
  return {
    engine,
    resets,
    close: async () => {
      await connector.closeAll();
      await engine.close();
    },
  };
}
