import type { SnapshotInfo } from '../../../app/manage-snapshots.ts';
import { Fault } from '../../../kernel/index.ts';
import { JSON_OPTION, textOption, type CliCommand, type OptionValues } from '../../command.ts';
import { contextOf } from '../../context-of.ts';
import {
  CLUSTER_OPTION,
  isClusterMeant,
  LOGIN_OPTIONS,
  loginOf,
  NAME_OPTION,
  PLACE_OPTIONS,
  tableText,
} from './shared.ts';

const HEADER = ['SNAPSHOT NAME', 'TIMESTAMP', 'SNAPSHOT LEVEL', 'ACCOUNT NAME', 'DATABASE NAME', 'TABLE NAME'];

export const showCommand: CliCommand = {
  name: 'show',
  summary: 'list the snapshots that a server holds',
  operands: [],
  options: [
    ...LOGIN_OPTIONS,
    NAME_OPTION,
    CLUSTER_OPTION,
    ...PLACE_OPTIONS,
    { flags: '--beginTs <time>', describe: 'only those taken at or after this time, UTC' },
    { flags: '--endTs <time>', describe: 'only those taken at or before this time, UTC' },
    JSON_OPTION,
  ],
  examples: ['snapback snapshot show --url "$DATABASE_URL"', 'snapback snapshot show --db shop --json'],
  exitCodes: [0, 2, 9],

  async run(_operands, options, io) {
    const { levelsOf, listSnapshots } = await import('../../working.ts');
    const isWanted = filterOf(options, levelsOf);
    const snapshots = await listSnapshots(await loginOf(options, io), await contextOf(io));
    const shown = snapshots.filter(isWanted);
    if (options['json'] === true) {
      for (const info of shown) io.stdout.write(`${JSON.stringify(jsonOf(info, levelsOf))}\n`);
      return 0;
    }
    const rows = shown.map((info) => {
      const { level, account, database, table } = levelsOf(info);
      return [info.name, info.takenAt.replace('T', ' ').replace('Z', ''), level, account, database, table];
    });
    io.stdout.write(tableText([HEADER, ...rows]));
    io.stderr.write('Times are in UTC.\n');
    return 0;
  },
};

type LevelsOf = (info: SnapshotInfo) => {
  readonly level: string;
  readonly account: string;
  readonly database: string;
  readonly table: string;
};

function jsonOf(info: SnapshotInfo, levelsOf: LevelsOf) {
  const { name, takenAt, state, run } = info;
  return { name, taken_at: takenAt, ...levelsOf(info), state, ...(run === undefined ? {} : { run }) };
}

function filterOf(options: OptionValues, levelsOf: LevelsOf): (info: SnapshotInfo) => boolean {
  const name = textOption(options, 'sname')?.toLowerCase();
  const account = textOption(options, 'account')?.toLowerCase();
  const isCluster = isClusterMeant(options);
  const db = textOption(options, 'db');
  const table = textOption(options, 'table');
  const begin = timeOf(options, 'beginTs') ?? -Infinity;
  const end = timeOf(options, 'endTs') ?? Infinity;
  const holds = (list: string, wanted: string | undefined): boolean =>
    wanted === undefined || list.split(',').includes(wanted);
  return (info) => {
    const levels = levelsOf(info);
    const taken = Date.parse(info.takenAt);
    return (
      (name === undefined || info.name === name) &&
      (!isCluster || levels.level === 'cluster') &&
      holds(levels.account.toLowerCase(), account) &&
      holds(levels.database, db) &&
      holds(levels.table, table) &&
      taken >= begin &&
      taken <= end
    );
  };
}

/** A time without a zone is in UTC. */
function timeOf(options: OptionValues, key: string): number | undefined {
  const text = textOption(options, key);
  if (text === undefined) return undefined;
  const iso = text.trim().replace(' ', 'T');
  const isZoned = /(Z|[+-]\d\d:?\d\d)$/i.test(iso);
  const time = Date.parse(isZoned || !iso.includes('T') ? iso : `${iso}Z`);
  if (Number.isNaN(time)) throw new Fault('USAGE', `--${key} ${text}: write it as 2026-01-31 12:00:00`);
  return time;
}
