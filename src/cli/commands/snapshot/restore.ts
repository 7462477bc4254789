import type { SnapshotInfo } from '../../../app/manage-snapshots.ts';
import { Fault } from '../../../kernel/index.ts';
import { JOURNAL_DIR_OPTION, JSON_OPTION, QUIET_OPTION, textOption } from '../../command.ts';
import type { CliCommand, OptionValues } from '../../command.ts';
import { contextOf, journalDirectoryOf } from '../../context-of.ts';
import { displayOf } from '../../display.ts';
import {
  differenceLines,
  isMeant,
  LIST_OPTIONS,
  LOGIN_OPTIONS,
  loginOf,
  NAME_OPTION,
  nameOf,
  partOf,
  PLACE_OPTIONS,
  YES_OPTION,
} from './shared.ts';

const NEW_ACCOUNT_FLAGS = [
  'new_account',
  'new_admin_name',
  'new_admin_password',
  'newaccount',
  'newaccountadmin',
  'newaccountpwd',
];

export const restoreCommand: CliCommand = {
  name: 'restore',
  summary: 'put back what a snapshot holds, or a part of it, and prove it',
  operands: [],
  options: [
    ...LOGIN_OPTIONS,
    NAME_OPTION,
    ...PLACE_OPTIONS,
    ...LIST_OPTIONS,
    ...NEW_ACCOUNT_FLAGS.map((name) => ({
      flags: `--${name} <text>`,
      describe: 'restores into a new account: not built yet',
    })),
    YES_OPTION,
    JOURNAL_DIR_OPTION,
    JSON_OPTION,
    QUIET_OPTION,
  ],
  examples: [
    'snapback snapshot restore --sname before_release',
    'snapback snapshot restore --sname sp_01 --db snapshot_read --table test_snapshot_read --yes',
  ],
  exitCodes: [0, 2, 4, 5, 6, 8, 9, 12, 13],

  async run(_operands, options, io) {
    refuseNewAccount(options);
    const name = nameOf(options, 'restore');
    const part = partOf(options);
    const { previewRestore, restoreSnapshot } = await import('../../working.ts');
    const url = await loginOf(options, io);
    const { info, differences } = await previewRestore(url, name, part, await contextOf(io));
    refuseOtherAccount(textOption(options, 'account'), info);
    const changes =
      differences.length === 0
        ? 'Nothing differs from it: there is nothing to put back.'
        : `Everything written since is lost:\n${differenceLines(differences)}`;
    const preview = `Snapshot ${info.name}, taken ${info.takenAt}. ${changes}`;
    if (!(await isMeant(preview, 'Restore it?', options, io))) return 13;
    const display = await displayOf(options, io);
    try {
      const context = await contextOf(io, display.listeners);
      const journalDirectory = journalDirectoryOf(options, io);
      const { result } = await restoreSnapshot({ url, journalDirectory, name, part }, context);
      const exitCode = display.conclude(result);
      const end = exitCode === 0 ? 'Restored, and proven equal to the snapshot.' : 'Not proven: look at the report.';
      io.stderr.write(`${end}\n`);
      return exitCode;
    } finally {
      display.close();
    }
  },
};

/** An account that was not named is never overwritten. */
function refuseOtherAccount(account: string | undefined, { name, scope }: SnapshotInfo): void {
  if (account === undefined || (scope.kind !== 'account' && scope.kind !== 'cluster')) return;
  if (scope.kind === 'account' && scope.account.toLowerCase() === account.toLowerCase()) return;
  const covers = scope.kind === 'account' ? `account ${scope.account}` : 'the whole cluster';
  throw new Fault('SNAPSHOT_REFUSED', `${name} covers ${covers}, and --account names ${account} only`);
}

function refuseNewAccount(options: OptionValues): void {
  const given = NEW_ACCOUNT_FLAGS.find((name) => options[name] !== undefined);
  if (given === undefined) return;
  throw new Fault('SNAPSHOT_REFUSED', `--${given}: a restore into a new account is not built yet`);
}
