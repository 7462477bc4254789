// A job that is cancelled, at any moment: what its post step leaves. SNAPBACK_LONG=1 tries every record of the journal
// instead of a few, in every mode, with every sequence of signals, and kills post steps as well.

import { describe, expect, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { GOOD, PROGRAM, guardedShop } from '../support/guarded-shop.ts';
import { LOSES_TEN, upgradePlan } from '../support/hundred-rows.ts';
import { cancelStep, GITHUB_SEQUENCE, Job, type CancelSequence } from '../support/runner.ts';
import { describeEachEngine, runStatements, type TestServer } from '../support/servers.ts';
import { untilUnderWay } from '../support/under-way.ts';

const IS_LONG = (process.env['SNAPBACK_LONG'] ?? '') !== '';
const HOUR_MS = 3_600_000;

/** GitHub's own, quicker; a step that obeys the first signal; one that is just killed. */
const SEQUENCES = {
  'SIGINT, SIGTERM, kill': { signals: GITHUB_SEQUENCE.signals, pausesMs: [100, 100] },
  SIGINT: { signals: ['SIGINT'], pausesMs: [] },
  kill: { signals: ['SIGKILL'], pausesMs: [] },
} as const satisfies Record<string, CancelSequence>;

const MODES = {
  'a command that loses rows': { command: `${GOOD}\nnode change.mjs "${LOSES_TEN}"`, rows: 'same' },
  'a plan that loses rows': { plan: 'plan.yaml' },
  'a command that is good': { command: GOOD, rows: 'same' },
  'guard: job': { guard: 'job', rows: 'same' },
} as const;

type Sequence = keyof typeof SEQUENCES;
type Mode = keyof typeof MODES;

/** What is wrong after a main step that was cancelled there, and its post step. */
async function afterCancel(server: TestServer, mode: Mode, sequence: Sequence, afterSyncs: number) {
  const { url, before, dump } = await guardedShop(server);
  const job = new Job({ DATABASE_URL: url }, { ...upgradePlan(LOSES_TEN), 'change.mjs': PROGRAM });
  const inputs = MODES[mode];
  const main = await job.main(inputs, { ...SEQUENCES[sequence], afterSyncs });
  const post = await job.post(inputs, 'cancelled');
  const isBefore = (await dump()) === before;
  const verdict = post.outputs['verdict'] ?? main.outputs['verdict'];
  // What was committed before the signal could do anything stays; everything else is taken back.
  const isAsSaid = verdict === 'committed' ? mode === 'a command that is good' && !isBefore : isBefore;
  const problem = post.code === 0 && isAsSaid ? undefined : { afterSyncs, main, post, isBefore };
  return { isCancelled: main.isCancelled, problem };
}

const POINTS: readonly (readonly [Sequence, number, Mode])[] = [
  // Before the journal has a record, and behind the proof, when the snapshot is being dropped.
  ['kill', 4, 'a command that loses rows'],
  ['kill', 36, 'a command that loses rows'],
  ['SIGINT', 22, 'a command that is good'],
  ['SIGINT', 6, 'a command that loses rows'],
  ['kill', 9, 'a plan that loses rows'],
  ['SIGINT, SIGTERM, kill', 12, 'a command that loses rows'],
  ['kill', 14, 'a command that loses rows'],
  ['SIGINT', 17, 'a command that loses rows'],
  ['kill', 20, 'a command that loses rows'],
  ['kill', 7, 'guard: job'],
];

describeEachEngine(
  (server) => {
    test('a program that ignores signals: the step ends before the second, the post step does the rest', async () => {
      const { url, before, dump } = await guardedShop(server);
      const job = new Job({ DATABASE_URL: url }, { 'change.mjs': PROGRAM });
      const slow = `node change.mjs "${LOSES_TEN}" "DO SLEEP(101)"`;
      const inputs = { command: `trap '' INT TERM HUP\n${slow}`, rows: 'same' };
      const main = job.start('main', inputs, 'success');
      await untilUnderWay(server.url, 'DO SLEEP(101)');
      const { sent, end } = await cancelStep(main, GITHUB_SEQUENCE);
      const post = await job.post(inputs, 'cancelled');
      expect({
        sent,
        codes: [end.code, post.code],
        verdicts: [end.outputs['verdict'], post.outputs['verdict']],
        dump: await dump(),
      }).toEqual({ sent: ['SIGINT'], codes: [6, 0], verdicts: ['open', 'rolled-back'], dump: before });
    });

    test('a step that is killed before it has begun anything: its post step has nothing to do', async () => {
      const { url, before, dump } = await guardedShop(server);
      const job = new Job({ DATABASE_URL: url });
      const { end } = await cancelStep(job.start('main', { guard: 'job' }, 'success'), SEQUENCES.kill);
      const post = await job.post({ guard: 'job' }, 'cancelled');
      expect({ codes: [end.code, post.code], commands: post.commands, dump: await dump() }).toEqual({
        codes: [null, 0],
        commands: [],
        dump: before,
      });
    });

    test('a post step that is killed in the middle of a restore: the run is taken back from anywhere', async () => {
      expect((await afterKilledPost(server, 8)).problem).toEqual(undefined);
    });
  },
  { engines: IS_LONG ? ['mariadb', 'mysql'] : ['mariadb'], origins: ['binary'] },
);

/** What is wrong after a post step that was killed there, and a rollback by hand on another machine. */
async function afterKilledPost(server: TestServer, afterSyncs: number) {
  const { url, before, dump } = await guardedShop(server);
  const job = new Job({ DATABASE_URL: url });
  const main = await job.main({ guard: 'job' });
  await runStatements(url, [LOSES_TEN]);
  const post = await job.post({ guard: 'job' }, 'failure', { afterSyncs, ...SEQUENCES.kill });
  const words = ['rollback', main.outputs['run-id'] ?? '', '--url', url, '--yes'];
  const { code, stderr } = await snapback(words, workFolder());
  const isBefore = (await dump()) === before;
  // Killed behind its proof, there is nothing to go back to any more, and that is what it says.
  const isOver = code === 13 && /is rolled-back: there is nothing|holds no snapshot of run/.test(stderr);
  const isWell = isBefore && (code === 0 || isOver || !post.isCancelled);
  return { isCancelled: post.isCancelled, problem: isWell ? undefined : { afterSyncs, post, code, stderr, isBefore } };
}

/** Tries one point after the other until the step has ended before the signal. */
async function problemsOf(
  attempt: (at: number) => Promise<{ readonly isCancelled: boolean; readonly problem: unknown }>,
) {
  const problems: unknown[] = [];
  let pointCount = 0;
  for (let at = 1; ; at += 1) {
    const { isCancelled, problem } = await attempt(at);
    if (problem !== undefined) problems.push(problem);
    if (!isCancelled) break;
    pointCount += 1;
  }
  process.stderr.write(`points: ${pointCount}\n`);
  return problems;
}

describe('a job that is cancelled', () => {
  describeEachEngine(
    (server) => {
      if (IS_LONG) {
        const all = Object.keys(MODES).flatMap((mode) => Object.keys(SEQUENCES).map((sequence) => [sequence, mode]));
        test.each(all as [Sequence, Mode][])(
          '%s after every record, %s: the post step leaves the data as it was',
          async (sequence, mode) => {
            expect(await problemsOf((at) => afterCancel(server, mode, sequence, at))).toEqual([]);
          },
          HOUR_MS,
        );
        test(
          'a post step that is killed after every record: the run is taken back from anywhere',
          async () => {
            expect(await problemsOf((at) => afterKilledPost(server, at))).toEqual([]);
          },
          HOUR_MS,
        );
        return;
      }
      test.each(POINTS)(
        '%s after record %i, %s: the post step leaves the data as it was',
        async (sequence, at, mode) => {
          expect(await afterCancel(server, mode, sequence, at)).toEqual({ isCancelled: true, problem: undefined });
        },
      );
    },
    { engines: IS_LONG ? ['mariadb', 'mysql'] : ['mariadb'], origins: ['binary'] },
  );
});
