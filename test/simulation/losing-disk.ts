// A disk that keeps what was synced. Of the rest, a crash leaves as many bytes as it likes.

import { Fault } from '../../src/kernel/index.ts';
import type { JournalDisk, JournalEntry, Storage } from '../../src/journal/index.ts';
import type { Life } from './life.ts';
import type { World } from './world.ts';

/** What was written at once, and what it says as long as it is whole. */
interface Piece {
  readonly bytes: Buffer;
  readonly entry: JournalEntry | undefined;
}

class StoredFile {
  readonly #durable: Piece[] = [];
  #unsynced: Piece[] = [];

  bytes(): Buffer {
    return Buffer.concat([...this.#durable, ...this.#unsynced].map(({ bytes }) => bytes));
  }

  /** What is whole, from the first record on. */
  entries(): readonly JournalEntry[] {
    const whole: JournalEntry[] = [];
    for (const { entry } of [...this.#durable, ...this.#unsynced]) {
      if (entry === undefined) break;
      whole.push(entry);
    }
    return whole;
  }

  /** How many records survive whatever happens. */
  get durableCount(): number {
    return this.#durable.length;
  }

  add(bytes: Uint8Array, entry?: JournalEntry): void {
    if (bytes.length > 0) this.#unsynced.push({ bytes: Buffer.from(bytes), entry });
  }

  sync(): void {
    this.#durable.push(...this.#unsynced);
    this.#unsynced = [];
  }

  /** What was not synced is torn where that function says. */
  tear(keptOf: (length: number) => number): void {
    this.#unsynced = cutTo(this.#unsynced, keptOf(this.#unsynced.reduce((sum, { bytes }) => sum + bytes.length, 0)));
  }

  truncate(length: number): void {
    const kept = cutTo([...this.#durable, ...this.#unsynced], length);
    this.#durable.splice(0, this.#durable.length, ...kept);
    this.#unsynced = [];
  }
}

function cutTo(pieces: readonly Piece[], length: number): Piece[] {
  const kept: Piece[] = [];
  let left = length;
  for (const piece of pieces) {
    if (left <= 0) break;
    const isWhole = piece.bytes.length <= left;
    kept.push(isWhole ? piece : { bytes: piece.bytes.subarray(0, left), entry: undefined });
    left -= piece.bytes.length;
  }
  return kept;
}

export class LosingDisk {
  readonly files = new Map<string, StoredFile>();
  readonly #world: World;
  readonly #locks = new Map<string, Life>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The power is gone: the unsynced part is torn at any byte. */
  crash(): void {
    const { rng } = this.#world;
    for (const file of this.files.values()) {
      file.tear((length) => (rng.chance(0.4) ? 0 : rng.chance(0.3) ? length : rng.between(0, length)));
      file.sync();
    }
  }

  portOf(life: Life): JournalDisk {
    return {
      makeFolder: () => Promise.resolve(),
      acquireLock: async (path) => {
        const holder = this.#locks.get(path);
        if (holder !== undefined && !holder.isDead) throw new Fault('JOURNAL_LOCKED', `p${holder.number} works on it`);
        this.#locks.set(path, life);
        return {
          release: async () => {
            if (this.#locks.get(path) === life) this.#locks.delete(path);
          },
        };
      },
      openStorage: async (path, mode) => {
        if (mode === 'create') this.files.set(path, new StoredFile());
        const file = this.files.get(path);
        if (file === undefined) throw new Fault('JOURNAL_UNREADABLE', `${path}: there is no such file`);
        return this.#storageOn(file, life);
      },
    };
  }

  #storageOn(file: StoredFile, life: Life): Storage {
    const world = this.#world;
    const { mutants } = world;
    let last: { kind: string; action: string | undefined } = { kind: '', action: undefined };
    let held: { bytes: Uint8Array; entry: JournalEntry }[] = [];
    return {
      read: async () => file.bytes(),
      append: (bytes) =>
        life.call((resolve, reject) => {
          const entry = entryIn(bytes);
          const { record } = entry;
          last = { kind: record.kind, action: 'action' in record ? record.action : undefined };
          world.wrote(last.kind, last.action, false);
          const fault = world.failpoint(life, 'write', record.kind);
          if (fault === 'crash-before') {
            life.die();
            return;
          }
          if (fault === 'disk-full') {
            file.add(bytes.subarray(0, world.rng.between(0, bytes.length - 1)));
            reject(new Fault('JOURNAL_UNWRITABLE', 'the disk is full'));
            return;
          }
          held.push({ bytes, entry });
          const isLate = mutants.has('an intent is written after its effect') && record.kind.endsWith('-intended');
          if (!isLate) {
            for (const frame of held) file.add(frame.bytes, frame.entry);
            held = [];
          }
          resolve();
        }),
      sync: () =>
        life.call((resolve, reject) => {
          const fault = world.failpoint(life, 'sync', last.kind);
          if (fault === 'crash-unsynced') {
            life.die();
            return;
          }
          if (fault === 'sync-fails') {
            // What could not be synced may be read all the same, as long as the machine lives.
            file.tear((length) => {
              const kept = world.rng.between(0, length);
              return kept > 0.7 * length ? length : kept;
            });
            reject(new Fault('JOURNAL_UNWRITABLE', 'the disk reports an error'));
            return;
          }
          const isIntent = last.kind.endsWith('-intended');
          const isSkipped = mutants.has('no fsync') || (isIntent && mutants.has('no fsync of an intent'));
          if (!isSkipped) file.sync();
          if (fault === 'crash-after') {
            life.die();
            return;
          }
          world.time.after(world.rng.between(0, 10) / 10, () => {
            world.wrote(last.kind, last.action, true);
            resolve();
          });
        }),
      truncate: async (length) => file.truncate(length),
      close: () => Promise.resolve(),
    };
  }
}

/** A frame as the writer makes it, which has to be trusted here: a later process reads its bytes. */
function entryIn(bytes: Uint8Array): JournalEntry {
  const frame = JSON.parse(Buffer.from(bytes).toString()) as Omit<JournalEntry, 'sequence'> & { seq: number };
  return { sequence: frame.seq, time: frame.time, record: frame.record, hash: frame.hash };
}
