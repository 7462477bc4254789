import type { Clock } from '../kernel/index.ts';

/** A journal's file as a port. Offsets and lengths are bytes. */
export interface Storage {
  read(): Promise<Buffer>;
  append(bytes: Uint8Array): Promise<void>;
  /** Resolves when what was appended survives a loss of power. */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** The right of one process to work on a run. */
export interface RunLock {
  /** Lets go of the lock; of none that somebody else has by now. */
  release(): Promise<void>;
}

/** The disk that journals are on, as a port. Paths are those of `layout.ts`. */
export interface JournalDisk {
  /** @throws {Fault} JOURNAL_UNWRITABLE */
  makeFolder(path: string): Promise<void>;
  /** One process at a time. @throws {Fault} JOURNAL_LOCKED, JOURNAL_UNWRITABLE */
  acquireLock(path: string, clock: Clock): Promise<RunLock>;
  /** @throws {Fault} JOURNAL_UNWRITABLE, JOURNAL_UNREADABLE */
  openStorage(path: string, mode: 'create' | 'open'): Promise<Storage>;
}
