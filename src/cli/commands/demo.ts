import { Fault, renderDiagnostic } from '../../kernel/index.ts';
import { JOURNAL_DIR_OPTION, textOption, type CliCommand } from '../command.ts';
import { contextOf, journalDirectoryOf } from '../context-of.ts';
import { displayOf } from '../display.ts';

const ENGINES = ['mariadb', 'mysql', 'matrixone'] as const;

export const demoCommand: CliCommand = {
  name: 'demo',
  summary: 'watch two upgrades on a private throw-away server: one good, one that loses rows',
  operands: [],
  options: [
    { flags: '--engine <engine>', describe: 'mariadb, mysql or matrixone (default: the first that can be started)' },
    { flags: '--install', describe: "install MariaDB from the system's packages first, where no server is there" },
    JOURNAL_DIR_OPTION,
  ],
  examples: ['snapback demo', 'snapback demo --engine mysql'],
  exitCodes: [0, 1, 9],

  async run(_operands, options, io) {
    const { demo } = await import('../working.ts');
    const engine = ENGINES.find((one) => one === textOption(options, 'engine'));
    if (engine === undefined && options['engine'] !== undefined) {
      throw new Fault('USAGE', `--engine ${textOption(options, 'engine') ?? ''}: it can be ${ENGINES.join(', ')}`);
    }
    return demo(
      {
        install: options['install'] === true,
        engine,
        journalDirectory: journalDirectoryOf(options, io),
        say: (text) => io.stderr.write(text),
        show: async (_plan, work) => {
          const display = await displayOf(options, io);
          try {
            const end = await work(await contextOf(io, display.listeners));
            for (const one of end.diagnostics) io.stderr.write(`${renderDiagnostic(end.source.text, one)}\n`);
            return end.kind === 'worked' ? display.conclude(end.result) : 3;
          } finally {
            display.close();
          }
        },
      },
      await contextOf(io),
    );
  },
};
