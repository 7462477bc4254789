// Whatever a file holds: it is read as far as it is whole, or refused. FUZZ_RUNS=20000 for more of it.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFrames, RunFold, type Reading } from '../../../src/journal/index.ts';
import { Fault } from '../../../src/kernel/index.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/journals/', import.meta.url));
const SEEDS = readdirSync(FIXTURES)
  .filter((file) => file.endsWith('.journal'))
  .map((file) => readFileSync(join(FIXTURES, file)));
const GOOD = new Set(SEEDS.flatMap((bytes) => entriesOf(bytes) ?? []).map((entry) => JSON.stringify(entry)));

const edit = fc.record({ at: fc.nat(2_000), removed: fc.nat(300), added: fc.uint8Array({ maxLength: 20 }) });
const mutated = fc
  .tuple(fc.constantFrom(...SEEDS), fc.array(edit, { maxLength: 5 }))
  .map(([seed, edits]) =>
    edits.reduce(
      (bytes, { at, removed, added }) => Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]),
      seed,
    ),
  );

/** What can be read, or undefined for a file that is refused in words; anything else throws. */
function entriesOf(bytes: Buffer): Reading['entries'] | undefined {
  try {
    return readFrames(bytes).entries;
  } catch (problem) {
    if (problem instanceof Fault) return undefined;
    throw problem;
  }
}

test('a changed journal is read up to its first changed record, and never gives one that was not written', () => {
  const bytes = fc.oneof(
    { weight: 5, arbitrary: mutated },
    fc.uint8Array({ maxLength: 500 }).map((one) => Buffer.from(one)),
  );
  fc.assert(
    fc.property(bytes, (text) => {
      const entries = entriesOf(text) ?? [];
      const foreign = entries.map((entry) => JSON.stringify(entry)).filter((entry) => !GOOD.has(entry));
      expect(foreign).toEqual([]);
      const fold = new RunFold();
      for (const entry of entries) fold.add(entry);
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 400) },
  );
});
