import { Command, CommanderError } from 'commander';
import { EXIT_CODES } from '../kernel/index.ts';
import { TOOL_VERSION } from '../app/version.ts';
import type { CliCommand, OptionValues } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { exitCodeOf } from './faults.ts';
import type { Io } from './io.ts';

const PROMISE =
  'Runs recovery plans on MatrixOne, MySQL and MariaDB: snapshot, change, verify, and if anything\n' +
  'fails roll back and prove it.';

/** Parses the command line, runs one command, and gives the process's exit code. Never throws. */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  const program = new Command('snapback')
    .description(PROMISE)
    .version(TOOL_VERSION, '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => Math.min(io.stdout.columns, 110),
    })
    .addHelpText('after', '\nstdout is data, stderr is people. `snapback COMMAND --help` has examples and exit codes.');
  for (const command of COMMANDS) {
    addCommand(program, command, io, (code) => {
      exitCode = code;
    });
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (problem) {
    if (problem instanceof CommanderError) return problem.exitCode === 0 ? 0 : 2;
    return exitCodeOf(problem, io);
  }
}

function addCommand(program: Command, command: CliCommand, io: Io, finish: (exitCode: number) => void): void {
  const sub = program.command(command.name).summary(command.summary).description(command.summary);
  for (const operand of command.operands) sub.argument(operand);
  for (const { flags, describe, isRepeatable } of command.options) {
    // No list to begin with: it would stand in the help as a default.
    if (isRepeatable === true)
      sub.option(flags, describe, (value: string, all?: readonly string[]) => [...(all ?? []), value]);
    else sub.option(flags, describe);
  }
  sub.addHelpText('after', helpTail(command));
  for (const below of command.subcommands ?? []) addCommand(sub, below, io, finish);
  if (command.subcommands !== undefined) return;
  sub.action(async (...given: unknown[]) => {
    const operands = given
      .slice(0, command.operands.length)
      .flat()
      .filter((one) => typeof one === 'string');
    finish(await command.run(operands, sub.opts<OptionValues>(), io));
  });
}

function helpTail({ examples, exitCodes }: CliCommand): string {
  const codes = exitCodes.map((code) => `  ${String(code).padStart(2)}  ${EXIT_CODES[code] ?? ''}`);
  return `\nExamples:\n${examples.map((line) => `  $ ${line}`).join('\n')}\n\nExit codes:\n${codes.join('\n')}`;
}
