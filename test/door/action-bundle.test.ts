// What GitHub runs is a file that is kept in the repository. Whoever changes `src` ends with `npm run generate`; it is
// here, and not among the unit tests, so that nobody has to before.

import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../../scripts/generate.mjs');
const MEGABYTE = 1_000_000;

test('the bundle is what the sources give, from wherever it is made', () => {
  const words = [SCRIPT, '--check', '--with-bundle'];
  for (const cwd of [process.cwd(), tmpdir()]) {
    expect(execFileSync(process.execPath, words, { cwd, encoding: 'utf8' })).toEqual('');
  }
});

test('the bundle is small enough to be fetched with every job', () => {
  expect(statSync('action/main.mjs').size).toBeLessThan(2.5 * MEGABYTE);
});
