import { Fault, renderDiagnostic } from '../../kernel/index.ts';
import { listOption, textOption, type CliCommand } from '../command.ts';
import { varsOf } from './validate.ts';

export const graphCommand: CliCommand = {
  name: 'graph',
  summary: "print a plan's machine, failure edges included",
  operands: ['<plan>'],
  options: [
    { flags: '--format <format>', describe: 'mermaid (default), svg or json' },
    { flags: '--var <name=value>', describe: 'sets a variable of the plan', isRepeatable: true },
  ],
  examples: ['snapback graph plan.yaml', 'snapback graph plan.yaml --format svg > plan.svg'],
  exitCodes: [0, 2, 3],

  async run([path = ''], options, io) {
    const format = textOption(options, 'format') ?? 'mermaid';
    if (format !== 'mermaid' && format !== 'svg' && format !== 'json') {
      throw new Fault('USAGE', `--format ${format}: it can be mermaid, svg or json`);
    }
    const { loadCompiled, toGraphJson, toMermaid } = await import('../planning.ts');
    const vars = varsOf(listOption(options, 'var'));
    const { source, compiled, diagnostics } = await loadCompiled({ path, env: io.env, vars, purpose: 'validate' });
    if (compiled === undefined) {
      for (const diagnostic of diagnostics) io.stderr.write(`${renderDiagnostic(source.text, diagnostic)}\n\n`);
      return 3;
    }
    const { topology } = compiled;
    if (format === 'svg') {
      const { drawPlan } = await import('../../app/draw-plan.ts');
      io.stdout.write(drawPlan(topology));
    } else {
      io.stdout.write(format === 'json' ? `${JSON.stringify(toGraphJson(topology), null, 2)}\n` : toMermaid(topology));
    }
    return 0;
  },
};
