import { JOURNAL_DIR_OPTION, JSON_OPTION, type CliCommand } from '../command.ts';
import { journalDirectoryOf } from '../context-of.ts';

export const statusCommand: CliCommand = {
  name: 'status',
  summary: 'tell where a run stands and what to type next (default: the newest open one)',
  operands: ['[run]'],
  options: [JOURNAL_DIR_OPTION, JSON_OPTION],
  examples: ['snapback status', 'snapback status 7f3k --json'],
  exitCodes: [0, 12, 13],

  async run([wanted], options, io) {
    const { readRun, renderJson, renderTerminal } = await import('../working.ts');
    const report = await readRun(journalDirectoryOf(options, io), wanted);
    if (options['json'] === true) io.stdout.write(renderJson(report));
    else io.stdout.write(renderTerminal(report, { columns: io.stdout.columns, color: io.hasColor && io.stdout.isTty }));
    return 0;
  },
};
