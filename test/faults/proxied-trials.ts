// Runs through a proxy that does something to one of their connections, each ended as a person would end it.

import { onTestFinished } from 'vitest';
import { snapback } from '../support/cli.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { ownHome, type TestServer } from '../support/servers.ts';
import { arranged, endOf, undisturbed, underWay, type Ending } from './kill-trial.ts';
import { randomFrom } from './random-from.ts';

/** What the proxy does to an answer. */
type Disturbance = Parameters<Awaited<ReturnType<typeof startCuttingProxy>>['arm']>[0];

export interface Disturbed {
  readonly ending: Ending;
  /** How many statements were answered before. */
  readonly after: number;
  readonly cutIn: string;
  readonly run: Awaited<ReturnType<typeof snapback>>;
  readonly end: Awaited<ReturnType<typeof endOf>>;
}

/** Runs on databases of a login of the test's own, disturbed at moments that follow from `seed`. */
export async function proxiedTrials(server: TestServer, seed: number) {
  const home = await ownHome(server);
  const proxy = await startCuttingProxy(home.url);
  onTestFinished(() => proxy.close());
  const through = { ...home, url: proxy.url };
  const usual = {
    commits: await undisturbed(through, 'commits'),
    'rolls back': await undisturbed(through, 'rolls back'),
  };
  const statements = proxy.sent() / 2;
  const random = randomFrom(seed);
  const tally = new Map<string, number>();
  return {
    random,
    disturb: async (ending: Ending, how: Disturbance): Promise<Disturbed> => {
      const after = Math.floor(random() * statements);
      const trial = await arranged(home, ending);
      const url = new URL(trial.url);
      url.port = new URL(proxy.url).port;
      const env = { DATABASE_URL: url.href };
      proxy.arm(how, after);
      const run = await snapback(['run', 'plan.yaml', '--journal-dir', 'journals'], trial.folder, env);
      const cutIn = underWay(trial.folder);
      proxy.arm('unsent', Number.POSITIVE_INFINITY);
      return { ending, after, cutIn, run, end: await endOf(home, { ...trial, env }, usual[ending]) };
    },
    count: (what: string): void => {
      tally.set(what, (tally.get(what) ?? 0) + 1);
    },
    /** Writes how often each thing was counted. */
    tell: (title: string): void => {
      const lines = [...tally].sort().map(([what, count]) => `  ${what} ${count}`);
      process.stderr.write(`${title} on ${server.label}: told in the end, how often\n${lines.join('\n')}\n`);
    },
  };
}
