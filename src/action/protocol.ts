// What the runner understands: lines that begin with `::`, and files that it reads when a step has ended. A few lines
// of text each, so nothing is gained by a package for them.

import { stripVTControlCharacters } from 'node:util';
import type { Entropy } from '../kernel/index.ts';
import { clip, disarmLine, stripControl } from '../report/index.ts';

/** GitHub shows ten of a kind for each step, and drops the others. */
export const ANNOTATIONS_MAX = 10;
const MESSAGE_CHARACTERS_MAX = 2_000;
const TITLE_CHARACTERS_MAX = 200;

export interface Annotation {
  readonly severity: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
  /** Where in the repository; 1-based. */
  readonly place?: { readonly path: string; readonly line: number; readonly column: number } | undefined;
}

export function annotationLine({ severity, title, message, place }: Annotation): string {
  const where =
    place === undefined
      ? []
      : [
          ['file', place.path],
          ['line', place.line],
          ['col', place.column],
        ];
  const properties = [...where, ['title', clip(oneLine(title), TITLE_CHARACTERS_MAX)]];
  const said = clip(
    message
      .split(/\r\n|[\r\n]/)
      .map(oneLine)
      .join('\n'),
    MESSAGE_CHARACTERS_MAX,
  );
  const written = properties.map(([name, value]) => `${name}=${property(String(value))}`).join(',');
  return `::${severity} ${written}::${data(said)}`;
}

/** The annotations that GitHub will show; the last of a kind says how many more there are. */
export function boundedAnnotations(all: readonly Annotation[]): readonly Annotation[] {
  return (['error', 'warning', 'notice'] as const).flatMap((severity) => {
    const own = all.filter((one) => one.severity === severity);
    if (own.length <= ANNOTATIONS_MAX) return own;
    const more = own.length - ANNOTATIONS_MAX + 1;
    return [
      ...own.slice(0, ANNOTATIONS_MAX - 1),
      { severity, title: 'and more', message: `${more} more of these are in the job summary and in the report.` },
    ];
  });
}

/** One command for each line of the secret: the log is masked line by line. Very short ones would blot out words. */
export function maskLines(secret: string): readonly string[] {
  return secret
    .split(/\r\n|[\r\n]/)
    .filter((line) => line.trim().length >= 3)
    .map((line) => `::add-mask::${data(line)}`);
}

/** A foreign line for the log: shown, and obeyed neither by a terminal nor by the runner. */
export function inertLine(line: string): string {
  return disarmLine(stripControl(stripVTControlCharacters(line)));
}

/** An entry of GITHUB_OUTPUT, GITHUB_STATE or GITHUB_ENV. Nobody can guess the line that ends it. */
export function fileEntry(name: string, value: string, entropy: Entropy): string {
  const end = `end_${entropy.token(24)}`;
  return `${name}<<${end}\n${value}\n${end}\n`;
}

function oneLine(text: string): string {
  return stripControl(stripVTControlCharacters(text));
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
