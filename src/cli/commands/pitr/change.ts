// `pitr create`, `alter` and `drop`: one statement each, journaled.

import type { AppContext } from '../../../app/context.ts';
import type { PitrInfo, PitrRange } from '../../../app/manage-pitr.ts';
import type { WorkResult } from '../../../app/work-on-run.ts';
import { JOURNAL_DIR_OPTION, JSON_OPTION, QUIET_OPTION, textOption } from '../../command.ts';
import type { CliCommand, OptionValues } from '../../command.ts';
import { contextOf, journalDirectoryOf } from '../../context-of.ts';
import { displayOf } from '../../display.ts';
import type { Io } from '../../io.ts';
import { isMeant, LOGIN_OPTIONS, loginOf, YES_OPTION } from '../snapshot/shared.ts';
import { NAME_OPTION, nameOf, PLACE_OPTIONS, RANGE_OPTIONS, rangeOf, scopeOf, scopeText } from './shared.ts';

const END_OPTIONS = [JOURNAL_DIR_OPTION, JSON_OPTION, QUIET_OPTION];

export const createCommand: CliCommand = {
  name: 'create',
  summary: 'let the server keep the past of a cluster, an account, a database or a table',
  operands: [],
  options: [
    ...LOGIN_OPTIONS,
    NAME_OPTION,
    { flags: '--level <level>', describe: 'cluster, account, database or table' },
    ...PLACE_OPTIONS,
    ...RANGE_OPTIONS,
    ...END_OPTIONS,
  ],
  examples: ['snapback pitr create --pname last_day --level database --database shop --rangevalue 1'],
  exitCodes: [0, 2, 4, 6, 9, 12, 13],

  async run(_operands, options, io) {
    const [name, scope, range] = [nameOf(options, 'create'), scopeOf(options), rangeOf(options)];
    const { createPitr } = await import('../../working.ts');
    const url = await loginOf(options, io);
    const end = `PITR ${name} keeps the last ${range.length} ${range.unit} of ${scopeText(scope)}.`;
    return journaled(options, io, end, (journalDirectory, context) =>
      createPitr({ url, journalDirectory, name, scope, range }, context),
    );
  },
};

export const alterCommand: CliCommand = {
  name: 'alter',
  summary: 'change how far back a PITR reaches',
  operands: [],
  options: [...LOGIN_OPTIONS, NAME_OPTION, ...RANGE_OPTIONS, YES_OPTION, ...END_OPTIONS],
  examples: ['snapback pitr alter --pname last_day --rangevalue 2 --rangeunit d'],
  exitCodes: [0, 2, 4, 5, 6, 9, 12, 13],

  async run(_operands, options, io) {
    const [name, range] = [nameOf(options, 'alter'), rangeOf(options)];
    const { alterPitr, findPitr } = await import('../../working.ts');
    const url = await loginOf(options, io);
    const info = await findPitr(url, name, await contextOf(io));
    const shorter = `${infoText(info)} With ${range.length} ${range.unit} what is older can no longer be gone back to.`;
    if (isShorter(range, info) && !(await isMeant(shorter, 'Shorten it?', options, io))) return 13;
    const end = `PITR ${name} reaches back ${range.length} ${range.unit} now.`;
    return journaled(options, io, end, (journalDirectory, context) =>
      alterPitr({ url, journalDirectory, name, range }, context),
    );
  },
};

export const dropCommand: CliCommand = {
  name: 'drop',
  summary: 'let the server forget the past that a PITR keeps',
  operands: [],
  options: [...LOGIN_OPTIONS, NAME_OPTION, YES_OPTION, ...END_OPTIONS],
  examples: ['snapback pitr drop --pname last_day --yes'],
  exitCodes: [0, 2, 4, 5, 6, 9, 12, 13],

  async run(_operands, options, io) {
    const name = nameOf(options, 'drop');
    const { dropPitr, findPitr } = await import('../../working.ts');
    const url = await loginOf(options, io);
    const info = await findPitr(url, name, await contextOf(io));
    const preview = `${infoText(info)} Without it nobody can go back there.`;
    if (!(await isMeant(preview, 'Drop it?', options, io))) return 13;
    return journaled(options, io, `PITR ${name} is gone.`, (journalDirectory, context) =>
      dropPitr({ url, journalDirectory, name }, context),
    );
  },
};

async function journaled(
  options: OptionValues,
  io: Io,
  end: string,
  work: (journalDirectory: string, context: AppContext) => Promise<WorkResult>,
): Promise<number> {
  const display = await displayOf(options, io);
  try {
    const context = await contextOf(io, display.listeners);
    const result = await work(journalDirectoryOf(options, io), context);
    const exitCode = display.conclude(result);
    if (exitCode === 0 && textOption(options, 'quiet') === undefined) io.stderr.write(`${end}\n`);
    return exitCode;
  } finally {
    display.close();
  }
}

function infoText({ name, level, account, database, table, length, unit }: PitrInfo): string {
  const place = [account, database, table].filter((part) => part !== '').join(', ');
  return `PITR ${name} keeps the last ${length} ${unit} of the ${level}${place === '' ? '' : ` (${place})`}.`;
}

/** Rough, and long enough for months and years. */
const HOURS: Readonly<Record<PitrRange['unit'], number>> = { h: 1, d: 24, mo: 30 * 24, y: 365 * 24 };

function isShorter(range: PitrRange, before: PitrRange): boolean {
  return range.length * HOURS[range.unit] < before.length * HOURS[before.unit];
}
