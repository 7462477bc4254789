import { resolve } from 'node:path';
import { Fault } from '../../kernel/index.ts';
import { JOURNAL_DIR_OPTION, textOption, type CliCommand } from '../command.ts';
import { journalDirectoryOf } from '../context-of.ts';

const FORMATS = ['html', 'markdown', 'json', 'junit'] as const;

export const reportCommand: CliCommand = {
  name: 'report',
  summary: 'write the report of a run, from its journal alone (default: the newest run)',
  operands: ['[run]'],
  options: [
    { flags: '--format <format>', describe: 'html, markdown, json or junit (default: markdown)' },
    { flags: '--output <file>', describe: 'write to this file instead of stdout' },
    JOURNAL_DIR_OPTION,
  ],
  examples: ['snapback report 7f3k --format html --output report.html', 'snapback report --format junit'],
  exitCodes: [0, 2, 12, 13],

  async run([wanted], options, io) {
    const format = FORMATS.find((one) => one === (textOption(options, 'format') ?? 'markdown'));
    if (format === undefined)
      throw new Fault('USAGE', `--format ${textOption(options, 'format') ?? ''}: it can be ${FORMATS.join(', ')}`);
    const { tellNewest, renderHtml, renderJson, renderJunit, renderMarkdown, writeReport } =
      await import('../working.ts');
    const { report, mermaid } = await tellNewest(journalDirectoryOf(options, io), wanted);
    const markdown = (): string => renderMarkdown(report, mermaid === undefined ? {} : { mermaid });
    const text = {
      html: () => renderHtml(report),
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
