import type { RunReport } from './run-report.ts';
import { clip } from './words.ts';

/** No text in the file is longer, in UTF-16 units. What the journal holds is bounded already, as a rule. */
const TEXT_MAX = 64 * 1024;

/** What `JSON.stringify` leaves as it is and acts on a terminal, or begins a command in the log of a CI service. */
const ACTING = /[\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|(?<=##)\[/g;

/**
 * The report as JSON, as `schemas/report.v1.schema.json` describes it, with a line end.
 *
 * Read back, every text is what was recorded, except that a very long one ends with an ellipsis.
 */
export function renderJson(report: RunReport): string {
  const bounded = (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? clip(value, TEXT_MAX) : value;
  const text = JSON.stringify(report, bounded, 2).replace(ACTING, (char) => {
    return `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
  return `${text}\n`;
}
