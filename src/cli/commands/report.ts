import { resolve } from 'node:path';
import { Fault } from '../../kernel/index.ts';
import { JOURNAL_DIR_OPTION, textOption, type CliCommand, type OptionValues } from '../command.ts';
import { journalDirectoryOf } from '../context-of.ts';
import type { Io } from '../io.ts';

const FORMATS = ['html', 'markdown', 'json', 'junit'] as const;

export const reportCommand: CliCommand = {
  name: 'report',
  summary: 'write the report of a run, from its journal alone (default: the newest run)',
  operands: ['[run]'],
  options: [
    { flags: '--format <format>', describe: 'html, markdown, json or junit (default: markdown)' },
    { flags: '--output <file>', describe: 'write to this file instead of stdout' },
    { flags: '--hash <hash>', describe: 'check instead: which record of the journal carries the hash of a report' },
    JOURNAL_DIR_OPTION,
  ],
  examples: ['snapback report 7f3k --format html --output report.html', 'snapback report --format junit'],
  exitCodes: [0, 2, 12, 13],

  async run([wanted], options, io) {
    const hash = textOption(options, 'hash');
    if (hash !== undefined) return checkHash(hash, wanted, options, io);
    const format = FORMATS.find((one) => one === (textOption(options, 'format') ?? 'markdown'));
    if (format === undefined)
      throw new Fault('USAGE', `--format ${textOption(options, 'format') ?? ''}: it can be ${FORMATS.join(', ')}`);
    const { tellNewest, renderHtml, renderJson, renderJunit, renderMarkdown, writeReport } =
      await import('../working.ts');
    const { report, mermaid, draw } = await tellNewest(journalDirectoryOf(options, io), wanted);
    const markdown = (): string => renderMarkdown(report, mermaid === undefined ? {} : { mermaid });
    const text = await {
      html: async () => renderHtml(report, { diagramSvg: await draw() }),
      json: () => renderJson(report),
      junit: () => renderJunit(report),
      markdown,
    }[format]();
    // A page of HTML is of no use on a terminal: there it goes into a file.
    const given = textOption(options, 'output');
    const output = given ?? (format === 'html' && io.stdout.isTty ? `snapback-${report.run}.html` : undefined);
    if (output === undefined) {
      io.stdout.write(text);
    } else {
      await writeReport(resolve(io.cwd, output), text);
      io.stderr.write(`${output} is written.\n`);
    }
    return 0;
  },
};

/** Checks a report, on paper too, against its journal. */
async function checkHash(typed: string, wanted: string | undefined, options: OptionValues, io: Io): Promise<number> {
  const hash = typed.replace(/\s+/g, '').toLowerCase();
  if (wanted === undefined) throw new Fault('USAGE', '--hash: name the run, as its report does');
  if (!/^[0-9a-f]{8,64}$/.test(hash)) throw new Fault('USAGE', `--hash ${typed}: 8 to 64 hexadecimal digits`);
  const { findHash } = await import('../working.ts');
  const { run, sequence, recordCount } = await findHash(journalDirectoryOf(options, io), wanted, hash);
  const more = recordCount - sequence;
  const later = more === 0 ? 'it is the last one' : `${more} more came later`;
  io.stdout.write(`Record ${sequence} of ${run}.journal carries this hash; ${later}. All before it is as it was.\n`);
  return 0;
}
