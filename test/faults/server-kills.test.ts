// The server of a run is killed with SIGKILL at random moments and comes back. The long form:
//   SNAPBACK_SERVER_KILLS=50 npm run test:servers -- server-kills

import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type RunningServer } from '../../src/servers/index.ts';
import { describeEachEngine } from '../support/servers.ts';
import { killTrial, PHASES, undisturbed } from './kill-trial.ts';
import { randomFrom } from './random-from.ts';

const KILLS = Number(process.env['SNAPBACK_SERVER_KILLS'] ?? 4);
const SEED = Number(process.env['SNAPBACK_SEED'] ?? 1);

describeEachEngine(
  ({ engine, label }) => {
    let server: RunningServer;

    beforeAll(async () => {
      server = await startServer({ engine, env: process.env });
    });
    afterAll(() => server.stop());

    test(
      `${KILLS} runs whose server is killed at random moments end, resumed, as they are told, with nothing left`,
      async () => {
        const random = randomFrom(SEED);
        const usual = await undisturbed(server, 'rolls back');
        const phases = PHASES['rolls back'];
        const told: string[] = [];
        for (let at = 0; at < KILLS; at += 1) {
          const phase = phases[(at * 3) % phases.length] ?? 'steps/before';
          const trial = { ending: 'rolls back', phase, part: random() * 0.9, secondKillMs: undefined } as const;
          const end = await killTrial(server, trial, usual, { victim: server });
          told.push(`${end.cutIn}: ${end.told}`);
          expect({ ...trial, ...end }).toEqual({ ...trial, ...end, lies: [] });
        }
        process.stderr.write(`${label} killed, under way: told in the end\n  ${told.join('\n  ')}\n`);
      },
      KILLS * 60_000 + 120_000,
    );
  },
  { engines: ['mariadb', 'mysql'], origins: ['binary'] },
);
