// The machine of a run is gone, and its journal with it: the server's own record knows the way back.

import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { JournalRecord } from '../../src/journal/index.ts';
import { runNode, snapback, workFolder } from '../support/cli.ts';
import { hundredRows, LOSES_TEN, upgradePlan } from '../support/hundred-rows.ts';
import { describeEachEngine, logicalDump, openClient, type TestServer } from '../support/servers.ts';
import { untilUnderWay } from '../support/under-way.ts';

const RUN_UNTIL_RECORD = fileURLToPath(new URL('../support/run-until-record.mjs', import.meta.url));

interface RecordLine {
  readonly sequence: number;
  readonly record: JournalRecord;
}

function journalIn(folder: string): readonly RecordLine[] {
  const directory = join(folder, 'journals');
  const file = readdirSync(directory).find((name) => name.endsWith('.journal')) ?? '';
  const lines = readFileSync(join(directory, file), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as RecordLine);
}

/** How many records a run has written when that one is there; the same for every run of a plan. */
async function recordsUntil(
  server: TestServer,
  files: Readonly<Record<string, string>>,
  isMeant: (record: JournalRecord) => boolean,
): Promise<number> {
  const { url } = await hundredRows(server);
  const folder = workFolder(files);
  await runNode([RUN_UNTIL_RECORD, 'run', 'plan.yaml', 'journals', '0'], folder, { DATABASE_URL: url });
  const index = journalIn(folder).findIndex(({ record }) => isMeant(record));
  expect(index).toBeGreaterThan(0);
  return index + 1;
}

/** A run on 100 rows that was killed there, with its journal moved away to `away`. */
async function lostRun(server: TestServer, isMeant: (record: JournalRecord) => boolean) {
  const files = upgradePlan(LOSES_TEN);
  const records = await recordsUntil(server, files, isMeant);
  const { name, url } = await hundredRows(server);
  const before = await logicalDump(server.url, [name]);
  const folder = workFolder(files);
  await runNode([RUN_UNTIL_RECORD, 'run', 'plan.yaml', 'journals', String(records)], folder, { DATABASE_URL: url });
  const opened = journalIn(folder)[0]?.record;
  renameSync(join(folder, 'journals'), join(folder, 'away'));
  const run = opened?.kind === 'run-opened' ? opened.run : '';
  const rowOfRun = async (): Promise<string> => {
    const { stdout } = await snapback(['runs', '--url', url, '--json'], folder);
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { run: string; state: string });
    return rows.find((row) => row.run === run)?.state ?? 'unknown';
  };
  return { run, name, url, folder, before, rowOfRun };
}

const unwrapped = (text: string): string => text.replace(/\s+/g, ' ');
const lastLines = (text: string, count: number): readonly string[] => text.trim().split('\n').slice(-count);

