import type { Io } from './io.ts';

/** One option, in commander's notation: `--var <name=value>`. */
export interface CommandOption {
  readonly flags: string;
  readonly describe: string;
  /** May be given more than once; its value is then a list. */
  readonly isRepeatable?: boolean;
}

export type OptionValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** A command as data: help, README and the parser are made from it, so they cannot drift apart. */
export interface CliCommand {
  readonly name: string;
  readonly summary: string;
  /** In commander's notation: `<plan>`, `[run]`, `<plans...>`. */
  readonly operands: readonly string[];
  readonly options: readonly CommandOption[];
  readonly examples: readonly string[];
  /** The exit codes that it can end with; their meaning is `EXIT_CODES`'. */
  readonly exitCodes: readonly number[];
  /** `snapback snapshot show`: a command that has some does nothing by itself. */
  readonly subcommands?: readonly CliCommand[];
  /** Ends with an exit code; never exits the process. Faults are thrown. */
  run(operands: readonly string[], options: OptionValues, io: Io): Promise<number>;
}

export function textOption(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function listOption(options: OptionValues, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

export const JOURNAL_DIR_OPTION: CommandOption = {
  flags: '--journal-dir <dir>',
  describe: 'where the journals are (default: $SNAPBACK_JOURNAL_DIR or .snapback/runs)',
};
export const JSON_OPTION: CommandOption = { flags: '--json', describe: 'print machine-readable lines on stdout' };
export const QUIET_OPTION: CommandOption = { flags: '--quiet', describe: 'print the last line only' };
