// Each kind of damage has a journal of its own in `fixtures/journals`: what it is read as, what a person is told, and
// that no command touches it.

import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { Io } from '../../../src/cli/io.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { openJournal, readFrames } from '../../../src/journal/index.ts';
import { Fault, systemClock, type RunId } from '../../../src/kernel/index.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/journals/', import.meta.url));
const RUN = 'abc123def456' as RunId;

const damaged = (byte: number, records: number): string =>
  `JOURNAL_CORRUPT: PATH is damaged at byte ${byte}, after ${records} good records`;
const NEWER = 'JOURNAL_VERSION: the journal has format 2; this version of snapback reads up to 1';
const NOTHING = 'JOURNAL_UNREADABLE: PATH holds no whole record: its run ended before it began';

/** What the fixture is read as, how many records are good, and what opening it says. */
const VERDICTS: Readonly<Record<string, readonly [reading: string, records: number, told: string]>> = {
  'byte-order-mark.corrupt.journal': ['corrupt', 0, damaged(0, 0)],
  'committed.intact.journal': ['intact', 4, 'opened'],
  'empty.intact.journal': ['intact', 0, NOTHING],
  'first-line-changed.corrupt.journal': ['corrupt', 0, damaged(0, 0)],
  'journal-twice.corrupt.journal': ['corrupt', 4, damaged(1243, 4)],
  'last-line-bit-flipped.torn.journal': ['torn', 3, 'a torn last record was cut off at byte 992'],
  'last-line-cut.torn.journal': ['torn', 3, 'a torn last record was cut off at byte 992'],
  'last-line-twice.torn.journal': ['torn', 4, 'a torn last record was cut off at byte 1243'],
  'last-line-without-its-end.torn.journal': ['torn', 3, 'a torn last record was cut off at byte 992'],
  'line-cut-out-and-renumbered.corrupt.journal': ['corrupt', 1, damaged(420, 1)],
  'line-of-another-run.corrupt.journal': ['corrupt', 1, damaged(420, 1)],
  'line-twice.corrupt.journal': ['corrupt', 2, damaged(695, 2)],
  'lines-swapped.corrupt.journal': ['corrupt', 1, damaged(420, 1)],
  'middle-line-bit-flipped.corrupt.journal': ['corrupt', 1, damaged(420, 1)],
  'middle-line-missing.corrupt.journal': ['corrupt', 1, damaged(420, 1)],
  'newer-version-half-way.refused.journal': ['refused', 0, NEWER],
  'newer-version.refused.journal': ['refused', 0, NEWER],
  'something-else.corrupt.journal': ['corrupt', 0, damaged(0, 0)],
  'truncated-between-lines.intact.journal': ['intact', 2, 'opened'],
  'truncated-in-the-first-line.torn.journal': ['torn', 0, NOTHING],
  'windows-line-ends.intact.journal': ['intact', 4, 'opened'],
  'zeros-at-the-end.torn.journal': ['torn', 4, 'a torn last record was cut off at byte 1243'],
  'zeros-in-the-middle.corrupt.journal': ['corrupt', 1, damaged(420, 1)],
};

/** A journal directory that holds this fixture alone. */
function directoryWith(fixture: string) {
  const directory = mkdtempSync(join(tmpdir(), 'snapback-damage-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, `${RUN}.journal`);
  copyFileSync(join(FIXTURES, fixture), path);
  return { directory, path };
}

function readingOf(path: string): readonly [string, number] {
  try {
    const { kind, entries } = readFrames(readFileSync(path));
    return [kind, entries.length];
  } catch (problem) {
    if (!(problem instanceof Fault)) throw problem;
    return ['refused', 0];
  }
}

async function opening(directory: string): Promise<string> {
  try {
    const journal = await openJournal({ directory, run: RUN, clock: systemClock, redact: (text) => text });
    const last = journal.entries.at(-1)?.record;
    await journal.close();
    return last?.kind === 'note' ? last.text : 'opened';
  } catch (problem) {
    if (!(problem instanceof Fault)) throw problem;
    return `${problem.code}: ${problem.message}`;
  }
}

async function command(words: readonly string[]): Promise<readonly [number, string]> {
  let said = '';
  const output = { write: (text: string) => void (said += text), isTty: false, columns: 100 };
  const io: Io = {
    stdout: output,
    stderr: output,
    hasColor: false,
    isInteractive: false,
    ask: () => Promise.resolve(''),
    env: {},
    cwd: tmpdir(),
    process: { pid: process.pid, host: 'test', user: 'test' },
    signal: new AbortController().signal,
    every: () => () => undefined,
  };
  return [await runProgram(words, io), said.split('\n')[0] ?? ''];
}

test('every damage of the collection has its reading and its message', async () => {
  const found: Record<string, readonly [string, number, string]> = {};
  for (const fixture of readdirSync(FIXTURES)) {
    const { directory, path } = directoryWith(fixture);
    found[fixture] = [...readingOf(path), (await opening(directory)).replace(path, 'PATH')];
  }
  expect(found).toEqual(VERDICTS);
});

test.each(['status', 'resume', 'rollback', 'close', 'report'])(
  '`%s` refuses a journal that is damaged, newer or empty with exit 12, says why, and leaves every byte of it',
  async (verb) => {
    const refused = Object.entries(VERDICTS).filter(([, [, , told]]) => told.startsWith('JOURNAL_'));
    for (const [fixture, [, , told]] of refused) {
      const { directory, path } = directoryWith(fixture);
      const more: Readonly<Record<string, readonly string[]>> = { rollback: ['--yes'], close: ['--because', 'test'] };
      const [exit, said] = await command([verb, RUN, '--journal-dir', directory, ...(more[verb] ?? [])]);
      const isUntouched = readFileSync(path).equals(readFileSync(join(FIXTURES, fixture)));
      const files = readdirSync(directory);
      expect({ fixture, exit, said: said.replace(path, 'PATH'), isUntouched, files }).toEqual({
        fixture,
        exit: 12,
        said: told,
        isUntouched: true,
        files: [`${RUN}.journal`],
      });
    }
  },
);
