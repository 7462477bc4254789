import type { CliCommand } from '../../command.ts';
import { createCommand } from './create.ts';
import { dropCommand } from './drop.ts';
import { restoreCommand } from './restore.ts';
import { showCommand } from './show.ts';

export const snapshotCommand: CliCommand = {
  name: 'snapshot',
  summary: 'take, list, restore and drop snapshots by hand',
  operands: [],
  options: [],
  examples: ['snapback snapshot show', 'snapback snapshot create --databases shop --sname before_release'],
  exitCodes: [2],
  subcommands: [createCommand, showCommand, restoreCommand, dropCommand],
  // The parser never comes here: it asks for one of the subcommands.
  run: () => Promise.resolve(2),
};
