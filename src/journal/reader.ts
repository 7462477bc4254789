import { decodeFrame, GENESIS } from './frame.ts';
import type { JournalEntry } from './record.ts';

/** What the bytes of a journal are worth. */
export type Reading =
  | { readonly kind: 'intact'; readonly entries: readonly JournalEntry[] }
  /** The last frame is not whole: `keepBytes` of the file are good. What was lost may have been an intent. */
  | { readonly kind: 'torn'; readonly entries: readonly JournalEntry[]; readonly keepBytes: number }
  /** Damage before the last frame, at this byte: never repaired silently. */
  | { readonly kind: 'corrupt'; readonly entries: readonly JournalEntry[]; readonly atByte: number };

/** @throws {Fault} JOURNAL_VERSION for a format that is newer than this program. */
export function readFrames(bytes: Buffer): Reading {
  const entries: JournalEntry[] = [];
  let previousHash = GENESIS;
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0x0a, at);
    const line = bytes.toString('utf8', at, end === -1 ? bytes.length : end);
    const entry = end === -1 ? undefined : decodeFrame(line, { sequence: entries.length + 1, previousHash });
    if (entry === undefined) {
      const isLast = end === -1 || end === bytes.length - 1;
      return isLast ? { kind: 'torn', entries, keepBytes: at } : { kind: 'corrupt', entries, atByte: at };
    }
    entries.push(entry);
    previousHash = entry.hash;
    at = end + 1;
  }
  return { kind: 'intact', entries };
}
