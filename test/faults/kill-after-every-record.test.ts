import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { JournalRecord } from '../../src/journal/index.ts';
import { runNode, workFolder } from '../support/cli.ts';
import { countingPlan, hundredRows, LOSES_TEN, upgradePlan } from '../support/hundred-rows.ts';
import { describeEachEngine, logicalDump } from '../support/servers.ts';

const DRIVER = fileURLToPath(new URL('../support/run-until-record.mjs', import.meta.url));

function recordsIn(folder: string): readonly JournalRecord[] {
  const directory = join(folder, 'journals');
  const file = readdirSync(directory).find((name) => name.endsWith('.journal')) ?? '';
  const lines = readFileSync(join(directory, file), 'utf8').trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { record: JournalRecord }).record);
}

/** Statements sent alone that ended more than once: effects that happened twice. */
function repeated(records: readonly JournalRecord[]): readonly string[] {
  const alone = new Set(
    records.flatMap((one) => (one.kind === 'statement-intended' && one.is_alone ? [one.action] : [])),
  );
  const ended = records.flatMap((one) =>
    one.kind === 'statement-settled' && alone.has(one.action) ? [`${one.action} ${one.index}`] : [],
  );
  return ended.filter((one, at) => ended.indexOf(one) !== at);
}

describeEachEngine(
  (server) => {
    test.each([
      { ending: 'commits', files: upgradePlan(undefined), undisturbed: 'exit 0 committed' },
      { ending: 'commits a transaction', files: countingPlan(), undisturbed: 'exit 0 committed' },
      { ending: 'rolls back', files: upgradePlan(LOSES_TEN), undisturbed: 'exit 4 rolled-back' },
    ])(
      'a run that $ending, killed after any record and resumed, ends as undisturbed, or back, never guessing',
      async ({ files, undisturbed }) => {
        for (let records = 1; ; records += 1) {
          const { name, url } = await hundredRows(server);
          const folder = workFolder(files);
          const env = { DATABASE_URL: url };
          const before = await logicalDump(server.url, [name]);

          const first = await runNode([DRIVER, 'run', 'plan.yaml', 'journals', String(records)], folder, env);
          const cut = recordsIn(folder).at(-1);
          const isAlive = cut?.kind === 'run-closed' && first.stdout !== '';
          const last = isAlive ? first : await runNode([DRIVER, 'resume', '', 'journals', '0'], folder, env);

          const isBefore = (await logicalDump(server.url, [name])) === before;
          const isGuess = cut?.kind === 'statement-intended' && cut.is_alone;
          const told = isGuess ? 'exit 4 rolled-back' : undisturbed;
          expect({
            records,
            cut: cut?.kind,
            told: last.stdout.trim() === '' ? last.stderr : last.stdout.trim(),
            isBefore,
            repeated: repeated(recordsIn(folder)),
          }).toEqual({ records, cut: cut?.kind, told, isBefore: told !== 'exit 0 committed', repeated: [] });
          if (isAlive) {
            expect(records).toBeGreaterThan(10);
            return;
          }
        }
      },
      900_000,
    );
  },
  { origins: ['binary', 'url'] },
);