describeEachEngine(
  (server) => {
    test('a run killed in its migration is rolled back and proven from the server’s record alone', async () => {
      const lost = await lostRun(server, (one) => one.kind === 'statement-settled' && one.index === 1);
      const { run, name, url, folder } = lost;
      expect((await logicalDump(server.url, [name])) === lost.before).toEqual(false);
      expect(await lost.rowOfRun()).toEqual('open');

      const back = await snapback(['rollback', run.slice(0, 6), '--url', url, '--yes', '--journal-dir', 'new'], folder);

      const after = await logicalDump(server.url, [name]);
      const shown = await snapback(['snapshot', 'show', '--url', url], folder);
      expect({
        code: back.code,
        isBefore: after === lost.before,
        row: await lost.rowOfRun(),
        snapshotIsLeft: shown.stdout.includes(run),
        verdict: lastLines(back.stderr, 2)[0]?.replace(/ at .*/, ''),
      }).toEqual({
        code: 0,
        isBefore: true,
        row: 'rolled-back',
        snapshotIsLeft: false,
        verdict: `Rolled back and proven: ${name} is as it was`,
      });
    }, 120_000);

    test('a run that took no snapshot has no way back, and is closed in the record by a person', async () => {
      const lost = await lostRun(server, (one) => one.kind === 'action-intended' && one.action === 'steps/before');
      const { run, url, folder } = lost;
      const back = await snapback(['rollback', run, '--url', url, '--yes', '--journal-dir', 'new'], folder);
      const unsaid = await snapback(['close', run, '--url', url], folder);
      const close = await snapback(['close', run, '--url', url, '--because', 'the machine is gone'], folder);
      const listed = await snapback(['runs', '--url', url, '--json'], folder);
      expect({
        back: [back.code, back.stderr.trim()],
        close: [unsaid.code, close.code],
        why: /closed by [^:]*: the machine is gone/.test(listed.stdout),
        row: await lost.rowOfRun(),
      }).toEqual({
        back: [
          13,
          `RUN_NOT_OPEN: the server holds no snapshot of run ${run}: there is nothing to go back to\n` +
            `  Look at the data, then \`snapback close ${run} --url .. --because TEXT\` lets other runs in.`,
        ],
        close: [2, 0],
        why: true,
        row: 'closed',
      });
    }, 120_000);

    test('a run taken back elsewhere does not go on where its journal turns up again', async () => {
      const lost = await lostRun(server, (one) => one.kind === 'statement-settled' && one.index === 1);
      const { run, name, url, folder } = lost;
      const env = { DATABASE_URL: url };
      const back = await snapback(['rollback', run, '--url', url, '--yes', '--journal-dir', 'new'], folder);

      const resume = await snapback(['resume', '--journal-dir', 'away'], folder, env);
      const again = await snapback(['rollback', run, '--yes', '--journal-dir', 'away'], folder, env);

      expect({
        codes: [back.code, resume.code, again.code],
        told: /was taken over: the server's record says that it is rolled-back/.test(unwrapped(resume.stderr)),
        isBefore: (await logicalDump(server.url, [name])) === lost.before,
        row: await lost.rowOfRun(),
      }).toEqual({ codes: [0, 13, 13], told: true, isBefore: true, row: 'rolled-back' });
    }, 120_000);

    test('a run closed elsewhere does not go on where its journal turns up again', async () => {
      const lost = await lostRun(server, (one) => one.kind === 'statement-settled' && one.index === 1);
      const { run, name, url, folder } = lost;
      const before = await logicalDump(server.url, [name]);
      await snapback(['close', run, '--url', url, '--because', 'I look after it'], folder);

      const resume = await snapback(['resume', '--journal-dir', 'away'], folder, { DATABASE_URL: url });

      expect({
        code: resume.code,
        told: /was taken over: .* says that it is closed \(closed by .*: I look after it\)/.test(
          unwrapped(resume.stderr),
        ),
        isUntouched: (await logicalDump(server.url, [name])) === before,
        row: await lost.rowOfRun(),
      }).toEqual({ code: 13, told: true, isUntouched: true, row: 'closed' });
    }, 120_000);
  },
  { origins: ['binary', 'url'] },
);

describeEachEngine(
  (server) => {
    test('a run whose process is alive is not taken back from elsewhere, and goes on undisturbed', async () => {
      const { name, url } = await hundredRows(server);
      const gate = `gate_${name}`;
      const folder = workFolder(upgradePlan(`SELECT GET_LOCK('${gate}', 100)`));
      const keeper = await openClient(server.url);
      onTestFinished(() => keeper.close());
      await keeper.query(`SELECT GET_LOCK('${gate}', 0)`);
      const running = snapback(['run', 'plan.yaml'], folder, { DATABASE_URL: url });
      await untilUnderWay(server.url, `'${gate}', 100)`, running);

      const back = await snapback(['rollback', '--url', url, '--yes', '--journal-dir', 'new'], folder);
      await keeper.query(`SELECT RELEASE_LOCK('${gate}')`);

      const { code } = await running;
      const told = /^SCOPE_BUSY: \S+ is locked by .*\n.*`KILL \d+` on the server frees the lock/s;
      expect({ refused: back.code, told: told.test(back.stderr), run: code }).toEqual({
        refused: 8,
        told: true,
        run: 0,
      });
    }, 120_000);
  },
  { engines: ['mariadb', 'mysql'], origins: ['binary', 'url'] },
);
