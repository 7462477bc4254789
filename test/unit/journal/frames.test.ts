import { describe, expect, test } from 'vitest';
import { canonicalJson, Fault, sha256, type RunId } from '../../../src/kernel/index.ts';
import { encodeFrame, readFrames, type JournalRecord, type Reading } from '../../../src/journal/index.ts';

const OPENED: JournalRecord = {
  kind: 'run-opened',
  run: 'abc123def456' as RunId,
  plan_name: 'nightly',
  plan_path: '/plans/nightly.yaml',
  plan_digest: 'd'.repeat(64),
  vars: {},
  tool_version: '0.1.0',
};
const RECORDS: readonly JournalRecord[] = [
  OPENED,
  { kind: 'action-intended', action: 'steps/before', attempt: 1 },
  { kind: 'note', text: 'a text with a line feed\nand an Ω' },
];

/** The lines of a journal of these records, and the entries that they stand for. */
function journalOf(records: readonly JournalRecord[]) {
  let previousHash = '0'.repeat(64);
  return records.map((record, index) => {
    const time = `2026-01-31T07:41:0${index}.000Z`;
    const { line, hash } = encodeFrame({ sequence: index + 1, time, previousHash }, record);
    previousHash = hash;
    return { bytes: Buffer.from(line), entry: { sequence: index + 1, time, record, hash } };
  });
}

const frames = journalOf(RECORDS);
const [first, second, third] = frames.map(({ bytes }) => bytes) as [Buffer, Buffer, Buffer];
const entries = frames.map(({ entry }) => entry);

const torn = (count: number, keepBytes: number): Reading => ({
  kind: 'torn',
  entries: entries.slice(0, count),
  keepBytes,
});
const corrupt = (count: number, atByte: number): Reading => ({
  kind: 'corrupt',
  entries: entries.slice(0, count),
  atByte,
});

function flip(bytes: Buffer, index: number, bit = 0): Buffer {
  const flipped = Buffer.from(bytes);
  flipped[index] = (flipped[index] ?? 0) ^ (1 << bit);
  return flipped;
}

function isReadAsIntact(bytes: Buffer): boolean {
  const reading = readFrames(bytes);
  return reading.kind === 'intact' || reading.entries.some((entry, at) => entry.hash !== entries[at]?.hash);
}

describe('a journal is read', () => {
  test.each<{ damage: string; bytes: readonly Buffer[]; reading: Reading }>([
    { damage: 'nothing is damaged', bytes: [first, second, third], reading: { kind: 'intact', entries } },
    { damage: 'it is empty', bytes: [], reading: { kind: 'intact', entries: [] } },
    {
      damage: 'the last line lost its line feed',
      bytes: [first, second, third.subarray(0, -1)],
      reading: torn(2, first.length + second.length),
    },
    {
      damage: 'a bit of the last line flipped',
      bytes: [first, second, flip(third, 60)],
      reading: torn(2, first.length + second.length),
    },
    { damage: 'a bit of the first line flipped', bytes: [flip(first, 60), second, third], reading: corrupt(0, 0) },
    { damage: 'a line in the middle is missing', bytes: [first, third, third], reading: corrupt(1, first.length) },
    { damage: 'a line stands there twice', bytes: [first, first, second], reading: corrupt(1, first.length) },
    { damage: 'two lines changed places', bytes: [second, first, third], reading: corrupt(0, 0) },
    {
      damage: 'zeros follow it',
      bytes: [first, second, third, Buffer.alloc(512)],
      reading: torn(3, first.length + second.length + third.length),
    },
  ])('when $damage', ({ bytes, reading }) => expect(readFrames(Buffer.concat(bytes))).toEqual(reading));

  test('as torn, never as damaged, wherever its last line is cut', () => {
    const keepBytes = first.length + second.length;
    for (let cut = 1; cut < third.length; cut += 1) {
      const reading = readFrames(Buffer.concat([first, second, third.subarray(0, cut)]));
      expect({ cut, reading }).toEqual({ cut, reading: torn(2, keepBytes) });
    }
  });

  test('as the records before it and nothing else, wherever the whole of it is cut', () => {
    const whole = Buffer.concat([first, second, third]);
    const ends = [0, first.length, first.length + second.length, whole.length];
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const count = ends.filter((end) => end > 0 && end <= cut).length;
      const isWhole = ends.includes(cut);
      const expected = isWhole ? { kind: 'intact', entries: entries.slice(0, count) } : torn(count, ends[count] ?? 0);
      expect({ cut, reading: readFrames(whole.subarray(0, cut)) }).toEqual({ cut, reading: expected });
    }
  });

  test('never as intact, whichever bit of it flipped', () => {
    const whole = Buffer.concat([first, second, third]);
    for (let index = 0; index < whole.length * 8; index += 1) {
      const flipped = flip(whole, index >> 3, index & 7);
      expect({ index, isIntact: isReadAsIntact(flipped) }).toEqual({ index, isIntact: false });
    }
  });

  test('not at all when a newer version of snapback wrote it, which is said', () => {
    const body = { v: 2, seq: 1, time: '2026-01-31T07:41:00.000Z', prev: '0'.repeat(64), record: OPENED };
    const line = JSON.stringify({ ...body, hash: sha256(canonicalJson(body)) });
    expect(() => readFrames(Buffer.from(`${line}\n`))).toThrow(
      new Fault('JOURNAL_VERSION', 'the journal has format 2; this version of snapback reads up to 1'),
    );
  });
});
