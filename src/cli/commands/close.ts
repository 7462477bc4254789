import { Fault } from '../../kernel/index.ts';
import { JOURNAL_DIR_OPTION, textOption, type CliCommand } from '../command.ts';
import { contextOf, journalDirectoryOf } from '../context-of.ts';

export const closeCommand: CliCommand = {
  name: 'close',
  summary: 'close a run as it is: a person takes over',
  operands: ['<run>'],
  options: [{ flags: '--because <text>', describe: 'why; it is recorded' }, JOURNAL_DIR_OPTION],
  examples: ['snapback close 7f3k --because "restored by hand from the backup of Monday"'],
  exitCodes: [0, 8, 12, 13],

  async run([run], options, io) {
    const because = textOption(options, 'because')?.trim() ?? '';
    if (because === '') throw new Fault('USAGE', 'close needs --because TEXT: what you know goes into the record');
    const { closeRun } = await import('../working.ts');
    const journalDirectory = journalDirectoryOf(options, io);
    const closed = await closeRun({ run, journalDirectory, because }, await contextOf(io));
    io.stderr.write(`Run ${closed.run} is closed. Nothing was touched; its snapshots stay.\n${closed.serverRecord}\n`);
    return 0;
  },
};
