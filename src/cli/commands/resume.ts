import { Fault } from '../../kernel/index.ts';
import { JOURNAL_DIR_OPTION, JSON_OPTION, QUIET_OPTION, listOption, type CliCommand } from '../command.ts';
import { contextOf, journalDirectoryOf } from '../context-of.ts';
import { displayOf } from '../display.ts';

export const resumeCommand: CliCommand = {
  name: 'resume',
  summary: 'go on with a run that was interrupted, killed or is stuck (default: the newest open one)',
  operands: ['[run]'],
  options: [
    {
      flags: '--settle <step=done|undone>',
      describe: 'say what happened to a step that is in doubt; may be repeated',
      isRepeatable: true,
    },
    JOURNAL_DIR_OPTION,
    JSON_OPTION,
    QUIET_OPTION,
  ],
  examples: ['snapback resume', 'snapback resume 7f3k', 'snapback resume 7f3k --settle migrate=done'],
  exitCodes: [0, 4, 5, 6, 7, 8, 9, 11, 12, 13],

  async run([run], options, io) {
    const { resumeRun } = await import('../working.ts');
    const display = await displayOf(options, io);
    try {
      const settle = listOption(options, 'settle').map(settlementOf);
      const journalDirectory = journalDirectoryOf(options, io);
      const result = await resumeRun({ run, journalDirectory, settle }, await contextOf(io, display.listeners));
      return display.conclude(result);
    } finally {
      display.close();
    }
  },
};

function settlementOf(text: string): { readonly step: string; readonly as: 'done' | 'undone' } {
  const [step = '', as] = text.split('=');
  if (step !== '' && (as === 'done' || as === 'undone')) return { step, as };
  throw new Fault('USAGE', `--settle ${text}: write it as --settle STEP=done or --settle STEP=undone`);
}
