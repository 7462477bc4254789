// Journal writer
//
// Owns      the tail of one open journal file, its hash and the next sequence number.
// Leaves    the meaning of records to `fold.ts`, exclusive access to `lock.ts`, reading and torn tails to `reader.ts`.
//
// Invariants
//   J1  `append` resolves only once the frame is on stable storage. Whoever awaited it may now touch the database.
//   J2  Sequence numbers are dense and start at 1, so a gap is corruption and never a torn tail.
//   J3  Appends are serial: a second call waits for the first, and frames never interleave.
//   J4  The first failed write or sync kills the writer. A failed fsync may have dropped pages that a later fsync
//       reports as clean, so the only safe next step is to reopen and re-read.

import { isoTime, type Clock } from '../kernel/index.ts';
import { encodeFrame, GENESIS } from './frame.ts';
import type { JournalEntry, JournalRecord } from './record.ts';
import { redactRecord } from './redact-record.ts';
import type { Storage } from './storage.ts';

export class JournalWriter {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #redact: (text: string) => string;
  #sequence: number;
  #hash: string;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(
    storage: Storage,
    last: JournalEntry | undefined,
    { clock, redact }: { clock: Clock; redact: (text: string) => string },
  ) {
    this.#storage = storage;
    this.#clock = clock;
    this.#redact = redact;
    this.#sequence = last?.sequence ?? 0;
    this.#hash = last?.hash ?? GENESIS;
  }

  /**
   * Makes one record durable, the texts in it redacted first (J8). Takes as long as one fsync.
   *
   * @throws {Fault} JOURNAL_UNWRITABLE when the disk refuses; every later call then fails too (J4).
   */
  append(record: JournalRecord): Promise<JournalEntry> {
    const write = this.#tail.then(async () => {
      const clean = redactRecord(record, this.#redact);
      const time = isoTime(this.#clock.nowMs());
      const sequence = this.#sequence + 1;
      const { line, hash } = encodeFrame({ sequence, time, previousHash: this.#hash }, clean);
      await this.#storage.append(Buffer.from(line));
      await this.#storage.sync();
      this.#sequence = sequence;
      this.#hash = hash;
      return { sequence, time, record: clean, hash };
    });
    this.#tail = write; // A rejected tail stays rejected, which is J4.
    write.catch(() => undefined); // Whoever awaits `write` hears of it; the tail itself is nobody's rejection.
    return write;
  }

  /** Resolves when every append has ended, well or not. */
  async settled(): Promise<void> {
    await this.#tail.catch(() => undefined);
  }
}
