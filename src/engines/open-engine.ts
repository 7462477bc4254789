import { Fault, unreachable, type Secret } from '../kernel/index.ts';
import { detectServer } from './detect-flavour.ts';
import type { Engine, EngineOptions, Flavour } from './port.ts';
import { parseConnectionUrl } from './wire/connection-url.ts';
import type { Connector, DetectedServer, EngineFactory } from './wire/connector.ts';
import { wireConnector } from './wire/wire-connector.ts';

/**
 * Logs in, asks the server what it is, and hands out the engine for it. Changes nothing on the server.
 *
 * @throws {Fault} USAGE for a URL that cannot be read; SERVER_UNREACHABLE, LOGIN_REFUSED, UNKNOWN_DATABASE;
 *   UNSUPPORTED_SERVER for a server that is too old.
 */
export async function openEngine(url: Secret, options: EngineOptions, signal: AbortSignal): Promise<Engine> {
  const parsed = parseConnectionUrl(url.reveal());
  if (parsed.kind === 'err') throw new Fault('USAGE', parsed.problem);
  const connector = wireConnector(parsed.value, options, signal);
  try {
    const server = await detect(connector, signal);
    const factory = await factoryOf(server.flavour);
    return await factory(connector, server, options, signal);
  } catch (error) {
    await connector.closeAll();
    throw error;
  }
}

async function detect(connector: Connector, signal: AbortSignal): Promise<DetectedServer> {
  const { database } = connector.address;
  const session = await connector.open({ purpose: 'detection', database, announce: false, prologue: [] }, signal);
  try {
    const { rows } = await session.query('SELECT version(), @@version_comment', { signal });
    const [version, comment] = rows[0] ?? [];
    const detected = detectServer(version ?? '', comment ?? '');
    if (detected.kind === 'err') throw new Fault('UNSUPPORTED_SERVER', detected.problem);
    return detected.value;
  } finally {
    await session.close();
  }
}

/** Each family is loaded only where it is met, to keep starting short. */
async function factoryOf(flavour: Flavour): Promise<EngineFactory> {
  switch (flavour) {
    case 'mysql':
    case 'mariadb':
      return (await import('./mysql-family/engine.ts')).mysqlFamilyEngine;
    case 'matrixone':
      return (await import('./matrixone/engine.ts')).matrixoneEngine;
    default:
      return unreachable(flavour);
  }
}
