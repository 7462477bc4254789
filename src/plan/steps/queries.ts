import type { StepId } from '../../kernel/index.ts';
import type { Query, QueryExpectation as RawExpectation } from '../generated/raw-plan.ts';
import { sqlShape } from '../sql-text.ts';
import type { StepContext } from '../step-context.ts';
import type { Check, QueryExpectation } from '../types.ts';
import { checkRange, type CheckDefaults } from './rows.ts';
import { checkInlineSql } from './sql.ts';

export function queryCheckOf(raw: Query, defaults: CheckDefaults, context: StepContext): Check {
  const params = raw.params ?? [];
  checkInlineSql(raw.sql, params, context.in('sql'));
  if (raw.params === undefined && sqlShape(raw.sql).statementCount > 1) {
    context.in('sql').report('SEVERAL_STATEMENTS', 'a query is a single statement', 'make a query of each');
  }
  if (typeof raw.expect === 'object' && raw.expect.same_as !== undefined && raw.database === undefined) {
    const help = 'add `database:`, and leave it out of the names in the query: it is run in the snapshot too';
    context.in('expect', 'same_as').report('DATABASE_MISSING', '`same_as` needs the `database` of the query', help);
  }
  return {
    kind: 'query',
    at: raw.name === undefined ? context.in('sql').at() : context.in('name').at(),
    severity: raw.severity ?? defaults.severity,
    since: (raw.since as StepId | undefined) ?? defaults.since,
    name: raw.name ?? `query ${Number(context.path.at(-1)) + 1}`,
    sql: raw.sql,
    database: raw.database,
    params,
    expect: expectationOf(raw.expect, context.in('expect')),
  };
}

function expectationOf(raw: RawExpectation, context: StepContext): QueryExpectation {
  if (typeof raw === 'string') return { kind: raw === 'some' ? 'some' : 'none' };
  if (raw.ordered !== undefined && raw.rows === undefined) {
    context.in('ordered').reportAtKey('CONFLICTING_KEYS', '`ordered` goes with `rows`', 'remove it');
  }
  if (raw.value !== undefined) return { kind: 'value', value: raw.value };
  if (raw.row !== undefined) return { kind: 'row', row: raw.row };
  if (raw.rows !== undefined) return { kind: 'rows', rows: raw.rows, isOrdered: raw.ordered ?? false };
  if (raw.same_as !== undefined) return { kind: 'same-as', step: raw.same_as as StepId };
  checkRange(raw.min, raw.max, context);
  return { kind: 'count', min: raw.min, max: raw.max };
}
