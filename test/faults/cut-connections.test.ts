// Real runs over connections that are cut at random statements. The long form:
//   SNAPBACK_CUTS=300 npm run test:servers -- cut-connections

import { expect, onTestFinished, test } from 'vitest';
import { snapback } from '../support/cli.ts';
import { CUTS, startCuttingProxy } from '../support/cutting-proxy.ts';
import { describeEachEngine, ownHome } from '../support/servers.ts';
import { arranged, endOf, undisturbed, underWay, type Ending } from './kill-trial.ts';
import { randomFrom } from './random-from.ts';

const TRIALS = Number(process.env['SNAPBACK_CUTS'] ?? 6);
const SEED = Number(process.env['SNAPBACK_SEED'] ?? 1);
const ENDINGS: readonly Ending[] = ['rolls back', 'commits'];

describeEachEngine(
  (server) => {
    test(
      `${TRIALS} runs over connections that are cut end, resumed, as they are told, with no effect twice`,
      async () => {
        const home = await ownHome(server);
        const proxy = await startCuttingProxy(home.url);
        onTestFinished(() => proxy.close());
        const through = { ...home, url: proxy.url };
        const usual = {
          commits: await undisturbed(through, 'commits'),
          'rolls back': await undisturbed(through, 'rolls back'),
        };
        const statements = proxy.sent() / 2;
        const random = randomFrom(SEED);
        const tally = new Map<string, number>();
        for (let at = 0; at < TRIALS; at += 1) {
          const ending = ENDINGS[Math.floor(at / CUTS.length) % 2] ?? 'commits';
          const cut = CUTS[at % CUTS.length] ?? 'unsent';
          const after = Math.floor(random() * statements);
          const trial = await arranged(home, ending);
          const url = new URL(trial.url);
          url.port = new URL(proxy.url).port;
          const env = { DATABASE_URL: url.href };
          proxy.arm(cut, after);
          await snapback(['run', 'plan.yaml', '--journal-dir', 'journals'], trial.folder, env);
          const cutIn = underWay(trial.folder);
          proxy.arm('unsent', Number.POSITIVE_INFINITY);
          const end = await endOf(home, { ...trial, env }, usual[ending]);
          const what = `${cut} ${cutIn}: ${end.told}`;
          tally.set(what, (tally.get(what) ?? 0) + 1);
          expect({ ending, cut, after, cutIn, ...end }).toEqual({ ending, cut, after, cutIn, ...end, lies: [] });
        }
        const lines = [...tally].sort().map(([what, count]) => `  ${what} ${count}`);
        process.stderr.write(`cut on ${server.label}: told in the end, how often\n${lines.join('\n')}\n`);
      },
      TRIALS * 40_000 + 120_000,
    );
  },
  { origins: ['binary', 'url'] },
);
