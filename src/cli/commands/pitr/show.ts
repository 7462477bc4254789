import type { PitrInfo } from '../../../app/manage-pitr.ts';
import { JSON_OPTION, textOption, type CliCommand, type OptionValues } from '../../command.ts';
import { contextOf } from '../../context-of.ts';
import { LOGIN_OPTIONS, loginOf } from '../snapshot/shared.ts';
import { tableText } from '../snapshot/shared.ts';
import { NAME_OPTION, PLACE_OPTIONS } from './shared.ts';

const HEADER = [
  'PITR NAME',
  'CREATED TIME',
  'MODIFIED TIME',
  'PITR LEVEL',
  'ACCOUNT NAME',
  'DATABASE NAME',
  'TABLE NAME',
  'PITR LENGTH',
  'PITR UNIT',
];

export const showCommand: CliCommand = {
  name: 'show',
  summary: 'list the PITRs of a server',
  operands: [],
  options: [
    ...LOGIN_OPTIONS,
    NAME_OPTION,
    { flags: '--cluster [sys]', describe: 'only those of the whole cluster' },
    ...PLACE_OPTIONS,
    JSON_OPTION,
  ],
  examples: ['snapback pitr show --url "$DATABASE_URL"', 'snapback pitr show --database shop --json'],
  exitCodes: [0, 2, 9, 13],

  async run(_operands, options, io) {
    const { listPitrs } = await import('../../working.ts');
    const all = await listPitrs(await loginOf(options, io), await contextOf(io));
    const shown = all.filter(filterOf(options));
    if (options['json'] === true) {
      for (const info of shown) io.stdout.write(`${JSON.stringify(jsonOf(info))}\n`);
      return 0;
    }
    const rows = shown.map(({ name, createdAt, modifiedAt, level, account, database, table, length, unit }) => {
      const times = [createdAt, modifiedAt].map((time) => time.replace('T', ' ').replace('Z', ''));
      return [name, ...times, level, account, database, table, String(length), unit];
    });
    io.stdout.write(tableText([HEADER, ...rows]));
    io.stderr.write('Times are in UTC.\n');
    return 0;
  },
};

function jsonOf({ name, createdAt, modifiedAt, level, account, database, table, length, unit }: PitrInfo) {
  const times = { created_at: createdAt, modified_at: modifiedAt };
  return { name, ...times, level, account, database, table, range_value: length, range_unit: unit };
}

function filterOf(options: OptionValues): (info: PitrInfo) => boolean {
  const name = textOption(options, 'pname')?.toLowerCase();
  const isMeant = (wanted: string | undefined, own: string): boolean => wanted === undefined || wanted === own;
  const isCluster = options['cluster'] !== undefined && options['cluster'] !== false;
  return (info) =>
    isMeant(name, info.name) &&
    (!isCluster || info.level === 'cluster') &&
    isMeant(textOption(options, 'account'), info.account) &&
    isMeant(textOption(options, 'database'), info.database) &&
    isMeant(textOption(options, 'table'), info.table);
}
