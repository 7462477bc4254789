// What the snapshot commands have in common: mo_br's flags as they are, and ours.

import type { ScopePart, SnapshotLimits } from '../../../app/manage-snapshots.ts';
import { Fault, type ObjectDifference, type TableRef } from '../../../kernel/index.ts';
import { textOption, type CommandOption, type OptionValues } from '../../command.ts';
import type { Io } from '../../io.ts';

export const LOGIN_OPTIONS: readonly CommandOption[] = [
  { flags: '--url <url>', describe: 'the server and login (default: $DATABASE_URL)' },
  { flags: '--host <host>', describe: 'the server, in place of a URL (default: 127.0.0.1)' },
  { flags: '--port <port>', describe: 'its port (default: 6001)' },
  { flags: '--user <user>', describe: 'the login: root, acc1#admin, acc1:admin' },
  { flags: '--password <text>', describe: 'its password; others on this machine can see it' },
  { flags: '--password-env <name>', describe: 'the variable that holds the password' },
  { flags: '--password-file <file>', describe: 'the file that holds the password' },
];

export const NAME_OPTION: CommandOption = { flags: '--sname <name>', describe: "the snapshot's name" };
export const YES_OPTION: CommandOption = { flags: '--yes', describe: 'do not ask' };
export const PLACE_OPTIONS: readonly CommandOption[] = [
  { flags: '--account <name>', describe: 'a MatrixOne account' },
  { flags: '--db <name>', describe: 'a database' },
  { flags: '--table <name>', describe: 'a table of --db' },
];
export const LIST_OPTIONS: readonly CommandOption[] = [
  { flags: '--databases <names>', describe: 'databases: a,b' },
  { flags: '--tables <names>', describe: 'tables: db.t,db.u' },
];

/** Limits of a snapshot that is a copy, as a plan has them. */
export const LIMIT_OPTIONS: readonly CommandOption[] = [
  { flags: '--lock <mode>', describe: 'MySQL, MariaDB: held, brief or none (default: held)' },
  { flags: '--max-stall <time>', describe: 'make writers wait no longer than this: 5m (default: 30s)' },
  { flags: '--max-copy <size>', describe: 'refuse to copy more than this: 50GiB (default: 20GiB)' },
];

export function limitsOf(options: OptionValues): SnapshotLimits {
  return {
    lock: textOption(options, 'lock'),
    max_stall: textOption(options, 'maxStall'),
    max_copy: textOption(options, 'maxCopy'),
  };
}

/** mo_br gives it the value `sys`. */
export const CLUSTER_OPTION: CommandOption = { flags: '--cluster [sys]', describe: 'the whole cluster' };

export function isClusterMeant(options: OptionValues): boolean {
  const value = options['cluster'];
  if (value === undefined || value === false) return false;
  if (value === true || (typeof value === 'string' && value.toLowerCase() === 'sys')) return true;
  throw new Fault('USAGE', '--cluster stands alone, or with sys');
}

/** The URL, its password included; a password that was typed is warned of. */
export async function loginOf(options: OptionValues, io: Io): Promise<string> {
  const { urlOfLogin } = await import('../../working.ts');
  const password = textOption(options, 'password');
  if (password !== undefined) {
    io.stderr.write(
      'A password on the command line can be seen by others: --password-env or --password-file hide it.\n',
    );
  }
  return urlOfLogin(
    {
      url: textOption(options, 'url'),
      host: textOption(options, 'host'),
      port: textOption(options, 'port'),
      user: textOption(options, 'user'),
      password,
      passwordEnv: textOption(options, 'passwordEnv'),
      passwordFile: textOption(options, 'passwordFile'),
    },
    io.env,
  );
}

export function nameOf(options: OptionValues, command: string): string {
  const name = textOption(options, 'sname');
  if (name !== undefined) return name;
  throw new Fault('USAGE', `snapshot ${command} needs --sname`, {
    hint: 'Run `snapback snapshot show` to list what the server holds.',
  });
}

/** What the flags narrow to; undefined when they name nothing. */
export function partOf(options: OptionValues): ScopePart | undefined {
  const db = textOption(options, 'db');
  const table = textOption(options, 'table');
  const tables = namesOf(options, 'tables').map(tableOf);
  const databases = namesOf(options, 'databases');
  if (table !== undefined) {
    if (db === undefined) throw new Fault('USAGE', '--table needs --db');
    tables.push({ database: db, table });
  } else if (db !== undefined) databases.push(db);
  if (tables.length === 0 && databases.length === 0) return undefined;
  return {
    ...(databases.length === 0 ? {} : { databases }),
    ...(tables.length === 0 ? {} : { tables }),
  };
}

/** Prints what would happen and asks. Without a terminal `--yes` stands for the answer. */
export async function isMeant(preview: string, question: string, options: OptionValues, io: Io): Promise<boolean> {
  io.stderr.write(`${preview}\n`);
  if (options['yes'] === true) return true;
  if (!io.isInteractive) {
    throw new Fault('USAGE', 'this command asks before it acts, and there is no terminal', { hint: 'Add --yes.' });
  }
  return /^y(es)?$/i.test((await io.ask(`${question} [y/N] `)).trim());
}

const SHOWN_MAX = 20;
const WORDS = {
  future: {
    missing: 'is gone and comes back',
    extra: 'is newer than the snapshot and will be removed',
    definition: 'has another definition and gets its old one',
    rows: 'has other rows and gets its old ones',
    'auto-increment': 'has another AUTO_INCREMENT and gets its old one',
  },
  present: {
    missing: 'is missing',
    extra: 'is newer than that moment',
    definition: 'has another definition',
    rows: 'has other rows',
    'auto-increment': 'has another AUTO_INCREMENT',
  },
  past: {
    missing: 'was gone and is back',
    extra: 'was newer than the snapshot and is removed',
    definition: 'had another definition and has its old one',
    rows: 'had other rows and has its old ones',
    'auto-increment': 'had another AUTO_INCREMENT and has its old one',
  },
};

/** One line for each object that differs, bounded. */
export function differenceLines(
  differences: readonly ObjectDifference[],
  tense: keyof typeof WORDS = 'future',
): string {
  const words = WORDS[tense];
  const lines = differences.slice(0, SHOWN_MAX).map(({ object, name, what }) => `  ${object} ${name} ${words[what]}`);
  const more = differences.length - lines.length;
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}

/** One line per row, cells between tabs. */
export function tableText(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.join('\t')}\n`).join('');
}

function namesOf(options: OptionValues, key: string): string[] {
  return (textOption(options, key) ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function tableOf(text: string): TableRef {
  const dot = text.indexOf('.');
  if (dot > 0) return { database: text.slice(0, dot), table: text.slice(dot + 1) };
  throw new Fault('USAGE', `--tables ${text}: write DATABASE.TABLE`);
}
