// One record as one line of JSON. `FORMAT.md` describes it byte by byte.

import { canonicalJson, Fault, sha256, type Json } from '../kernel/index.ts';
import type { JournalEntry, JournalRecord } from './record.ts';

/** The version that this program writes. It reads this one and every released one before it. */
export const FORMAT_VERSION = 1;

/** The `prev` of the first frame. */
export const GENESIS = '0'.repeat(64);

interface Frame {
  readonly v: number;
  readonly seq: number;
  readonly time: string;
  readonly prev: string;
  readonly record: JournalRecord;
  readonly hash: string;
}

/** Encodes an entry as a line, its newline included, and tells its hash. */
export function encodeFrame(place: { sequence: number; time: string; previousHash: string }, record: JournalRecord) {
  const body = { v: FORMAT_VERSION, seq: place.sequence, time: place.time, prev: place.previousHash, record };
  const hash = hashOf(body);
  return { line: `${JSON.stringify({ ...body, hash })}\n`, hash };
}

/**
 * Decodes one line, without its newline. `undefined` when it is not a whole, unharmed frame that follows
 * `previousHash`.
 *
 * @throws {Fault} JOURNAL_VERSION for a frame of a newer format.
 */
export function decodeFrame(
  line: string,
  expected: { sequence: number; previousHash: string },
): JournalEntry | undefined {
  const frame = parseFrame(line);
  if (frame === undefined) return undefined;
  const { hash, ...body } = frame;
  if (hash !== hashOf(body)) return undefined;
  if (frame.v > FORMAT_VERSION) {
    throw new Fault(
      'JOURNAL_VERSION',
      `the journal has format ${frame.v}; this version of snapback reads up to ${FORMAT_VERSION}`,
    );
  }
  if (frame.seq !== expected.sequence || frame.prev !== expected.previousHash) return undefined;
  return { sequence: frame.seq, time: frame.time, record: frame.record, hash };
}

function parseFrame(line: string): Frame | undefined {
  try {
    const value = JSON.parse(line) as Frame | null;
    return typeof value === 'object' && value !== null && typeof value.hash === 'string' ? value : undefined;
  } catch (problem) {
    if (!(problem instanceof SyntaxError)) throw problem;
    return undefined;
  }
}

function hashOf(body: Omit<Frame, 'hash'>): string {
  return sha256(canonicalJson(body as unknown as Json));
}
