import type { PitrPreview, PitrRestored } from '../../../app/manage-pitr.ts';
import { Fault } from '../../../kernel/index.ts';
import { JOURNAL_DIR_OPTION, JSON_OPTION, QUIET_OPTION } from '../../command.ts';
import type { CliCommand, OptionValues } from '../../command.ts';
import { contextOf, journalDirectoryOf } from '../../context-of.ts';
import { displayOf } from '../../display.ts';
import { differenceLines, isMeant, LOGIN_OPTIONS, loginOf, YES_OPTION } from '../snapshot/shared.ts';
import { NAME_OPTION, nameOf, PLACE_OPTIONS, scopeOf, scopeText, timeOf } from './shared.ts';

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
  summary: 'go back to a moment that a PITR keeps, and compare what came of it',
  operands: [],
  options: [
    ...LOGIN_OPTIONS,
    NAME_OPTION,
    { flags: '--timestamp <time>', describe: 'the moment, in UTC: "2026-01-31 12:00:00"' },
    ...PLACE_OPTIONS,
    { flags: '--cluster [sys]', describe: 'the whole cluster' },
    ...NEW_ACCOUNT_FLAGS.map((name) => ({ flags: `--${name} <text>`, describe: 'refused: use a snapshot for that' })),
    YES_OPTION,
    JOURNAL_DIR_OPTION,
    JSON_OPTION,
    QUIET_OPTION,
  ],
  examples: ['snapback pitr restore --pname last_day --database shop --timestamp "2026-01-31 12:00:00"'],
  exitCodes: [0, 2, 4, 5, 6, 8, 9, 12, 13],

  async run(_operands, options, io) {
    refuseNewAccount(options);
    const wanted = { name: nameOf(options, 'restore'), scope: scopeOf(options), time: timeOf(options) };
    const { previewPitrRestore, restorePitr } = await import('../../working.ts');
    const url = await loginOf(options, io);
    const preview = await previewPitrRestore(url, wanted, await contextOf(io));
    const what = `${scopeText(wanted.scope)} goes back to ${wanted.time}.`;
    if (!(await isMeant(`${what} ${previewText(preview)}`, 'Go back?', options, io))) return 13;
    const display = await displayOf(options, io);
    try {
      const context = await contextOf(io, display.listeners);
      const journalDirectory = journalDirectoryOf(options, io);
      const restored = await restorePitr({ url, journalDirectory, wanted }, context);
      display.conclude(restored.result);
      io.stderr.write(`${endText(restored)}\n`);
      return restored.result.exitCode;
    } finally {
      display.close();
    }
  },
};

function previewText({ differences, unseen }: PitrPreview): string {
  const changes =
    differences.length === 0
      ? 'Nothing differs from it now.'
      : `Everything written since is lost:\n${differenceLines(differences)}`;
  return [changes, ...unseen.map((one) => `Not looked at: ${one}.`)].join('\n');
}

function endText({ result, after }: PitrRestored): string {
  if (after === undefined) return 'Not restored: look at the report.';
  const unseen = after.unseen.map((one) => `Not proven: ${one}.`);
  const end =
    result.exitCode === 0
      ? 'Restored: objects, definitions and contents were compared with that moment and are equal.'
      : `The server answered OK, and these still differ:\n${differenceLines(after.differences, 'present')}`;
  return [end, ...unseen].join('\n');
}

function refuseNewAccount(options: OptionValues): void {
  const given = NEW_ACCOUNT_FLAGS.find((name) => options[name] !== undefined);
  if (given === undefined) return;
  throw new Fault('SNAPSHOT_REFUSED', `--${given}: a PITR is not restored into a new account`, {
    hint: 'Take a snapshot and use `snapback snapshot restore --new_account`.',
  });
}
