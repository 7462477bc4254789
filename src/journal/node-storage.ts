import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Fault } from '../kernel/index.ts';
import type { Storage } from './storage.ts';

/**
 * Makes a folder, and those above it, for their owner only, and makes their names durable.
 *
 * @throws {Fault} JOURNAL_UNWRITABLE
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    const first = await mkdir(path, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let made = resolve(path); made.length >= resolve(first).length; made = dirname(made)) {
      await syncFolder(dirname(made));
    }
  } catch (problem) {
    throw asFault(problem, path, 'JOURNAL_UNWRITABLE');
  }
}

/**
 * Opens a journal's file on a real disk, for its owner only. A new one is made durable together with its name; its
 * folder must be there.
 *
 * @throws {Fault} JOURNAL_UNWRITABLE, JOURNAL_UNREADABLE
 */
export async function openStorage(path: string, mode: 'create' | 'open'): Promise<Storage> {
  try {
    const file = await open(path, mode === 'create' ? 'ax+' : 'r+', 0o600);
    if (mode === 'create') await syncFolder(dirname(path));
    return storageOn(file, path);
  } catch (problem) {
    throw asFault(problem, path, mode === 'create' ? 'JOURNAL_UNWRITABLE' : 'JOURNAL_UNREADABLE');
  }
}

function storageOn(file: FileHandle, path: string): Storage {
  const guarded = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    try {
      return await work();
    } catch (problem) {
      throw asFault(problem, path, 'JOURNAL_UNWRITABLE');
    }
  };
  let length = 0;
  return {
    read: () =>
      guarded(async () => {
        const { size } = await file.stat();
        const { buffer } = await file.read({ buffer: Buffer.alloc(size), position: 0 });
        length = size;
        return buffer;
      }),
    append: (bytes) =>
      guarded(async () => {
        // A disk that is nearly full may take only a part of what it is given.
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await file.write(bytes, done, bytes.length - done, length + done);
          done += bytesWritten;
        }
        length += bytes.length;
      }),
    sync: () => guarded(() => file.datasync()),
    truncate: (keep) =>
      guarded(async () => {
        await file.truncate(keep);
        await file.sync();
        length = keep;
      }),
    close: () => guarded(() => file.close()),
  };
}

/** A file's name is durable only when its folder is. Windows knows no such thing. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (problem) {
    if (!['EISDIR', 'EPERM', 'EINVAL'].includes((problem as NodeJS.ErrnoException).code ?? '')) throw problem;
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file may not grow further',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is not a folder',
  EIO: 'the disk reports an error',
};

export function asFault(problem: unknown, path: string, code: 'JOURNAL_UNWRITABLE' | 'JOURNAL_UNREADABLE'): Fault {
  if (problem instanceof Fault) return problem;
  const { code: errno = '', message } = problem as NodeJS.ErrnoException;
  return new Fault(code, `${path}: ${WORDS[errno] ?? message}`, { cause: problem });
}
