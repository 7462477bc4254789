import type { ScopePart, SnapshotInfo, TypedAccount } from '../../../app/manage-snapshots.ts';
import type { TypedResult } from '../../../app/typed-command.ts';
import { Fault } from '../../../kernel/index.ts';
import { JOURNAL_DIR_OPTION, JSON_OPTION, QUIET_OPTION, textOption } from '../../command.ts';
import type { CliCommand, OptionValues } from '../../command.ts';
import { contextOf, journalDirectoryOf } from '../../context-of.ts';
import { displayOf } from '../../display.ts';
import type { Io } from '../../io.ts';
import { NEW_ACCOUNT_OPTIONS, newAccountOf, newAccountPreview } from './new-account.ts';
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

export const restoreCommand: CliCommand = {
  name: 'restore',
  summary: 'put back what a snapshot holds, or a part of it, and prove it',
  operands: [],
  options: [
    ...LOGIN_OPTIONS,
    NAME_OPTION,
    ...PLACE_OPTIONS,
    ...LIST_OPTIONS,
    ...NEW_ACCOUNT_OPTIONS,
    YES_OPTION,
    JOURNAL_DIR_OPTION,
    JSON_OPTION,
    QUIET_OPTION,
  ],
  examples: [
    'snapback snapshot restore --sname before_release',
    'snapback snapshot restore --sname sp_01 --db snapshot_read --table test_snapshot_read --yes',
    'snapback snapshot restore --sname sp_03 --account sys --new_account acc2 --new_admin_name admin',
  ],
  exitCodes: [0, 2, 4, 5, 6, 8, 9, 12, 13],

  async run(_operands, options, io) {
    const name = nameOf(options, 'restore');
    const part = partOf(options);
    const into = newAccountOf(options, io);
    const url = await loginOf(options, io);
    const { preview, covers } = await previewOf({ url, name, part, into }, options, io);
    if (!(await isMeant(preview, into === undefined ? 'Restore it?' : 'Make it?', options, io))) return 13;
    const { restoreSnapshot } = await import('../../working.ts');
    const display = await displayOf(options, io);
    try {
      const context = await contextOf(io, display.listeners);
      const journalDirectory = journalDirectoryOf(options, io);
      const { result, evidence } = await restoreSnapshot({ url, journalDirectory, name, part, into }, context);
      const exitCode = display.conclude(result);
      if (!isPreviewed(options, into)) io.stderr.write(lostLines(evidence));
      io.stderr.write(`${endOf(exitCode, covers, into)}\n`);
      return exitCode;
    } finally {
      display.close();
    }
  },
};

/** Who said `--yes` is told afterwards, from what the restore itself has found. */
function isPreviewed(options: OptionValues, into: TypedAccount | undefined): boolean {
  return options['yes'] !== true || into !== undefined;
}

function lostLines(evidence: TypedResult['evidence']): string {
  const destroyed = evidence.flatMap((one) => (one.kind === 'restore' ? one.destroyed : []));
  return destroyed.length === 0
    ? ''
    : `Everything written since the snapshot is lost:\n${differenceLines(destroyed, 'past')}\n`;
}

interface Wanted {
  readonly url: string;
  readonly name: string;
  readonly part: ScopePart | undefined;
  readonly into: TypedAccount | undefined;
}

interface Preview {
  /** What will be lost, or made. */
  readonly preview: string;
  readonly covers: SnapshotInfo['scope']['kind'];
}

async function previewOf({ url, name, part, into }: Wanted, options: OptionValues, io: Io): Promise<Preview> {
  const { findRestorable, previewNewAccount, previewRestore } = await import('../../working.ts');
  const account = textOption(options, 'account');
  if (into !== undefined) {
    const { info, preview } = await previewNewAccount(url, name, into, await contextOf(io));
    refuseOtherAccount(account, info);
    return { preview: newAccountPreview(info, into, preview), covers: info.scope.kind };
  }
  const context = await contextOf(io);
  if (!isPreviewed(options, into)) {
    const { info, risks } = await findRestorable(url, name, context);
    refuseOtherAccount(account, info);
    return { preview: headOf(info, risks), covers: info.scope.kind };
  }
  const { info, risks, differences } = await previewRestore(url, name, part, context);
  refuseOtherAccount(account, info);
  const changes =
    differences.length === 0
      ? 'Nothing differs from it: there is nothing to put back.'
      : `Everything written since is lost:\n${differenceLines(differences)}`;
  return { preview: `${headOf(info, risks)} ${changes}`, covers: info.scope.kind };
}

function headOf({ name, takenAt }: SnapshotInfo, risks: readonly string[]): string {
  return [`Snapshot ${name}, taken ${takenAt}.`, ...risks.map((risk) => `Mind: ${risk}.`)].join(' ');
}

function endOf(exitCode: number, covers: Preview['covers'], into: TypedAccount | undefined): string {
  if (into !== undefined) {
    if (exitCode !== 0) return `Account ${into.account} was not made: look at the report.`;
    return `Made, and compared equal to the snapshot: log in as ${into.account}:${into.admin}.`;
  }
  if (exitCode !== 0) return 'Not proven: look at the report.';
  if (covers !== 'cluster') return 'Restored, and proven equal to the snapshot.';
  return 'Restored. Account sys is proven equal to the snapshot; of other accounts only which objects they have.';
}

/** An account that was not named is never overwritten. */
function refuseOtherAccount(wanted: string | undefined, { name, scope, account }: SnapshotInfo): void {
  if (wanted === undefined) return;
  const own = scope.kind === 'account' ? scope.account : account;
  if (scope.kind !== 'cluster' && (own === undefined || own.toLowerCase() === wanted.toLowerCase())) return;
  const covers = scope.kind === 'cluster' ? 'covers the whole cluster' : `is of account ${own ?? ''}`;
  throw new Fault('SNAPSHOT_REFUSED', `${name} ${covers}, and --account names ${wanted}`);
}
