import { Fault } from '../../kernel/index.ts';
import { JSON_OPTION, textOption, type CliCommand } from '../command.ts';
import { contextOf } from '../context-of.ts';
import { previewed, tellPreview } from './run.ts';

export const doctorCommand: CliCommand = {
  name: 'doctor',
  summary: 'say what stands in the way of a plan, or of snapshots of a database; only reads',
  operands: ['[plan]'],
  options: [
    { flags: '--url <url>', describe: 'without a plan: the server, login and database (default: $DATABASE_URL)' },
    { flags: '--var <name=value>', describe: 'sets a variable of the plan', isRepeatable: true },
    JSON_OPTION,
  ],
  examples: ['snapback doctor plan.yaml', 'snapback doctor --url mysql://reader@db1/shop'],
  exitCodes: [0, 2, 3, 9, 13],

  async run([path], options, io) {
    if (path !== undefined) return previewed(path, options, io);
    const url = textOption(options, 'url') ?? io.env['DATABASE_URL'];
    if (url === undefined) {
      throw new Fault('USAGE', 'doctor: name a plan or a server', { hint: 'Set DATABASE_URL, or add --url.' });
    }
    const { previewServer } = await import('../working.ts');
    return tellPreview(await previewServer(url, await contextOf(io)), options, io);
  },
};
