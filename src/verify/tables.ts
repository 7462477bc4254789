import { Fault, matchesPattern, tableLabel, type CheckResult, type TableRef } from '../kernel/index.ts';
import type { PlanTable } from '../plan/index.ts';
import { databasesInSight, momentOf } from './baselines.ts';
import type { CheckScope } from './check-scope.ts';

/** A table pattern with its database filled in: an unqualified one belongs to the URL's database. */
export interface TablePattern {
  readonly database: string;
  readonly table: string;
}

export function resolvePattern({ database, table }: PlanTable, urlDatabase: string | undefined): TablePattern {
  const resolved = database ?? urlDatabase;
  if (resolved === undefined) {
    throw new Fault('CHECK_FAILED', `${table} names no database, and neither does the URL`, {
      hint: 'Write it as DATABASE.TABLE, or end the URL with a database.',
    });
  }
  return { database: resolved, table };
}

export function isExact({ database, table }: TablePattern): boolean {
  return !database.includes('*') && !table.includes('*');
}

export function matchesTable(pattern: TablePattern, table: TableRef): boolean {
  return matchesPattern(pattern.database, table.database) && matchesPattern(pattern.table, table.table);
}

/** Exact names before patterns, and among patterns the one with more literal characters. */
export function specificity(pattern: TablePattern): number {
  const literal = pattern.database.replaceAll('*', '').length + pattern.table.replaceAll('*', '').length;
  return isExact(pattern) ? 1_000 + literal : literal;
}

/** The tables that the snapshots hold, and those that are there now, in the databases that a plan's checks can mean. */
export async function tablesInSight(
  scope: CheckScope,
): Promise<{ readonly before: readonly TableRef[]; readonly now: readonly TableRef[] }> {
  const { engine, baselines, urlDatabase, effect } = scope;
  const databases = databasesInSight(baselines, urlDatabase);
  const before: TableRef[] = [];
  for (const baseline of baselines.all) {
    before.push(...(await engine.data.tables(databases, momentOf(baseline), effect.signal)));
  }
  return { before: unique(before), now: await engine.data.tables(databases, { kind: 'now' }, effect.signal) };
}

export function unique(tables: readonly TableRef[]): readonly TableRef[] {
  return [...new Map(tables.map((table) => [tableLabel(table), table])).values()];
}

/** Tables, then or now, that match any of the patterns; exact names count even where there is no such table. */
export async function expand(
  patterns: readonly PlanTable[],
  scope: CheckScope,
): Promise<{ readonly tables: readonly TableRef[]; readonly idle: readonly TablePattern[] }> {
  const { before, now } = await tablesInSight(scope);
  const known = unique([...before, ...now]);
  const resolved = patterns.map((pattern) => resolvePattern(pattern, scope.urlDatabase));
  const tables = resolved.flatMap((pattern) =>
    isExact(pattern) ? [pattern] : known.filter((table) => matchesTable(pattern, table)),
  );
  return { tables: unique(tables), idle: idlePatterns(resolved, known) };
}

/** Patterns that no table matches: most likely a slip of the pen. */
export function idlePatterns(patterns: readonly TablePattern[], known: readonly TableRef[]): readonly TablePattern[] {
  return patterns.filter((pattern) => !isExact(pattern) && !known.some((table) => matchesTable(pattern, table)));
}

/** A check that looked at nothing has not passed. */
export function idleResult(
  pattern: TablePattern,
  { check, severity }: Pick<CheckResult, 'check' | 'severity'>,
): CheckResult {
  const subject = tableLabel(pattern);
  return { check, subject, severity, passed: false, expected: 'at least one such table', found: 'none, then or now' };
}
