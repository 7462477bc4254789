import { JOURNAL_DIR_OPTION, JSON_OPTION, QUIET_OPTION, type CliCommand } from '../../command.ts';
import { contextOf, journalDirectoryOf } from '../../context-of.ts';
import { displayOf } from '../../display.ts';
import { isMeant, LOGIN_OPTIONS, loginOf, NAME_OPTION, nameOf, YES_OPTION } from './shared.ts';

export const dropCommand: CliCommand = {
  name: 'drop',
  summary: 'remove a snapshot; what it holds can then no longer be restored',
  operands: [],
  options: [...LOGIN_OPTIONS, NAME_OPTION, YES_OPTION, JOURNAL_DIR_OPTION, JSON_OPTION, QUIET_OPTION],
  examples: ['snapback snapshot drop --sname before_release --yes'],
  exitCodes: [0, 2, 4, 5, 6, 9, 12, 13],

  async run(_operands, options, io) {
    const name = nameOf(options, 'drop');
    const { dropSnapshots, previewDrop } = await import('../../working.ts');
    const url = await loginOf(options, io);
    const info = await previewDrop(url, name, await contextOf(io));
    const preview = `Snapshot ${info.name}, taken ${info.takenAt}: what it holds can then no longer be restored.`;
    if (!(await isMeant(preview, 'Drop it?', options, io))) return 13;
    const display = await displayOf(options, io);
    try {
      const context = await contextOf(io, display.listeners);
      const journalDirectory = journalDirectoryOf(options, io);
      const request = { url, journalDirectory, names: [info.name], command: 'snapshot drop' };
      return display.conclude(await dropSnapshots(request, context));
    } finally {
      display.close();
    }
  },
};
