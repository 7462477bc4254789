import { unreachable, type CheckResult } from '../kernel/index.ts';
import type { Check } from '../plan/index.ts';
import type { CheckScope } from './check-scope.ts';
import { checkMatches, checkSchema } from './compare-whole.ts';
import { checkQuery } from './query.ts';
import { checkRows } from './rows.ts';
import { checkUnchanged } from './unchanged.ts';

/**
 * Runs all checks of a step, whether earlier ones failed or not, so that every failure is told at once.
 *
 * @throws {Fault} when a check cannot be made: a query that the server refuses, nothing to compare with.
 */
export async function runChecks(
  request: CheckScope & { readonly checks: readonly Check[] },
): Promise<readonly CheckResult[]> {
  const { checks, ...scope } = request;
  const results: CheckResult[] = [];
  for (const check of checks) results.push(...(await runCheck(check, scope)));
  return results;
}

async function runCheck(check: Check, scope: CheckScope): Promise<readonly CheckResult[]> {
  switch (check.kind) {
    case 'rows':
      return checkRows(check.rules, scope);
    case 'query':
      return [await checkQuery(check, scope)];
    case 'unchanged':
      return checkUnchanged(check, scope);
    case 'schema':
      return [await checkSchema(check, scope)];
    case 'matches':
      return [await checkMatches(check, scope)];
    default:
      return unreachable(check);
  }
}
