import { Fault } from '../../kernel/index.ts';
import { JOURNAL_DIR_OPTION, textOption, type CliCommand } from '../command.ts';
import { contextOf, journalDirectoryOf } from '../context-of.ts';
import type { Io } from '../io.ts';

export const closeCommand: CliCommand = {
  name: 'close',
  summary: 'close a run as it is: a person takes over',
  operands: ['<run>'],
  options: [
    { flags: '--because <text>', describe: 'why; it is recorded' },
    { flags: '--url <url>', describe: "the run's journal is lost: close it in this server's own record" },
    JOURNAL_DIR_OPTION,
  ],
  examples: [
    'snapback close 7f3k --because "restored by hand from the backup of Monday"',
    'snapback close 7f3k --url mysql://root@db1 --because "the CI machine is gone, the data were looked at"',
  ],
  exitCodes: [0, 8, 12, 13],

  async run([run], options, io) {
    const url = textOption(options, 'url');
    const because = textOption(options, 'because')?.trim() ?? '';
    if (because === '') throw new Fault('USAGE', 'close needs --because TEXT: what you know goes into the record');
    if (url !== undefined) return closeOnServer(url, run, because, io);
    const { closeRun } = await import('../working.ts');
    const journalDirectory = journalDirectoryOf(options, io);
    const closed = await closeRun({ run, journalDirectory, because }, await contextOf(io));
    io.stderr.write(`Run ${closed.run} is closed. Nothing was touched; its snapshots stay.\n${closed.serverRecord}\n`);
    return 0;
  },
};

async function closeOnServer(url: string, wanted: string | undefined, because: string, io: Io): Promise<number> {
  const { closeFromRecord, recordedRun } = await import('../working.ts');
  const context = await contextOf(io);
  const recorded = await recordedRun(url, wanted, context);
  await closeFromRecord(url, recorded, because, context);
  io.stderr.write(
    `Run ${recorded.row.run} is closed in the record of that server, which keeps who did it and why.\n` +
      'Nothing was touched; its snapshots stay. Other runs may use its scope.\n',
  );
  return 0;
}
