import { JOURNAL_DIR_OPTION, JSON_OPTION, textOption, type CliCommand } from '../command.ts';
import { contextOf, journalDirectoryOf } from '../context-of.ts';

export const runsCommand: CliCommand = {
  name: 'runs',
  summary: 'list the runs whose journal is here, or those that a server knows',
  operands: [],
  options: [
    { flags: '--url <url>', describe: 'ask this server for its record instead' },
    JOURNAL_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: ['snapback runs', 'snapback runs --url "$DATABASE_URL"'],
  exitCodes: [0, 9, 12],

  async run(_operands, options, io) {
    const { localRuns, serverRuns } = await import('../working.ts');
    const url = textOption(options, 'url');
    const rows =
      url === undefined ? await localRuns(journalDirectoryOf(options, io)) : await serverRuns(url, await contextOf(io));
    if (options['json'] === true) {
      for (const row of rows) io.stdout.write(`${JSON.stringify(row)}\n`);
      return 0;
    }
    if (rows.length === 0) io.stderr.write('No runs are known here.\n');
    const table = rows.map((row) => Object.values(row) as readonly string[]);
    const widths = columnWidths(table);
    for (const row of table) {
      const cells = row.map((cell, at) => cell.padEnd(widths[at] ?? 0));
      io.stdout.write(`${cells.join('  ').trimEnd()}\n`);
    }
    return 0;
  },
};

function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: count }, (_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
}
