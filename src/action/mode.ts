import type { ProtectWishes } from '../app/protect.ts';
import { Fault } from '../kernel/index.ts';
import { linesOf, namesOf, type InputName } from './inputs.ts';

type Inputs = (name: InputName) => string;

/** What a step was asked to do. */
export type Mode =
  | { readonly kind: 'plan'; readonly path: string; readonly vars: Readonly<Record<string, string>> }
  | { readonly kind: 'command'; readonly wishes: ProtectWishes }
  | { readonly kind: 'guard'; readonly wishes: Omit<ProtectWishes, 'command' | 'timeout' | 'names'> };

/** @throws {Fault} USAGE */
export function modeOf(input: Inputs, platform: string): Mode {
  const given = (['plan', 'command', 'guard'] as const).filter((name) => input(name) !== '');
  if (given.length !== 1) throw new Fault('USAGE', 'give one of the inputs `plan`, `command` and `guard: job`', HELP);
  const seconds = input('cancel-seconds');
  if (!/^\d+$/.test(seconds)) throw new Fault('USAGE', `cancel-seconds: ${seconds}: it is a whole number`, HELP);
  if (given[0] === 'plan') return { kind: 'plan', path: input('plan'), vars: varsOf(input('vars')) };
  const checks = checksOf(input);
  if (given[0] === 'guard') {
    if (input('guard') === 'job') return { kind: 'guard', wishes: checks };
    throw new Fault('USAGE', `guard: ${input('guard')}: it can be \`job\``, HELP);
  }
  const text = input('command');
  const step = { plan: `protect-${/^[\w./-]+/.exec(text)?.[0].split('/').at(-1) ?? 'command'}`, step: 'change' };
  return {
    kind: 'command',
    wishes: {
      ...checks,
      timeout: emptyToUndefined(input('timeout')),
      command: shellWords(text, platform),
      names: step,
    },
  };
}

const HELP = { hint: 'The README has examples under "GitHub Actions".' };

function checksOf(input: Inputs): Omit<ProtectWishes, 'command' | 'timeout' | 'names'> {
  const schema = input('schema');
  if (schema !== '' && schema !== 'same') throw new Fault('USAGE', `schema: ${schema}: it can be \`same\``, HELP);
  const [databases, tables] = [namesOf(input('databases')), namesOf(input('tables'))];
  if (databases.length > 0 && tables.length > 0)
    throw new Fault('USAGE', 'give `databases` or `tables`, not both', HELP);
  const ofTables = tables.length === 0 ? undefined : ({ kind: 'tables', tables } as const);
  return {
    scope: databases.length > 0 ? { kind: 'databases', databases } : ofTables,
    rows: linesOf(input('rows')),
    unchanged: namesOf(input('unchanged')),
    isSchemaSame: schema === 'same',
    queries: linesOf(input('queries')),
    keep: emptyToUndefined(input('keep')),
  };
}

/** As the runner's own `run:` steps do it, so that a script of several lines stops at its first error. */
function shellWords(text: string, platform: string): readonly string[] {
  if (platform !== 'win32') return ['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c', text];
  const ending = 'if (Test-Path variable:\\LASTEXITCODE) { exit $LASTEXITCODE }';
  // The second line for programs, whose exit code is no error to it otherwise; pwsh knows it since 7.4.
  const strict = "$ErrorActionPreference = 'stop'\n$PSNativeCommandUseErrorActionPreference = $true";
  const script = `${strict}\n${text}\n${ending}`;
  return ['pwsh', '-NoProfile', '-NonInteractive', '-Command', script];
}

function varsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    linesOf(text).map((line) => {
      const at = line.indexOf('=');
      if (at < 1) throw new Fault('USAGE', `vars: ${line}: write one NAME=VALUE per line`, HELP);
      return [line.slice(0, at).trim(), line.slice(at + 1)];
    }),
  );
}

function emptyToUndefined(text: string): string | undefined {
  return text === '' ? undefined : text;
}
