import { readFile } from 'node:fs/promises';
import { Fault, invariant, type Clock, type RunId } from '../kernel/index.ts';
import { RunFold, type RunState } from './fold.ts';
import { journalPaths } from './layout.ts';
import { acquireLock } from './lock.ts';
import { asFault, makeFolder, openStorage } from './node-storage.ts';
import { readFrames, type Reading } from './reader.ts';
import type { JournalEntry, JournalRecord } from './record.ts';
import type { JournalDisk, RunLock, Storage } from './storage.ts';
import { JournalWriter } from './writer.ts';

export interface JournalRequest {
  readonly directory: string;
  readonly run: RunId;
  readonly clock: Clock;
  /** Takes the secrets out of a text. It is asked about every text of a record before that is written. */
  readonly redact: (text: string) => string;
  /** Left out: the disk of this machine. */
  readonly disk?: JournalDisk;
}

const machineDisk: JournalDisk = { makeFolder, acquireLock, openStorage };

/** One run's journal, open for writing by this process alone. */
export interface Journal {
  readonly run: RunId;
  readonly entries: readonly JournalEntry[];
  /** What it means now; it follows every append. */
  state(): RunState;
  /** Resolves when the record is on stable storage. @throws {Fault} JOURNAL_UNWRITABLE */
  append(record: JournalRecord): Promise<JournalEntry>;
  onAppend(listener: (entry: JournalEntry) => void): void;
  close(): Promise<void>;
}

/** @throws {Fault} JOURNAL_UNWRITABLE */
export async function createJournal(request: JournalRequest): Promise<Journal> {
  const paths = journalPaths(request.directory, request.run);
  const disk = request.disk ?? machineDisk;
  await disk.makeFolder(request.directory);
  const lock = await disk.acquireLock(paths.lock, request.clock);
  return releasing(lock, async () => journalOn(await disk.openStorage(paths.journal, 'create'), lock, [], request));
}

/**
 * Opens a run's journal to go on with it. A torn tail is cut, under the lock, and a record says so.
 *
 * @throws {Fault} JOURNAL_LOCKED, JOURNAL_UNREADABLE (where it holds no record, too), JOURNAL_CORRUPT with the byte,
 * JOURNAL_VERSION.
 */
export async function openJournal(request: JournalRequest): Promise<Journal> {
  const paths = journalPaths(request.directory, request.run);
  const disk = request.disk ?? machineDisk;
  const lock = await disk.acquireLock(paths.lock, request.clock);
  return releasing(lock, async () => {
    const storage = await disk.openStorage(paths.journal, 'open');
    try {
      const reading = readFrames(await storage.read());
      assertReadable(reading, paths.journal);
      if (reading.kind === 'torn') await storage.truncate(reading.keepBytes);
      const journal = journalOn(storage, lock, reading.entries, request);
      if (reading.kind === 'torn') {
        const text = `a torn last record was cut off at byte ${reading.keepBytes}`;
        await journal.append({ kind: 'note', text, cut_at_byte: reading.keepBytes });
      }
      return journal;
    } catch (problem) {
      await storage.close();
      throw problem;
    }
  });
}

/** Whoever does not get a journal does not keep its lock. */
async function releasing(lock: RunLock, work: () => Promise<Journal>): Promise<Journal> {
  try {
    return await work();
  } catch (problem) {
    await lock.release();
    throw problem;
  }
}

/**
 * Reads a run's journal and changes nothing: no lock is taken and no tail is cut.
 *
 * @throws {Fault} JOURNAL_UNREADABLE, JOURNAL_CORRUPT, JOURNAL_VERSION
 */
export async function readJournalOf({ directory, run }: Pick<JournalRequest, 'directory' | 'run'>) {
  const { journal } = journalPaths(directory, run);
  const reading = readFrames(await bytesOf(journal));
  assertReadable(reading, journal);
  return { entries: reading.entries, state: stateOf(foldOf(reading.entries)), isTorn: reading.kind === 'torn' };
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (problem) {
    throw asFault(problem, path, 'JOURNAL_UNREADABLE');
  }
}

function assertReadable(reading: Reading, path: string): void {
  if (reading.kind !== 'corrupt' && reading.entries.length === 0) {
    throw new Fault('JOURNAL_UNREADABLE', `${path} holds no whole record: its run ended before it began`, {
      hint: 'That run has touched nothing. Remove the file.',
    });
  }
  if (reading.kind !== 'corrupt') return;
  throw new Fault(
    'JOURNAL_CORRUPT',
    `${path} is damaged at byte ${reading.atByte}, after ${reading.entries.length} good records`,
  );
}

function journalOn(
  storage: Storage,
  lock: RunLock,
  earlier: readonly JournalEntry[],
  request: JournalRequest,
): Journal {
  const entries = [...earlier];
  const fold = foldOf(entries);
  const writer = new JournalWriter(storage, entries.at(-1), request);
  const listeners: ((entry: JournalEntry) => void)[] = [];
  return {
    run: request.run,
    entries,
    state: () => stateOf(fold),
    append: async (record) => {
      const entry = await writer.append(record);
      entries.push(entry);
      fold.add(entry);
      for (const listener of listeners) listener(entry);
      return entry;
    },
    onAppend: (listener) => void listeners.push(listener),
    close: async () => {
      await writer.settled();
      await storage.close();
      await lock.release();
    },
  };
}

function foldOf(entries: readonly JournalEntry[]): RunFold {
  const fold = new RunFold();
  for (const entry of entries) fold.add(entry);
  return fold;
}

function stateOf(fold: RunFold): RunState {
  const state = fold.state();
  invariant(state !== undefined, 'a journal begins with run-opened');
  return state;
}
