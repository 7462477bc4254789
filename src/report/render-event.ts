import type { JournalEntry } from '../journal/index.ts';

/** The contract of `--json`: fields are added, never renamed. */
export const EVENT_VERSION = 1;

/**
 * One record as one line of JSON, without the line end: `{"version":1,"sequence":3,"time":..,"event":..,"data":{..}}`.
 *
 * `event` is the record's kind, `data` its other fields. The line holds no character that acts on a terminal.
 */
export function renderEvent({ sequence, time, record, hash }: JournalEntry): string {
  const { kind: event, ...data } = record;
  const line = JSON.stringify({ version: EVENT_VERSION, sequence, time, event, data, hash });
  return line.replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (char) => {
    return `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}
