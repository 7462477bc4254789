// What the pitr commands have in common: mo_br's flags as they are.

import type { PitrRange, PitrScope } from '../../../app/manage-pitr.ts';
import { Fault } from '../../../kernel/index.ts';
import { textOption, type CommandOption, type OptionValues } from '../../command.ts';

export const NAME_OPTION: CommandOption = { flags: '--pname <name>', describe: "the PITR's name" };

export const PLACE_OPTIONS: readonly CommandOption[] = [
  { flags: '--account <name>', describe: 'an account' },
  { flags: '--database <name>', describe: 'a database' },
  { flags: '--table <name>', describe: 'a table of --database' },
];

export const RANGE_OPTIONS: readonly CommandOption[] = [
  { flags: '--rangevalue <number>', describe: 'how far back it reaches: 1 to 100' },
  { flags: '--rangeunit <unit>', describe: 'h, d, mo or y (default: d)' },
];

export function nameOf(options: OptionValues, command: string): string {
  const name = textOption(options, 'pname');
  if (name !== undefined) return name;
  throw new Fault('USAGE', `pitr ${command} needs --pname`, {
    hint: 'Run `snapback pitr show` to list what the server keeps.',
  });
}

const UNITS: readonly PitrRange['unit'][] = ['h', 'd', 'mo', 'y'];

export function rangeOf(options: OptionValues): PitrRange {
  const value = textOption(options, 'rangevalue');
  const unit = textOption(options, 'rangeunit') ?? 'd';
  if (value === undefined || !/^\d{1,3}$/.test(value))
    throw new Fault('USAGE', '--rangevalue is a number from 1 to 100');
  const known = UNITS.find((one) => one === unit.toLowerCase());
  if (known === undefined) throw new Fault('USAGE', `--rangeunit ${unit}: it can be ${UNITS.join(', ')}`);
  return { length: Number(value), unit: known };
}

const LEVELS = ['cluster', 'account', 'database', 'table'];

/** What the flags name; without `--level` the narrowest of them. */
export function scopeOf(options: OptionValues): PitrScope {
  const account = textOption(options, 'account');
  const database = textOption(options, 'database');
  const table = textOption(options, 'table');
  if (table !== undefined && database === undefined) throw new Fault('USAGE', '--table needs --database');
  const isCluster = options['cluster'] !== undefined && options['cluster'] !== false;
  const meant = isCluster ? 'cluster' : table !== undefined ? 'table' : database !== undefined ? 'database' : 'account';
  const level = textOption(options, 'level')?.toLowerCase() ?? meant;
  switch (level) {
    case 'cluster':
      return { kind: 'cluster' };
    case 'account':
      return { kind: 'account', account };
    case 'database':
      if (database === undefined) throw new Fault('USAGE', '--level database needs --database');
      return { kind: 'database', database };
    case 'table':
      if (database === undefined || table === undefined) {
        throw new Fault('USAGE', '--level table needs --database and --table');
      }
      return { kind: 'table', table: { database, table } };
    default:
      throw new Fault('USAGE', `--level ${level}: it can be ${LEVELS.join(', ')}`);
  }
}

/** A time without a zone is in UTC. Whole seconds, as the server takes them. */
export function timeOf(options: OptionValues): string {
  const text = textOption(options, 'timestamp');
  if (text === undefined) throw new Fault('USAGE', 'pitr restore needs --timestamp: the moment to go back to, in UTC');
  const iso = text.trim().replace(' ', 'T');
  const isZoned = /(Z|[+-]\d\d:?\d\d)$/i.test(iso);
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(iso) ? Date.parse(isZoned ? iso : `${iso}Z`) : Number.NaN;
  if (Number.isNaN(time)) throw new Fault('USAGE', `--timestamp ${text}: write it as "2026-01-31 12:00:00", in UTC`);
  if (time % 1_000 !== 0) throw new Fault('USAGE', `--timestamp ${text}: the server goes back to whole seconds only`);
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** `database shop`, `the whole cluster` */
export function scopeText(scope: PitrScope): string {
  switch (scope.kind) {
    case 'cluster':
      return 'the whole cluster';
    case 'account':
      return scope.account === undefined ? 'the account of this login' : `account ${scope.account}`;
    case 'database':
      return `database ${scope.database}`;
    case 'table':
      return `table ${scope.table.database}.${scope.table.table}`;
  }
}
