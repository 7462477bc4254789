import type { CliCommand } from '../command.ts';
import { closeCommand } from './close.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { graphCommand } from './graph.ts';
import { initCommand } from './init.ts';
import { pitrCommand } from './pitr/index.ts';
import { protectCommand } from './protect.ts';
import { pruneCommand } from './prune.ts';
import { reportCommand } from './report.ts';
import { resumeCommand } from './resume.ts';
import { rollbackCommand } from './rollback.ts';
import { runCommand } from './run.ts';
import { runsCommand } from './runs.ts';
import { sandboxCommand } from './sandbox.ts';
import { snapshotCommand } from './snapshot/index.ts';
import { statusCommand } from './status.ts';
import { validateCommand } from './validate.ts';

/** In the order in which people need them. What a command does is loaded when it runs. */
export const COMMANDS: readonly CliCommand[] = [
  runCommand,
  protectCommand,
  resumeCommand,
  rollbackCommand,
  closeCommand,
  statusCommand,
  runsCommand,
  validateCommand,
  doctorCommand,
  initCommand,
  graphCommand,
  reportCommand,
  snapshotCommand,
  pitrCommand,
  pruneCommand,
  demoCommand,
  sandboxCommand,
];
