import type { Diagnostic, SourceSpan } from '../kernel/index.ts';

/** The text of a plan and the name under which people know it. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** The way from a plan's root to a value: `['steps', 0, 'sql']`. */
export type PlanPath = readonly (string | number)[];

/** How many problems of a plan are told. Who has more has one mistake many times, or wants to keep us busy. */
export const PROBLEMS_MAX = 200;

/** One string for one path, as a JSON pointer. */
export function pointerOf(path: PlanPath): string {
  return path.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The other way; digits become numbers, as far as `locate` is concerned they mean the same. */
export function pathOf(pointer: string): PlanPath {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export function problem(code: string, at: SourceSpan, message: string, help?: string): Diagnostic {
  return { code, severity: 'error', message, at, ...(help === undefined ? {} : { help }) };
}

/** Text from a plan inside a message: one line, bounded. */
export function shown(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= 60 ? line : `${line.slice(0, 57)}...`;
}
