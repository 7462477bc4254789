// Starts one server per engine for a whole vitest run. Which ones:
//   SNAPBACK_TEST_ENGINES=mariadb          leaves out the others (they are named as not tried)
//   SNAPBACK_REQUIRE_ENGINES=mariadb,mysql fails where one of these cannot be started

import type { TestProject } from 'vitest/node';
import { findServers, SERVER_ENGINES, startServer, type RunningServer } from '../../src/servers/index.ts';
import type { TestServer } from './servers.ts';

interface NotTried {
  readonly engine: string;
  readonly reason: string;
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { engines, notTried } = await chooseEngines();
  const required = listOf(process.env['SNAPBACK_REQUIRE_ENGINES']);
  const missing = notTried.filter(({ engine }) => required.includes(engine));
  if (missing.length > 0) throw new Error(`required by SNAPBACK_REQUIRE_ENGINES, but missing: ${sentence(missing)}`);
  if (notTried.length > 0) process.stderr.write(`engines not tried: ${sentence(notTried)}\n`);

  const started = await Promise.allSettled(engines.map((engine) => startServer({ engine, env: process.env })));
  const servers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stopAll = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  const failed = started.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await stopAll();
    throw failed.reason;
  }
  project.provide('servers', servers.map(describeServer));
  return stopAll;
}

async function chooseEngines() {
  const chosen = listOf(process.env['SNAPBACK_TEST_ENGINES']);
  const notTried: NotTried[] = [];
  const engines = SERVER_ENGINES.filter((engine) => chosen.length === 0 || chosen.includes(engine));
  for (const engine of SERVER_ENGINES) {
    if (!engines.includes(engine)) notTried.push({ engine, reason: 'left out by SNAPBACK_TEST_ENGINES' });
  }
  const found = await findServers(process.env);
  const startable = engines.filter((engine) => {
    const server = found.find((one) => one.engine === engine);
    if (server?.kind === 'missing') notTried.push({ engine, reason: server.reason });
    return server?.kind !== 'missing';
  });
  return { engines: startable, notTried };
}

function describeServer({ engine, label, url, origin }: RunningServer): TestServer {
  return { engine, label, url, origin };
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function sentence(engines: readonly NotTried[]): string {
  return engines.map(({ engine, reason }) => `${engine} (${reason})`).join(', ');
}
