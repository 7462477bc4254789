// Row counts against numbers and against what a snapshot holds. Nothing is counted that its expectation does not need.

import { Fault, tableLabel, unreachable, type CheckResult, type TableRef } from '../kernel/index.ts';
import type { RowExpectation, RowRule } from '../plan/index.ts';
import { baselineFor, momentOf, type Baseline } from './baselines.ts';
import type { CheckScope } from './check-scope.ts';
import {
  idlePatterns,
  idleResult,
  isExact,
  matchesTable,
  resolvePattern,
  specificity,
  tablesInSight,
  unique,
  type TablePattern,
} from './tables.ts';
import { isWithin, signed } from './tolerance.ts';
import { countText, rangeText, rowsText } from './words.ts';

interface Rule {
  readonly pattern: TablePattern;
  readonly rule: RowRule;
}

export async function checkRows(rules: readonly RowRule[], scope: CheckScope): Promise<readonly CheckResult[]> {
  const resolved = rules.map((rule) => ({ rule, pattern: patternOf(rule, scope) }));
  const results: CheckResult[] = [];
  const { assigned, idle } = await assign(resolved, scope);
  for (const { table, rule } of assigned) results.push(await checkTable(table, rule, scope));
  for (const { pattern, rule } of idle) results.push(idleResult(pattern, { ...rule, check: 'rows' }));
  return results;
}

function patternOf({ tables }: RowRule, { urlDatabase }: CheckScope): TablePattern {
  return tables === undefined ? { database: '*', table: '*' } : resolvePattern(tables, urlDatabase);
}

/** Which rule speaks for which table: the most specific one that matches; of equal ones the last that is written. */
async function assign(rules: readonly Rule[], scope: CheckScope) {
  const named = rules.filter(({ pattern }) => isExact(pattern)).map(({ pattern }) => pattern);
  const needsSight = rules.some(({ pattern }) => !isExact(pattern));
  const { before, now } = needsSight ? await tablesInSight(scope) : { before: [], now: [] };
  const labels = { before: new Set(before.map(tableLabel)), now: new Set(now.map(tableLabel)) };
  const speaks = ({ pattern, rule }: Rule, table: TableRef): boolean => {
    if (!matchesTable(pattern, table)) return false;
    if (isExact(pattern)) return true;
    // A pattern that compares speaks of the tables that the snapshot holds; one with numbers of those that are there.
    return labels[comparesWithSnapshot(rule.expect) ? 'before' : 'now'].has(tableLabel(table));
  };
  const known = unique([...before, ...now]);
  const idle = new Set(idlePatterns(rules.filter(({ rule }) => rule.tables !== undefined).map(patternIn), known));
  const assigned = unique([...known, ...named]).flatMap((table) => {
    const best = rules
      .filter((rule) => speaks(rule, table))
      .reduce<Rule | undefined>(
        (one, other) => (one === undefined || specificity(other.pattern) >= specificity(one.pattern) ? other : one),
        undefined,
      );
    return best === undefined ? [] : [{ table, rule: best.rule }];
  });
  return { assigned, idle: rules.filter(({ pattern }) => idle.has(pattern)) };
}

const patternIn = ({ pattern }: Rule): TablePattern => pattern;

function comparesWithSnapshot({ kind }: RowExpectation): boolean {
  return kind !== 'exactly' && kind !== 'between' && kind !== 'same-as' && kind !== 'new';
}

async function checkTable(table: TableRef, rule: RowRule, scope: CheckScope): Promise<CheckResult> {
  const { data } = scope.engine;
  const now = await data.countRows(table, { kind: 'now' }, scope.effect.signal);
  const baseline = baselineFor(scope.baselines, rule.since, table);
  const judged = await judge(rule.expect, now, { table, baseline, scope });
  const result: CheckResult = {
    check: 'rows',
    subject: tableLabel(table),
    severity: rule.severity,
    passed: judged.passed,
    expected: judged.expected,
    found: judged.found ?? (now === undefined ? 'no such table' : countText(now)),
  };
  if (result.passed || now === undefined || baseline === undefined || !comparesWithSnapshot(rule.expect)) return result;
  return { ...result, rows: await data.differingRows(table, baseline.name, scope.sampleMax, scope.effect.signal) };
}

interface Judgement {
  readonly passed: boolean;
  readonly expected: string;
  readonly found?: string;
}

interface Subject {
  readonly table: TableRef;
  readonly baseline: Baseline | undefined;
  readonly scope: CheckScope;
}

async function judge(expect: RowExpectation, now: number | undefined, subject: Subject): Promise<Judgement> {
  const count = now ?? Number.NaN; // A missing table compares with nothing.
  switch (expect.kind) {
    case 'exactly':
      return { passed: count === expect.count, expected: rowsText(expect.count) };
    case 'between':
      return { passed: isWithin(count, expect.min, expect.max), expected: `${rangeText(expect.min, expect.max)} rows` };
    case 'same-as': {
      const other = resolvePattern(expect.table, subject.scope.urlDatabase);
      const then = await countThen({ ...subject, table: other });
      if (then === undefined)
        return { passed: false, expected: `as many rows as ${tableLabel(other)} had, which was not there` };
      return { passed: count === then, expected: `the ${rowsText(then)} that ${tableLabel(other)} had` };
    }
    default:
      return compare(expect, now, await countThen(subject));
  }
}

type Comparison = Exclude<RowExpectation, { readonly kind: 'exactly' | 'between' | 'same-as' }>;

function compare(expect: Comparison, now: number | undefined, then: number | undefined): Judgement {
  if (expect.kind === 'new')
    return { passed: then === undefined && now !== undefined, expected: 'a table that was not there' };
  if (then === undefined)
    return { passed: false, expected: 'a table that the snapshot holds', found: 'one that it does not hold' };
  if (expect.kind === 'gone') return { passed: now === undefined, expected: 'no such table' };
  const count = now ?? Number.NaN;
  switch (expect.kind) {
    case 'same':
      return { passed: count === then, expected: `the same ${rowsText(then)}` };
    case 'no-less':
      return { passed: count >= then, expected: `no less than ${rowsText(then)}` };
    case 'no-more':
      return { passed: count <= then, expected: `no more than ${rowsText(then)}` };
    case 'changed-by':
      return { passed: isWithin(count - then, expect.min, expect.max), expected: changeText(expect, then) };
    default:
      return unreachable(expect);
  }
}

function changeText(
  { min, max }: { readonly min: number | undefined; readonly max: number | undefined },
  then: number,
): string {
  if (min !== undefined && min === max) return `${rowsText(then + min)} (${countText(then)} ${signed(min)})`;
  const low = min === undefined ? undefined : then + min;
  const high = max === undefined ? undefined : then + max;
  return `${rangeText(low, high)} rows, ${countText(then)} before`;
}

function countThen({ table, baseline, scope }: Subject): Promise<number | undefined> {
  if (baseline === undefined) {
    throw new Fault(
      'CHECK_FAILED',
      `no earlier snapshot covers ${tableLabel(table)}: there is nothing to compare its rows with`,
    );
  }
  return scope.engine.data.countRows(table, momentOf(baseline), scope.effect.signal);
}
