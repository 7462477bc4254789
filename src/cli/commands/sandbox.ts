import { Fault } from '../../kernel/index.ts';
import { listOption, textOption, type CliCommand, type OptionValues } from '../command.ts';
import { contextOf } from '../context-of.ts';
import type { Io } from '../io.ts';

export const sandboxCommand: CliCommand = {
  name: 'sandbox',
  summary: 'a private throw-away server until Ctrl-C, or for one command, whose exit code is then the exit code',
  operands: ['[command...]'],
  options: [
    { flags: '--engine <engine>', describe: 'mariadb, mysql or matrixone (default: the first that can be started)' },
    { flags: '--server-version <version>', describe: '10.11 takes any 10.11.x; with Docker, the tag of the image' },
    { flags: '--database <name>', describe: 'the database to make, named in the URL (default: sandbox)' },
    { flags: '--seed <file>', describe: 'SQL to run in it first; may be repeated', isRepeatable: true },
  ],
  examples: [
    'snapback sandbox',
    'snapback sandbox --engine mysql --database shop_test --seed schema.sql --seed rows.sql',
    'snapback sandbox --seed schema.sql -- npm test',
  ],
  exitCodes: [0, 2, 9],

  async run(command, options, io) {
    const { ENGINES, sandbox } = await import('../working.ts');
    const given = textOption(options, 'engine');
    const engine = ENGINES.find((one) => one === given);
    if (engine === undefined && given !== undefined) {
      throw new Fault('USAGE', `--engine ${given}: it can be ${ENGINES.join(', ')}`);
    }
    return sandbox(requestOf({ command, engine }, options, io), await contextOf(io));
  },
};

function requestOf<Engine>(
  { command, engine }: { readonly command: readonly string[]; readonly engine: Engine },
  options: OptionValues,
  io: Io,
) {
  return {
    engine,
    version: textOption(options, 'serverVersion'),
    database: textOption(options, 'database') ?? 'sandbox',
    seeds: listOption(options, 'seed'),
    command,
    isInteractive: io.isInteractive,
    onReady: ({ label, url }: { readonly label: string; readonly url: string }) => {
      // With a command, stdout is the command's.
      if (command.length > 0) return;
      io.stdout.write(`${url}\n`);
      io.stderr.write(`${label} is up, on loopback only. Ctrl-C ends it and removes everything.\n`);
    },
  };
}
