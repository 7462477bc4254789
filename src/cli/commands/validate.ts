import { Fault, renderDiagnostic, type Diagnostic } from '../../kernel/index.ts';
import { positionOf } from '../../kernel/index.ts';
import { JSON_OPTION, listOption, type CliCommand } from '../command.ts';

export const validateCommand: CliCommand = {
  name: 'validate',
  summary: 'check plans without contacting a server',
  operands: ['<plans...>'],
  options: [
    { flags: '--var <name=value>', describe: 'sets a variable of the plan', isRepeatable: true },
    JSON_OPTION,
    { flags: '--github', describe: 'print GitHub annotations' },
  ],
  examples: ['snapback validate plans/*.yaml', 'snapback validate plan.yaml --json'],
  exitCodes: [0, 2, 3],

  async run(plans, options, io) {
    const { loadCompiled } = await import('../planning.ts');
    let errors = 0;
    for (const path of plans) {
      const vars = varsOf(listOption(options, 'var'));
      const { source, diagnostics } = await loadCompiled({ path, env: io.env, vars, purpose: 'validate' });
      const found = diagnostics.filter(({ severity }) => severity === 'error').length;
      errors += found;
      for (const diagnostic of diagnostics) {
        if (options['json'] === true) io.stdout.write(`${diagnosticJson(source.text, diagnostic)}\n`);
        else if (options['github'] === true) io.stdout.write(`${annotation(source.text, diagnostic)}\n`);
        else io.stderr.write(`${renderDiagnostic(source.text, diagnostic)}\n\n`);
      }
      if (options['json'] !== true)
        io.stderr.write(found === 0 ? `${path} is valid\n` : `${path}: ${problems(found)}\n`);
    }
    return errors === 0 ? 0 : 3;
  },
};

/** @throws {Fault} USAGE */
export function varsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new Fault('USAGE', `--var ${pair}: write it as --var NAME=VALUE`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function problems(count: number): string {
  return count === 1 ? 'one problem' : `${count} problems`;
}

function diagnosticJson(text: string, { at, ...facts }: Diagnostic): string {
  const { line, column } = positionOf(text, at.start);
  const end = positionOf(text, at.end);
  return JSON.stringify({ ...facts, file: at.path, line, column, end_line: end.line, end_column: end.column });
}

function annotation(text: string, { at, severity, code, message, help }: Diagnostic): string {
  const { line, column } = positionOf(text, at.start);
  const say = `${message}${help === undefined ? '' : `\n${help}`}`;
  const data = say.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = (value: string): string =>
    value
      .replaceAll('%', '%25')
      .replaceAll('\r', '%0D')
      .replaceAll('\n', '%0A')
      .replaceAll(':', '%3A')
      .replaceAll(',', '%2C');
  return `::${severity} file=${property(at.path)},line=${line},col=${column},title=${property(code)}::${data}`;
}
