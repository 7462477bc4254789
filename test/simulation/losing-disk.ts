// A disk that keeps what was synced. Of the rest, a crash leaves as many bytes as it likes.

import { Fault } from '../../src/kernel/index.ts';
import type { JournalDisk, Storage } from '../../src/journal/index.ts';
import type { Life } from './life.ts';
import type { World } from './world.ts';

class StoredFile {
  readonly #durable: Buffer[] = [];
  #unsynced: Buffer[] = [];

  bytes(): Buffer {
    return Buffer.concat([...this.#durable, ...this.#unsynced]);
  }

  add(bytes: Uint8Array): void {
    this.#unsynced.push(Buffer.from(bytes));
  }

  sync(): void {
    this.#durable.push(...this.#unsynced);
    this.#unsynced = [];
  }

  /** What was not synced is torn where that function says. */
  tear(keptOf: (length: number) => number): void {
    const unsynced = Buffer.concat(this.#unsynced);
    this.#unsynced = [unsynced.subarray(0, keptOf(unsynced.length))];
  }

  truncate(length: number): void {
    const kept = this.bytes().subarray(0, length);
    this.#durable.splice(0, this.#durable.length, kept);
    this.#unsynced = [];
  }
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
    let held: Uint8Array[] = [];
    return {
      read: async () => file.bytes(),
      append: (bytes) =>
        life.call((resolve, reject) => {
          const { record } = JSON.parse(Buffer.from(bytes).toString()) as { record: { kind: string; action?: string } };
          last = { kind: record.kind, action: record.action };
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
          held.push(bytes);
          const isLate = mutants.has('an intent is written after its effect') && record.kind.endsWith('-intended');
          if (!isLate) {
            for (const frame of held) file.add(frame);
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
            file.tear((length) => world.rng.between(0, length));
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
