import { Fault } from '../../kernel/index.ts';
import { JOURNAL_DIR_OPTION, JSON_OPTION, QUIET_OPTION, type CliCommand, type OptionValues } from '../command.ts';
import { contextOf, journalDirectoryOf } from '../context-of.ts';
import { displayOf } from '../display.ts';
import type { Io } from '../io.ts';

export const rollbackCommand: CliCommand = {
  name: 'rollback',
  summary: "bring a run's data back and prove it (default: the newest open run)",
  operands: ['[run]'],
  options: [
    { flags: '--yes', describe: 'do not ask' },
    {
      flags: '--discard-later-writes',
      describe: 'for a committed run: what was written since is lost, and that is meant',
    },
    JOURNAL_DIR_OPTION,
    JSON_OPTION,
    QUIET_OPTION,
  ],
  examples: ['snapback rollback', 'snapback rollback 7f3k --yes'],
  exitCodes: [0, 5, 6, 7, 8, 9, 12, 13],

  async run([wanted], options, io) {
    const { rollbackRun, describeRun } = await import('../working.ts');
    const journalDirectory = journalDirectoryOf(options, io);
    const { run, summary } = await describeRun(journalDirectory, wanted);
    if (!(await isMeant(summary, options, io))) return 13;
    const display = await displayOf(options, io);
    try {
      const discardLaterWrites = options['discardLaterWrites'] === true;
      const context = await contextOf(io, display.listeners);
      return display.conclude(await rollbackRun({ run, journalDirectory, discardLaterWrites }, context));
    } finally {
      display.close();
    }
  },
};

async function isMeant(summary: string, options: OptionValues, io: Io): Promise<boolean> {
  if (options['yes'] === true) return true;
  if (!io.isInteractive)
    throw new Fault('USAGE', 'rollback asks before it acts, and there is no terminal', { hint: 'Add --yes.' });
  io.stderr.write(`${summary}\nEverything that its snapshots cover goes back to how it was when they were taken.\n`);
  const answer = await io.ask('Roll it back? [y/N] ');
  return /^y(es)?$/i.test(answer.trim());
}
