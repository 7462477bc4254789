// A run, or the server, is killed while a RESTORE stands in the server's list of processes: it goes on without its
// client and commits seconds later, so that "unknown" means "may still happen".
// SNAPBACK_KILLS=20 npx vitest run ... test/faults/matrixone-kills.test.ts   the long form: so many of each, 40 tables

import { expect, test } from 'vitest';
import { startServer } from '../../src/servers/index.ts';
import { workFolder } from '../support/cli.ts';
import { FAILING_PLAN, manyTables, restoresIn, resumeAndWatch, runToRestore } from '../support/restore-kills.ts';
import type { TrialEnd } from '../support/restore-kills.ts';
import { createDatabase, databaseUrl, describeEachEngine, logicalDump } from '../support/servers.ts';
import { openClient, runStatements } from '../support/servers.ts';

const LONG = Number(process.env['SNAPBACK_KILLS'] ?? '0');
const KILLS = LONG > 0 ? LONG : 2;
const TABLES = LONG > 0 ? 40 : 12;
const TIMEOUT_MS = 120_000 + KILLS * 90_000;

/** A trial that went wrong ends the test: what comes after it would only say what it left behind. */
function checked(trial: TrialEnd): TrialEnd {
  if (LONG > 0) process.stdout.write(`${JSON.stringify(trial)}\n`);
  const well = { resumeCode: 4, verdict: 'rolled back and proven', isBefore: true, isStill: true };
  expect(trial).toEqual({ stood: trial.stood, ...well });
  return trial;
}

function expectAllHit(trials: readonly TrialEnd[]): void {
  expect(trials.filter(({ stood }) => stood).length).toEqual(KILLS);
}

describeEachEngine(
  (server) => {
    test(
      'a client killed with a RESTORE under way is resumed to the truth, and nothing happens afterwards',
      async () => {
        const { name, url } = await createDatabase(server, 'killed');
        await runStatements(url, manyTables(TABLES));
        const before = await logicalDump(url, [name]);
        const client = await openClient(server.url);
        const trials: TrialEnd[] = [];
        for (let at = 0; at < KILLS; at += 1) {
          const folder = workFolder(FAILING_PLAN);
          const run = await runToRestore(folder, url, client);
          // Killed in its wait for a writer, or at work, or left to end by itself: `resume` then finds its work done.
          const going = at % 4 === 2 ? run.letGo() : undefined;
          await run.kill();
          const stood = (await restoresIn(client)) > 0;
          await (going ?? run.letGo());
          while (at % 4 === 1 && (await restoresIn(client)) > 0);
          trials.push(checked({ stood, ...(await resumeAndWatch(folder, { name, url }, before)) }));
        }
        await client.close();
        expectAllHit(trials);
      },
      TIMEOUT_MS,
    );
  },
  { engines: ['matrixone'] },
);

describeEachEngine(
  () => {
    test(
      'a server killed with a RESTORE under way comes back with all or nothing of it, and the run is resumed',
      async () => {
        const server = await startServer({ engine: 'matrixone', env: process.env });
        try {
          const name = 'killed';
          await runStatements(server.url, [`CREATE DATABASE ${name}`]);
          const url = databaseUrl(server.url, name);
          await runStatements(url, manyTables(TABLES));
          const before = await logicalDump(url, [name]);
          const trials: TrialEnd[] = [];
          for (let at = 0; at < KILLS; at += 1) {
            const folder = workFolder(FAILING_PLAN);
            const client = await openClient(server.url);
            const run = await runToRestore(folder, url, client);
            // At work, mostly: its writer has committed. Otherwise the writer dies with the server.
            if (at % 4 !== 0) await run.letGo();
            const stood = (await restoresIn(client)) > 0;
            await server.kill();
            const code = await run.ended;
            await server.restart();
            const end = await resumeAndWatch(folder, { name, url }, before);
            // What the run itself said when its server was gone has to be true too.
            trials.push(checked({ stood, ...end, verdict: code === 6 ? end.verdict : `exit ${code ?? 'none'}` }));
          }
          expectAllHit(trials);
        } finally {
          await server.stop();
        }
      },
      TIMEOUT_MS,
    );
  },
  { engines: ['matrixone'], origins: ['binary'] },
);
