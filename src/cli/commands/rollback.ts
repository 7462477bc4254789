import { Fault, stripControl } from '../../kernel/index.ts';
import { JOURNAL_DIR_OPTION, JSON_OPTION, QUIET_OPTION, textOption } from '../command.ts';
import type { CliCommand, OptionValues } from '../command.ts';
import { contextOf, journalDirectoryOf } from '../context-of.ts';
import { displayOf } from '../display.ts';
import type { Io } from '../io.ts';
import type { WorkResult } from '../../app/work-on-run.ts';

type Context = Awaited<ReturnType<typeof contextOf>>;

export const rollbackCommand: CliCommand = {
  name: 'rollback',
  summary: "bring a run's data back and prove it (default: the newest open run)",
  operands: ['[run]'],
  options: [
    { flags: '--url <url>', describe: "go by this server's own record: the run's journal is not here" },
    { flags: '--yes', describe: 'do not ask' },
    {
      flags: '--discard-later-writes',
      describe: 'for a committed run: what was written since is lost, and that is meant',
    },
    JOURNAL_DIR_OPTION,
    JSON_OPTION,
    QUIET_OPTION,
  ],
  examples: ['snapback rollback', 'snapback rollback 7f3k --yes', 'snapback rollback 7f3k --url "$DATABASE_URL"'],
  exitCodes: [0, 5, 6, 7, 8, 9, 12, 13],

  async run([wanted], options, io) {
    const url = textOption(options, 'url');
    const way = url === undefined ? await fromJournal(wanted, options, io) : await fromRecord(url, wanted, options, io);
    if (!(await isMeant(way, options, io))) return 13;
    const display = await displayOf(options, io);
    try {
      return display.conclude(await way.go(await contextOf(io, display.listeners)));
    } finally {
      display.close();
    }
  },
};

interface WayBack {
  readonly summary: string;
  /** What it would destroy, as lines; read only when somebody is asked. */
  readonly preview: (context: Context) => Promise<readonly string[]>;
  readonly go: (context: Context) => Promise<WorkResult>;
}

async function fromJournal(wanted: string | undefined, options: OptionValues, io: Io): Promise<WayBack> {
  const { previewRollback, rollbackRun, describeRun } = await import('../working.ts');
  const journalDirectory = journalDirectoryOf(options, io);
  const { run, summary } = await describeRun(journalDirectory, wanted);
  const discardLaterWrites = options['discardLaterWrites'] === true;
  return {
    summary,
    preview: (context) => previewRollback(journalDirectory, run, context),
    go: (context) => rollbackRun({ run, journalDirectory, discardLaterWrites }, context),
  };
}

async function fromRecord(url: string, wanted: string | undefined, options: OptionValues, io: Io): Promise<WayBack> {
  const { localRuns, previewFromRecord, recordedRun, rollbackFromRecord } = await import('../working.ts');
  const journalDirectory = journalDirectoryOf(options, io);
  const recorded = await recordedRun(url, wanted, await contextOf(io));
  const { run } = recorded.row;
  if ((await localRuns(journalDirectory)).some((local) => local.run === run)) return fromJournal(run, options, io);
  const discardLaterWrites = options['discardLaterWrites'] === true;
  const unseen = 'What a program of that run may still be doing cannot be seen from here: end it first.';
  return {
    summary: `${recorded.summary}\n${unseen}`,
    preview: (context) => previewFromRecord(url, recorded.snapshots, context),
    go: (context) => rollbackFromRecord({ url, recorded, journalDirectory, discardLaterWrites }, context),
  };
}

async function isMeant({ summary, preview }: WayBack, options: OptionValues, io: Io): Promise<boolean> {
  if (options['yes'] === true) return true;
  const lines = (await preview(await contextOf(io))).map((line) => `${stripControl(line)}\n`);
  io.stderr.write(`${summary}\n${lines.join('')}`);
  if (!io.isInteractive)
    throw new Fault('USAGE', 'rollback asks before it acts, and there is no terminal', { hint: 'Add --yes.' });
  io.stderr.write('Everything that its snapshots cover goes back to how it was when they were taken.\n');
  const answer = await io.ask('Roll it back? [y/N] ');
  return /^y(es)?$/i.test(answer.trim());
}
