import { randomBytes } from 'node:crypto';
import type { RunId } from './ids.ts';

/** Randomness as a port. */
export interface Entropy {
  /** `length` characters of a-z and 0-9. */
  token(length: number): string;
}

const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789'; // 32 of them, none that looks like another

export const systemEntropy: Entropy = {
  token: (length) => Array.from(randomBytes(length), (byte) => ALPHABET[byte % ALPHABET.length]).join(''),
};

export function newRunId(entropy: Entropy): RunId {
  return entropy.token(12) as RunId;
}
