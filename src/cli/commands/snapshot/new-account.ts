// mo_br's flags for a restore into a new account: its manual spells them in two ways.

import type { NewAccountPreview, SnapshotInfo, TypedAccount } from '../../../app/manage-snapshots.ts';
import { Fault } from '../../../kernel/index.ts';
import { textOption, type CommandOption, type OptionValues } from '../../command.ts';
import type { Io } from '../../io.ts';

const PASSWORD_VARIABLE = 'SNAPBACK_NEW_ADMIN_PASSWORD';

const SPELLINGS = {
  account: ['new_account', 'newaccount'],
  admin: ['new_admin_name', 'newaccountadmin'],
  password: ['new_admin_password', 'newaccountpwd'],
} as const;

const DESCRIBED: Readonly<Record<keyof typeof SPELLINGS, string>> = {
  account: 'a new account, made on the way: the whole account goes there',
  admin: 'the login of its administrator',
  password: `the password for it (default: $${PASSWORD_VARIABLE})`,
};

export const NEW_ACCOUNT_OPTIONS: readonly CommandOption[] = (['account', 'admin', 'password'] as const).flatMap(
  (key) =>
    SPELLINGS[key].map((name, at) => ({
      flags: `--${name} <text>`,
      describe: at === 0 ? DESCRIBED[key] : `the same as --${SPELLINGS[key][0]}`,
    })),
);

/**
 * The account that the flags ask for; undefined when none of them is given. A password that was typed is warned of.
 *
 * @throws {Fault} USAGE
 */
export function newAccountOf(options: OptionValues, io: Io): TypedAccount | undefined {
  const [account, admin, typed] = [read(options, 'account'), read(options, 'admin'), read(options, 'password')];
  if (account === undefined && admin === undefined && typed === undefined) return undefined;
  if (account === undefined)
    throw new Fault('USAGE', `--${SPELLINGS.account[0]} is missing: what is the account called?`);
  if (admin === undefined) throw new Fault('USAGE', `--${SPELLINGS.admin[0]} is missing: who administers ${account}?`);
  const password = typed ?? io.env[PASSWORD_VARIABLE] ?? '';
  if (password === '') {
    throw new Fault('USAGE', `--${SPELLINGS.password[0]} is missing`, {
      hint: `Give it, or set ${PASSWORD_VARIABLE}.`,
    });
  }
  const given = ['db', 'table', 'databases', 'tables'].find((name) => options[name] !== undefined);
  if (given !== undefined) {
    throw new Fault('USAGE', `--${given} does not go with --${SPELLINGS.account[0]}: the whole account goes there`);
  }
  return { account, admin, password };
}

/** What will be made, from what, and what will be missing there. */
export function newAccountPreview(
  { name, takenAt }: SnapshotInfo,
  into: TypedAccount,
  preview: NewAccountPreview,
): string {
  const { source, databases, tableCount, way, notCarried } = preview;
  const what = databases.length === 0 ? 'no database' : `${databases.join(', ')} (${tableCount} tables)`;
  return [
    `Snapshot ${name}, taken ${takenAt}: account ${source} stays as it is.`,
    `The new account ${into.account} is made, with ${into.admin} as its administrator, and gets ${what}:`,
    `  ${way}`,
    ...notCarried.map((one) => `  not carried: ${one}`),
  ].join('\n');
}

function read(options: OptionValues, key: keyof typeof SPELLINGS): string | undefined {
  const values = SPELLINGS[key].map((name) => textOption(options, name)).filter((value) => value !== undefined);
  if (new Set(values).size <= 1) return values[0];
  throw new Fault('USAGE', `--${SPELLINGS[key].join(' and --')} are the same flag, and say different things`);
}
