import { Fault, tableLabel, type CheckResult, type TableRef } from '../kernel/index.ts';
import type { Check } from '../plan/index.ts';
import { baselineFor } from './baselines.ts';
import type { CheckScope } from './check-scope.ts';
import { expand, idleResult } from './tables.ts';

type UnchangedCheck = Extract<Check, { readonly kind: 'unchanged' }>;

export async function checkUnchanged(check: UnchangedCheck, scope: CheckScope): Promise<readonly CheckResult[]> {
  const { tables, idle } = await expand(check.tables, scope);
  const results: CheckResult[] = [];
  for (const table of tables) results.push(await checkTable(check, table, scope));
  return [...results, ...idle.map((pattern) => idleResult(pattern, { ...check, check: 'unchanged' }))];
}

async function checkTable(check: UnchangedCheck, table: TableRef, scope: CheckScope): Promise<CheckResult> {
  const { data } = scope.engine;
  const { signal } = scope.effect;
  const baseline = baselineFor(scope.baselines, check.since, table);
  if (baseline === undefined) {
    throw new Fault(
      'CHECK_FAILED',
      `no earlier snapshot covers ${tableLabel(table)}: there is nothing to compare it with`,
    );
  }
  const compared = await data.compareContent(table, baseline.name, scope.sampleMax, signal);
  const side = compared.kind === 'no-table' ? compared.side : undefined;
  const found = { equal: 'the same content', different: 'other content', 'no-table': 'no such table' };
  return {
    check: 'unchanged',
    subject: tableLabel(table),
    severity: check.severity,
    passed: compared.kind === 'equal',
    expected: side === 'snapshot' ? 'a table that the snapshot holds' : 'the content that the snapshot holds',
    found: side === 'snapshot' ? 'one that it does not hold' : found[compared.kind],
    ...(compared.kind === 'different' ? { rows: compared.rows } : {}),
  };
}
