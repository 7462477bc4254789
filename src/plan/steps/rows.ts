import type { StepId } from '../../kernel/index.ts';
import type { RowExpectation as RawExpectation, Rows } from '../generated/raw-plan.ts';
import type { StepContext } from '../step-context.ts';
import type { RowExpectation, RowRule } from '../types.ts';
import { tableOf } from './tables-of.ts';

/** What the checks of one step have in common unless they say otherwise. */
export interface CheckDefaults {
  readonly severity: 'error' | 'warn';
  readonly since: StepId | undefined;
}

export function rowRulesOf(raw: Rows, defaults: CheckDefaults, context: StepContext): readonly RowRule[] {
  if (typeof raw === 'string') return [{ tables: undefined, expect: { kind: 'same' }, ...defaults, at: context.at() }];
  return Object.entries(raw).flatMap(([key, rule]) => {
    const place = context.in(key);
    const tables = tableOf(key, place, 'patterns');
    if (tables === undefined) return [];
    const own = typeof rule === 'object' ? rule : {};
    return [
      {
        tables,
        expect: expectationOf(rule, place),
        severity: own.severity ?? defaults.severity,
        since: (own.since as StepId | undefined) ?? defaults.since,
        at: place.keyAt(),
      },
    ];
  });
}

function expectationOf(raw: RawExpectation, context: StepContext): RowExpectation {
  if (typeof raw !== 'object') return shortExpectation(raw, context);
  if (raw.expect !== undefined) return shortExpectation(raw.expect, context.in('expect'));
  if (raw.same_as !== undefined) {
    const table = tableOf(raw.same_as, context.in('same_as'), 'names');
    return table === undefined ? { kind: 'same' } : { kind: 'same-as', table };
  }
  const { min, max } = raw.change ?? raw;
  checkRange(min, max, raw.change === undefined ? context : context.in('change'));
  return { kind: raw.change === undefined ? 'between' : 'changed-by', min, max };
}

/** Numbers that no table can have are refused: `min: 5, max: 3`. */
export function checkRange(min: number | undefined, max: number | undefined, context: StepContext): void {
  if (min === undefined || max === undefined || min <= max) return;
  context.in('max').report('WRONG_VALUE', `\`max\` is ${max} and \`min\` is ${min}: nothing is between them`);
}

function shortExpectation(raw: string | number, context: StepContext): RowExpectation {
  if (context.isUnknown()) return { kind: 'same' };
  switch (raw) {
    case 'same':
    case 'new':
    case 'gone':
      return { kind: raw };
    case 'no less':
      return { kind: 'no-less' };
    case 'no more':
      return { kind: 'no-more' };
    default:
      return countExpectation(String(raw), context);
  }
}

function countExpectation(text: string, context: StepContext): RowExpectation {
  const count = Number(text);
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(count)) {
    const help = 'write `same`, a number, "+3", "-2", `no less`, `no more`, `new` or `gone`';
    context.report('WRONG_VALUE', `\`${text}\` is no row count`, help);
    return { kind: 'same' };
  }
  return /^[+-]/.test(text) ? { kind: 'changed-by', min: count, max: count } : { kind: 'exactly', count };
}
