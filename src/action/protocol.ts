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
          ['file', oneLine(place.path)],
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

/** What is left of the annotations that GitHub shows for one step. */
export class AnnotationBudget {
  readonly #left = { error: ANNOTATIONS_MAX, warning: ANNOTATIONS_MAX, notice: ANNOTATIONS_MAX };

  /** Those to be shown, the last of a kind saying how many more there are, and those that GitHub would drop. */
  spend(
    all: readonly Annotation[],
    reserve = 0,
  ): { readonly shown: readonly Annotation[]; readonly others: readonly Annotation[] } {
    const [shown, others]: [Annotation[], Annotation[]] = [[], []];
    for (const severity of ['error', 'warning', 'notice'] as const) {
      const own = all.filter((one) => one.severity === severity);
      const room = Math.max(0, this.#left[severity] - reserve);
      const fitting = own.length <= room ? own : own.slice(0, Math.max(0, room - 1));
      const dropped = own.slice(fitting.length);
      const isSaid = dropped.length > 0 && room > 0;
      const message = `${dropped.length} more of these are in the log of this step.`;
      shown.push(...fitting, ...(isSaid ? [{ severity, title: 'and more', message }] : []));
      others.push(...dropped);
      this.#left[severity] -= fitting.length + (isSaid ? 1 : 0);
    }
    return { shown, others };
  }
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
