import { describe, expect, test } from 'vitest';
import type { JournalRecord, Storage } from '../../../src/journal/index.ts';
import { JournalWriter } from '../../../src/journal/writer.ts';
import { Fault, type Clock } from '../../../src/kernel/index.ts';

const clock: Clock = { nowMs: () => Date.parse('2026-01-31T07:41:22.000Z'), sleep: () => Promise.resolve() };
const note = (text: string): JournalRecord => ({ kind: 'note', text });

type Call = 'append' | 'sync';

/** A disk in memory that says what it was asked, and refuses the calls that it is told to. */
function diskOf(refuses: (call: Call, at: number) => boolean = () => false) {
  const asked: string[] = [];
  const answer = async (call: Call): Promise<void> => {
    asked.push(call);
    const at = asked.filter((one) => one === call).length;
    if (refuses(call, at)) throw new Fault('JOURNAL_UNWRITABLE', `the disk refuses ${call} ${at}`);
  };
  const storage: Storage = {
    read: async () => Buffer.alloc(0),
    append: () => answer('append'),
    sync: () => answer('sync'),
    truncate: async () => undefined,
    close: async () => undefined,
  };
  return { storage, asked };
}

function writerOn(storage: Storage): JournalWriter {
  return new JournalWriter(storage, undefined, { clock, redact: (text) => text.replaceAll('hunter2', '***') });
}

const outcomeOf = (write: Promise<{ readonly sequence: number }>): Promise<string> =>
  write.then(
    ({ sequence }) => `record ${sequence}`,
    (problem: unknown) => (problem instanceof Fault ? `${problem.code}: ${problem.message}` : String(problem)),
  );

describe('a record', () => {
  test('is believed once it was written and synced, one after the other whoever asks at once', async () => {
    const { storage, asked } = diskOf();
    const writer = writerOn(storage);
    const told = await Promise.all([note('a'), note('b'), note('c')].map((one) => outcomeOf(writer.append(one))));
    expect({ told, asked }).toEqual({
      told: ['record 1', 'record 2', 'record 3'],
      asked: ['append', 'sync', 'append', 'sync', 'append', 'sync'],
    });
  });

  test('holds no secret', async () => {
    const { record } = await writerOn(diskOf().storage).append(note('the password is hunter2'));
    expect(record).toEqual(note('the password is ***'));
  });
});

describe('after the first refusal of the disk', () => {
  test.each<{ call: Call; asked: readonly string[] }>([
    { call: 'append', asked: ['append', 'sync', 'append'] },
    { call: 'sync', asked: ['append', 'sync', 'append', 'sync'] },
  ])('to $call, nothing is written any more and no later record is believed', async ({ call, asked }) => {
    const disk = diskOf((one, at) => one === call && at === 2);
    const writer = writerOn(disk.storage);
    const told = [note('a'), note('b'), note('c')].map((one) => outcomeOf(writer.append(one)));
    expect(await Promise.all(told)).toEqual([
      'record 1',
      `JOURNAL_UNWRITABLE: the disk refuses ${call} 2`,
      `JOURNAL_UNWRITABLE: the disk refuses ${call} 2`,
    ]);
    expect(disk.asked).toEqual(asked);
  });
});
