// Reports and diagrams as a user asks for them: from a journal, without any server.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createJournal } from '../../src/journal/index.ts';
import { systemClock, type RunId } from '../../src/kernel/index.ts';
import { snapback, workFolder } from '../support/cli.ts';
import { rolledBack } from '../support/journals.ts';

/** A folder with the journal of a run that was rolled back. Its plan is nowhere. */
async function folderWithRun(): Promise<{
  readonly folder: string;
  readonly run: string;
  readonly hashes: readonly string[];
}> {
  const folder = workFolder();
  const directory = join(folder, '.snapback/runs');
  const { run, entries } = rolledBack();
  const journal = await createJournal({ directory, run: run as RunId, clock: systemClock, redact: (text) => text });
  for (const { record } of entries) await journal.append(record);
  await journal.close();
  const records = readFileSync(join(directory, `${run}.journal`), 'utf8')
    .trimEnd()
    .split('\n');
  return { folder, run, hashes: records.map((record) => /(?<="hash":")[0-9a-f]+/.exec(record)?.[0] ?? '') };
}

describe('snapback report', () => {
  test('writes each format from the journal alone, the plan being gone', async () => {
    const { folder, run } = await folderWithRun();
    const starts = {
      html: '<!doctype html>',
      markdown: '## ',
      json: '{\n  "version": 1',
      junit: '<?xml version="1.0"',
    };
    for (const [format, start] of Object.entries(starts)) {
      const { code, stdout } = await snapback(['report', run, '--format', format], folder);
      expect({ format, code, start: stdout.slice(0, start.length) }).toEqual({ format, code: 0, start });
    }
  });

  test('the page shows the path that was taken even so', async () => {
    const { folder, run } = await folderWithRun();
    const { stdout } = await snapback(['report', run, '--format', 'html'], folder);
    expect(stdout.match(/<svg [^>]*class="pic"/g)?.length).toEqual(1);
  });

  test('--hash says which record carries the hash of a printed report', async () => {
    const { folder, run, hashes } = await folderWithRun();
    const [, second = ''] = hashes;
    const later = hashes.length - 2;
    const typed = `${second.slice(0, 8)} ${second.slice(8, 16).toUpperCase()}`;
    expect(await snapback(['report', run, '--hash', typed], folder)).toEqual({
      code: 0,
      stdout: `Record 2 of ${run}.journal carries this hash; ${later} more came later. All before it is as it was.\n`,
      stderr: '',
    });
  });

  test('--hash refuses a hash that the journal does not hold', async () => {
    const { folder, run } = await folderWithRun();
    const { code, stderr } = await snapback(['report', run, '--hash', '0123456789abcdef'], folder);
    expect({ code, first: stderr.split(':')[0] }).toEqual({ code: 12, first: 'JOURNAL_CORRUPT' });
  });

  test('--hash wants enough digits to mean something', async () => {
    const { folder, run } = await folderWithRun();
    expect((await snapback(['report', run, '--hash', '0123'], folder)).code).toEqual(2);
  });
});

describe('snapback graph --format svg', () => {
  test('prints the machine of a plan', async () => {
    const plan = join(process.cwd(), 'plans/01-quickstart.yaml');
    const { code, stdout } = await snapback(['graph', plan, '--format', 'svg'], workFolder());
    expect({ code, ends: stdout.slice(-7), svgs: stdout.match(/<svg /g)?.length }).toEqual({
      code: 0,
      ends: '</svg>\n',
      svgs: 1,
    });
  });
});
