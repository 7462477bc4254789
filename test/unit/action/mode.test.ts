import { expect, test } from 'vitest';
import { modeOf } from '../../../src/action/mode.ts';

const inputs: Readonly<Record<string, string>> = {
  command: 'npx knex migrate:latest\necho done',
  'cancel-seconds': '1',
};

function commandOn(platform: string): readonly string[] {
  const mode = modeOf((name) => inputs[name] ?? '', platform);
  return mode.kind === 'command' ? mode.wishes.command : [];
}

test('a command runs in bash, which stops at the first error', () => {
  expect(commandOn('darwin')).toEqual(['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c', inputs['command']]);
});

test('on Windows it runs in pwsh, which stops at programs that fail as well, and ends with their exit code', () => {
  expect(commandOn('win32')).toEqual([
    'pwsh',
    '-NoProfile',
    '-NonInteractive',
    '-Command',
    `$ErrorActionPreference = 'stop'
$PSNativeCommandUseErrorActionPreference = $true
npx knex migrate:latest
echo done
if (Test-Path variable:\\LASTEXITCODE) { exit $LASTEXITCODE }`,
  ]);
});
