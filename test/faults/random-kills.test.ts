// Real runs, killed at random moments. The long form, which is what a release is judged by:
//   npm run torture -- --kills 300

import { expect, test } from 'vitest';
import { describeEachEngine, ownHome } from '../support/servers.ts';
import { killTable, nextTrial, type Kill } from './kill-table.ts';
import { killTrial, undisturbed } from './kill-trial.ts';
import { randomFrom } from './random-from.ts';

const KILLS = Number(process.env['SNAPBACK_KILLS'] ?? 8);
const SEED = Number(process.env['SNAPBACK_SEED'] ?? 1);

describeEachEngine(
  (server) => {
    test(
      `${KILLS} runs killed at random moments end, resumed, as they are told, with no effect twice and nothing left`,
      async () => {
        const home = await ownHome(server);
        const usual = {
          commits: await undisturbed(home, 'commits'),
          'rolls back': await undisturbed(home, 'rolls back'),
        };
        expect([usual.commits.code, usual['rolls back'].code, usual['rolls back'].isBefore]).toEqual([0, 4, true]);
        const random = randomFrom(SEED);
        const kills: Kill[] = [];
        while (kills.length < KILLS) {
          const trial = nextTrial(server, kills, random);
          const end = await killTrial(home, trial, usual[trial.ending], { blockerUrl: server.url });
          kills.push({ trial, end });
          if (end.lies.length > 0) process.stderr.write(`kill ${kills.length}: ${JSON.stringify({ trial, end })}\n`);
          if (KILLS > 50 && kills.length % 25 === 0) process.stderr.write(`${killTable(server.label, kills)}\n`);
        }
        process.stderr.write(`${killTable(server.label, kills)}\n`);
        expect(kills.filter(({ end }) => end.lies.length > 0)).toEqual([]);
      },
      KILLS * 40_000 + 120_000,
    );
  },
  { origins: ['binary', 'url'] },
);
