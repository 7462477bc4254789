// Real runs, killed at random moments. The long form, which is what a release is judged by:
//   SNAPBACK_KILLS=300 npm run test:servers -- random-kills

import { expect, test } from 'vitest';
import { describeEachEngine, ownHome } from '../support/servers.ts';
import { killTrial, PHASES, undisturbed, type Ending, type Trial } from './kill-trial.ts';
import { randomFrom } from './random-from.ts';

const KILLS = Number(process.env['SNAPBACK_KILLS'] ?? 13);
const SEED = Number(process.env['SNAPBACK_SEED'] ?? 1);
const ENDINGS: readonly Ending[] = ['commits', 'rolls back'];

/** Every phase of either ending in turn, at a random moment of it. */
function trials(count: number, random: () => number): readonly Trial[] {
  const places = ENDINGS.flatMap((ending) => PHASES[ending].map((phase) => ({ ending, phase })));
  return Array.from({ length: count }, (_, at) => ({
    ...(places[at % places.length] ?? { ending: 'commits', phase: 'steps/before' }),
    part: random() * 1.1,
    secondKillMs: random() < 0.3 ? random() * 1_500 : undefined,
  }));
}

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
        const tally = new Map<string, number>();
        for (const trial of trials(KILLS, randomFrom(SEED))) {
          const { cutIn, told, lies } = await killTrial(home, trial, usual[trial.ending]);
          tally.set(`${cutIn}: ${told}`, (tally.get(`${cutIn}: ${told}`) ?? 0) + 1);
          expect({ ...trial, cutIn, told, lies }).toEqual({ ...trial, cutIn, told, lies: [] });
        }
        process.stderr.write(`${tableOf(server.label, tally)}\n`);
      },
      KILLS * 30_000 + 120_000,
    );
  },
  { origins: ['binary', 'url'] },
);

function tableOf(label: string, tally: ReadonlyMap<string, number>): string {
  const lines = [...tally].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, count]) => `  ${what} ${count}`);
  return [`killed on ${label}, under way: told in the end, how often`, ...lines].join('\n');
}
