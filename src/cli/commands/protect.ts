import type { ProtectWishes } from '../../app/protect.ts';
import type { WantedScope } from '../../app/manage-snapshots.ts';
import { Fault, tableLabel } from '../../kernel/index.ts';
import { JOURNAL_DIR_OPTION, JSON_OPTION, listOption, QUIET_OPTION, textOption } from '../command.ts';
import type { CliCommand, OptionValues } from '../command.ts';
import { contextOf, journalDirectoryOf } from '../context-of.ts';
import { displayOf } from '../display.ts';
import { LIMIT_OPTIONS, limitsOf, LIST_OPTIONS, loginOf, LOGIN_OPTIONS, partOf } from './snapshot/shared.ts';

export const protectCommand: CliCommand = {
  name: 'protect',
  summary: 'run any program between a snapshot and checks; if it or a check fails, the data goes back, proven',
  operands: ['<command...>'],
  options: [
    ...LOGIN_OPTIONS,
    ...LIST_OPTIONS,
    { flags: '--account <name>', describe: 'a whole MatrixOne account' },
    { flags: '--cluster', describe: 'everything on the server (MatrixOne)' },
    { flags: '--rows <rule>', describe: 'row counts: same, or TABLE=EXPECTATION; may be repeated', isRepeatable: true },
    {
      flags: '--unchanged <tables>',
      describe: 'tables whose content stays: db.t,db.*; may be repeated',
      isRepeatable: true,
    },
    { flags: '--schema <same>', describe: 'every definition stays as it is' },
    { flags: '--query <check>', describe: "'NAME: SQL => none | some | VALUE'; may be repeated", isRepeatable: true },
    { flags: '--timeout <time>', describe: 'the program may take so long: 10m' },
    { flags: '--keep <when>', describe: 'the snapshot stays: always, on-failure, 24h (default: until proven)' },
    ...LIMIT_OPTIONS,
    { flags: '--print-plan', describe: 'print the plan that this is, as YAML, and contact nothing' },
    JOURNAL_DIR_OPTION,
    JSON_OPTION,
    QUIET_OPTION,
  ],
  examples: [
    'snapback protect -- npx prisma migrate deploy',
    'snapback protect --databases shop --rows same -- npx knex migrate:latest',
    "snapback protect --rows same --rows 'audit_log=no less' --query 'no orphans: SELECT .. => none' -- ./migrate.sh",
    'snapback protect --databases shop --rows same --print-plan -- dbmate up > plan.yaml',
  ],
  exitCodes: [0, 2, 4, 5, 6, 7, 8, 9, 12, 13],

  async run(command, options, io) {
    const wishes = wishesOf(command, options);
    if (options['printPlan'] === true) {
      const { printProtectPlan } = await import('../working.ts');
      const isNamed = LOGIN_KEYS.some((key) => options[key] !== undefined) || io.env['DATABASE_URL'] !== undefined;
      io.stdout.write(await printProtectPlan(wishes, io.env, isNamed ? await loginOf(options, io) : undefined));
      return 0;
    }
    const { protect } = await import('../working.ts');
    const url = await loginOf(options, io);
    const display = await displayOf(options, io);
    try {
      const request = { wishes, url, journalDirectory: journalDirectoryOf(options, io) };
      return display.conclude(await protect(request, await contextOf(io, display.listeners)));
    } finally {
      display.close();
    }
  },
};

const LOGIN_KEYS = ['url', 'user'];

function wishesOf(command: readonly string[], options: OptionValues): ProtectWishes {
  const schema = textOption(options, 'schema');
  if (schema !== undefined && schema !== 'same') throw new Fault('USAGE', `--schema ${schema}: it can be same`);
  return {
    command,
    scope: scopeOf(options),
    rows: listOption(options, 'rows'),
    unchanged: listOption(options, 'unchanged').flatMap((names) => names.split(',').map((name) => name.trim())),
    isSchemaSame: schema === 'same',
    queries: listOption(options, 'query'),
    keep: textOption(options, 'keep'),
    limits: limitsOf(options),
    timeout: textOption(options, 'timeout'),
  };
}

function scopeOf(options: OptionValues): WantedScope | undefined {
  const { databases, tables } = partOf(options) ?? {};
  const account = textOption(options, 'account');
  const isCluster = options['cluster'] === true;
  if ([databases, tables, account, isCluster ? true : undefined].filter((one) => one !== undefined).length > 1) {
    throw new Fault('USAGE', 'give one of --databases, --tables, --account and --cluster');
  }
  if (databases !== undefined) return { kind: 'databases', databases };
  if (tables !== undefined) return { kind: 'tables', tables: tables.map(tableLabel) };
  if (account !== undefined) return { kind: 'account', account };
  return isCluster ? { kind: 'cluster' } : undefined;
}
