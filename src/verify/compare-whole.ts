// `matches` and `schema`: whole snapshots against the live side, by the engine's own comparison.

import { Fault, type CheckResult, type ObjectDifference } from '../kernel/index.ts';
import type { Check, PlanTable } from '../plan/index.ts';
import type { CheckScope } from './check-scope.ts';
import { matchesTable, resolvePattern } from './tables.ts';

type SchemaCheck = Extract<Check, { readonly kind: 'schema' }>;
type MatchesCheck = Extract<Check, { readonly kind: 'matches' }>;

export async function checkMatches(check: MatchesCheck, scope: CheckScope): Promise<CheckResult> {
  const { name } = scope.baselines.ofRef(check.snapshot);
  const proof = await scope.engine.snapshots.prove(name, undefined, scope.effect);
  return {
    check: 'matches',
    subject: check.snapshot.kind === 'step' ? check.snapshot.step : check.snapshot.name,
    severity: check.severity,
    passed: proof.is_equal,
    expected: 'objects, definitions and content equal to the snapshot',
    found: proof.is_equal ? `${proof.tables.length} tables equal` : `${proof.differences.length} differences`,
    ...(proof.is_equal ? {} : { differences: proof.differences }),
    ...(proof.not_shown === undefined ? {} : { not_shown: proof.not_shown }),
  };
}

export async function checkSchema(check: SchemaCheck, scope: CheckScope): Promise<CheckResult> {
  const baseline =
    check.since === undefined ? scope.baselines.all.at(-1) : scope.baselines.ofRef({ kind: 'step', step: check.since });
  if (baseline === undefined)
    throw new Fault('CHECK_FAILED', 'there is no earlier snapshot to compare definitions with');
  const all = await scope.engine.snapshots.compare(baseline.name, undefined, scope.effect);
  const differences = all
    .filter(({ what }) => what !== 'rows' && what !== 'auto-increment')
    .filter(isMeant(check, scope));
  const passed = differences.length === 0;
  return {
    check: 'schema',
    subject: check.tables === undefined ? 'every definition' : 'definitions',
    severity: check.severity,
    passed,
    expected: 'the definitions that the snapshot holds',
    found: passed ? 'the same' : `${differences.length} differences: ${namesOf(differences)}`,
    ...(passed ? {} : { differences }),
  };
}

function isMeant({ tables, except }: SchemaCheck, { urlDatabase }: CheckScope) {
  const matches = (pattern: PlanTable, { name }: ObjectDifference): boolean => {
    const [database = '', table = ''] = name.split('.');
    return matchesTable(resolvePattern(pattern, urlDatabase), { database, table });
  };
  return (difference: ObjectDifference): boolean =>
    (tables === undefined || tables.some((pattern) => matches(pattern, difference))) &&
    !except.some((pattern) => matches(pattern, difference));
}

function namesOf(differences: readonly ObjectDifference[]): string {
  const names = differences.slice(0, 3).map(({ name, what }) => `${name} (${what})`);
  return differences.length > 3 ? `${names.join(', ')} and ${differences.length - 3} more` : names.join(', ');
}
