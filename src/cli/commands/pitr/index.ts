import type { CliCommand } from '../../command.ts';
import { alterCommand, createCommand, dropCommand } from './change.ts';
import { restoreCommand } from './restore.ts';
import { showCommand } from './show.ts';

export const pitrCommand: CliCommand = {
  name: 'pitr',
  summary: 'let a MatrixOne keep the past, and go back to a moment of it',
  operands: [],
  options: [],
  examples: ['snapback pitr show', 'snapback pitr create --pname last_day --database shop --rangevalue 1'],
  exitCodes: [2],
  subcommands: [createCommand, showCommand, alterCommand, restoreCommand, dropCommand],
  // The parser never comes here: it asks for one of the subcommands.
  run: () => Promise.resolve(2),
};
