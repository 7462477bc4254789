// Real runs over connections that are cut at random statements. The long form:
//   SNAPBACK_CUTS=300 npm run test:servers -- cut-connections

import { expect, test } from 'vitest';
import { CUTS } from '../support/cutting-proxy.ts';
import { describeEachEngine } from '../support/servers.ts';
import type { Ending } from './kill-trial.ts';
import { proxiedTrials } from './proxied-trials.ts';

const TRIALS = Number(process.env['SNAPBACK_CUTS'] ?? 6);
const SEED = Number(process.env['SNAPBACK_SEED'] ?? 1);
const ENDINGS: readonly Ending[] = ['rolls back', 'commits'];

describeEachEngine(
  (server) => {
    test(
      `${TRIALS} runs over connections that are cut end, resumed, as they are told, with no effect twice`,
      async () => {
        const trials = await proxiedTrials(server, SEED);
        for (let at = 0; at < TRIALS; at += 1) {
          const cut = CUTS[at % CUTS.length] ?? 'unsent';
          const { ending, after, cutIn, end } = await trials.disturb(
            ENDINGS[Math.floor(at / CUTS.length) % 2] ?? 'commits',
            cut,
          );
          trials.count(`${cut} ${cutIn}: ${end.told}`);
          expect({ ending, cut, after, cutIn, ...end }).toEqual({ ending, cut, after, cutIn, ...end, lies: [] });
        }
        trials.tell('cut');
      },
      TRIALS * 40_000 + 120_000,
    );
  },
  { origins: ['binary', 'url'] },
);
