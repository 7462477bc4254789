import type { WantedScope } from '../../../app/manage-snapshots.ts';
import { Fault, tableLabel } from '../../../kernel/index.ts';
import { JOURNAL_DIR_OPTION, JSON_OPTION, QUIET_OPTION, textOption } from '../../command.ts';
import type { CliCommand, OptionValues } from '../../command.ts';
import { contextOf, journalDirectoryOf } from '../../context-of.ts';
import { displayOf } from '../../display.ts';
import {
  CLUSTER_OPTION,
  isClusterMeant,
  LIMIT_OPTIONS,
  limitsOf,
  LIST_OPTIONS,
  LOGIN_OPTIONS,
  loginOf,
  NAME_OPTION,
  partOf,
  PLACE_OPTIONS,
} from './shared.ts';

export const createCommand: CliCommand = {
  name: 'create',
  summary: "take a snapshot that stays until it is dropped (default: of the URL's database)",
  operands: [],
  options: [
    ...LOGIN_OPTIONS,
    { flags: '--level <level>', describe: 'cluster, account, database or table' },
    NAME_OPTION,
    ...PLACE_OPTIONS,
    ...LIST_OPTIONS,
    CLUSTER_OPTION,
    ...LIMIT_OPTIONS,
    JOURNAL_DIR_OPTION,
    JSON_OPTION,
    QUIET_OPTION,
  ],
  examples: [
    'snapback snapshot create --databases shop --sname before_release',
    'snapback snapshot create --host 127.0.0.1 --port 6001 --user dump --level account --account sys --sname sp_01',
  ],
  exitCodes: [0, 2, 4, 6, 8, 9, 12],

  async run(_operands, options, io) {
    const scope = wantedScope(options);
    const limits = limitsOf(options);
    const { createSnapshot } = await import('../../working.ts');
    const url = await loginOf(options, io);
    const display = await displayOf({ quiet: options['quiet'] }, io);
    try {
      const context = await contextOf(io, display.listeners);
      const name = textOption(options, 'sname');
      const journalDirectory = journalDirectoryOf(options, io);
      const { result, snapshot } = await createSnapshot({ url, journalDirectory, name, scope, limits }, context);
      const exitCode = display.conclude(result);
      if (snapshot === undefined) return exitCode;
      io.stderr.write(`Snapshot ${snapshot.name} of ${snapshot.scope}, taken ${snapshot.taken_at}.\n`);
      if (options['json'] === true) io.stdout.write(`${JSON.stringify(snapshot)}\n`);
      return exitCode;
    } finally {
      display.close();
    }
  },
};

const LEVELS = ['cluster', 'account', 'database', 'table'];

function wantedScope(options: OptionValues): WantedScope | undefined {
  const part = partOf(options);
  const account = textOption(options, 'account');
  const level = textOption(options, 'level')?.toLowerCase() ?? levelMeant(part, account, options);
  const { databases, tables } = part ?? {};
  switch (level) {
    case undefined:
      return undefined;
    case 'cluster':
      return { kind: 'cluster' };
    case 'account':
      return { kind: 'account', account };
    case 'database':
      if (databases === undefined) throw new Fault('USAGE', '--level database needs --db');
      return { kind: 'databases', databases };
    case 'table':
      if (tables === undefined) throw new Fault('USAGE', '--level table needs --db and --table');
      return { kind: 'tables', tables: tables.map(tableLabel) };
    default:
      throw new Fault('USAGE', `--level ${level}: it can be ${LEVELS.join(', ')}`);
  }
}

function levelMeant(part: ReturnType<typeof partOf>, account: string | undefined, options: OptionValues) {
  if (isClusterMeant(options)) return 'cluster';
  if (part?.databases !== undefined && part.tables !== undefined) {
    throw new Fault('USAGE', 'a snapshot is of databases or of tables, not of both');
  }
  if (part?.tables !== undefined) return 'table';
  if (part?.databases !== undefined) return 'database';
  return account === undefined ? undefined : 'account';
}
