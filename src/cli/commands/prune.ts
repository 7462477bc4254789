import type { PruneRules } from '../../app/prune.ts';
import { Fault, parseDurationMs } from '../../kernel/index.ts';
import { JOURNAL_DIR_OPTION, JSON_OPTION, QUIET_OPTION, textOption } from '../command.ts';
import type { CliCommand, OptionValues } from '../command.ts';
import { contextOf, journalDirectoryOf } from '../context-of.ts';
import { displayOf } from '../display.ts';
import { isMeant, LOGIN_OPTIONS, loginOf, YES_OPTION } from './snapshot/shared.ts';

const OUTCOMES = ['committed', 'rolled-back', 'failed-clean', 'stopped', 'closed'] as const;

export const pruneCommand: CliCommand = {
  name: 'prune',
  summary: "drop snapback's own old snapshots, those whose `keep` is over, and what crashes left half made",
  operands: [],
  options: [
    ...LOGIN_OPTIONS,
    { flags: '--older-than <time>', describe: 'those taken so long ago: 7d, 12h' },
    { flags: '--keep-last <count>', describe: 'so many of the newest stay' },
    { flags: '--outcome <verdict>', describe: `those whose run ended so: ${OUTCOMES.join(', ')}` },
    { flags: '--dry-run', describe: 'print their names and drop nothing' },
    YES_OPTION,
    JOURNAL_DIR_OPTION,
    JSON_OPTION,
    QUIET_OPTION,
  ],
  examples: ['snapback prune --older-than 7d --dry-run', 'snapback prune --outcome committed --keep-last 3 --yes'],
  exitCodes: [0, 2, 4, 6, 9, 12, 13],

  async run(_operands, options, io) {
    const rules = rulesOf(options);
    const { dropSnapshots, findPrunable } = await import('../working.ts');
    const url = await loginOf(options, io);
    const found = await findPrunable(url, rules, await contextOf(io));
    if (options['dryRun'] === true) {
      for (const { name, takenAt: taken_at, state } of found) {
        io.stdout.write(options['json'] === true ? `${JSON.stringify({ name, taken_at, state })}\n` : `${name}\n`);
      }
      return 0;
    }
    if (found.length === 0) {
      io.stderr.write('There is nothing to drop.\n');
      return 0;
    }
    const lines = found.map(({ name, takenAt, state }) => `  ${name}, taken ${takenAt}, ${state}`);
    if (!(await isMeant(`To be dropped:\n${lines.join('\n')}`, 'Drop them?', options, io))) return 13;
    const display = await displayOf(options, io);
    try {
      const names = found.map(({ name }) => name);
      const request = { url, journalDirectory: journalDirectoryOf(options, io), names, command: 'prune' };
      return display.conclude(await dropSnapshots(request, await contextOf(io, display.listeners)));
    } finally {
      display.close();
    }
  },
};

function rulesOf(options: OptionValues): PruneRules {
  const age = textOption(options, 'olderThan');
  const olderThan = age === undefined ? undefined : parseDurationMs(age);
  if (olderThan?.kind === 'err') throw new Fault('USAGE', `--older-than ${age ?? ''}: ${olderThan.problem}`);
  const count = textOption(options, 'keepLast');
  if (count !== undefined && !/^\d{1,6}$/.test(count)) throw new Fault('USAGE', `--keep-last ${count} is not a number`);
  const wanted = textOption(options, 'outcome');
  const outcome = OUTCOMES.find((one) => one === wanted);
  if (wanted !== undefined && outcome === undefined) {
    throw new Fault('USAGE', `--outcome ${wanted}: it can be ${OUTCOMES.join(', ')}`);
  }
  return { olderThanMs: olderThan?.value, keepLast: count === undefined ? undefined : Number(count), outcome };
}
