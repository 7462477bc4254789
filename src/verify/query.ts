import { Fault, unreachable, type CheckResult } from '../kernel/index.ts';
import type { Cell, Moment, QueryResult } from '../engines/index.ts';
import type { Check, ExpectedRow, SqlParam } from '../plan/index.ts';
import { momentOf } from './baselines.ts';
import type { CheckScope } from './check-scope.ts';
import { cellEquals, rowEquals, rowsEqual } from './compare-cells.ts';
import { countText, rangeText, rowsText } from './words.ts';

type QueryCheck = Extract<Check, { readonly kind: 'query' }>;
/** Rows of a result that are kept: an expectation beyond that is about their number. */
const ROWS_MAX = 10_000;

interface Judgement {
  readonly passed: boolean;
  readonly expected: string;
  readonly found: string;
}

export async function checkQuery(check: QueryCheck, scope: CheckScope): Promise<CheckResult> {
  const judged = await judge(check, scope);
  return { check: 'query', subject: check.name, severity: check.severity, ...judged };
}

async function judge(check: QueryCheck, scope: CheckScope): Promise<Judgement> {
  const { expect } = check;
  if (expect.kind === 'same-as' && !scope.engine.capabilities.canQuerySnapshot) {
    const found = 'a server on which a query cannot be run on the data of a snapshot';
    return { passed: false, expected: 'the result that it has on the snapshot', found };
  }
  const now = await ask(check, { kind: 'now' }, scope);
  if (isCut(now) && ['row', 'rows', 'same-as', 'count'].includes(expect.kind)) throw tooLong(check);
  const count = now.rows.length;
  const found = `${rowsText(count)}${isCut(now) ? ' or more' : ''}`;
  switch (expect.kind) {
    case 'none':
      return { passed: count === 0, expected: 'none', found };
    case 'some':
      return { passed: count > 0, expected: 'at least one row', found };
    case 'count':
      return {
        passed: count >= (expect.min ?? 0) && count <= (expect.max ?? Infinity),
        expected: `${rangeText(expect.min, expect.max)} rows`,
        found,
      };
    case 'value':
      return judgeValue(now, expect.value);
    case 'row': {
      const passed = count === 1 && rowEquals(now.rows[0] ?? [], now.columns, expect.row);
      return { passed, expected: rowText(expect.row), found: count === 1 ? cellsText(now.rows[0] ?? []) : found };
    }
    case 'rows': {
      const passed = rowsEqual(now, expect.rows, expect.isOrdered);
      return {
        passed,
        expected: `these ${rowsText(expect.rows.length)}`,
        found: count <= 5 ? now.rows.map(cellsText).join(' ') : found,
      };
    }
    case 'same-as': {
      const then = await ask(check, momentOf(scope.baselines.ofRef({ kind: 'step', step: expect.step })), scope);
      if (isCut(then)) throw tooLong(check);
      const passed = rowsEqual(now, then.rows, false) && now.columns.join() === then.columns.join();
      return { passed, expected: `the ${rowsText(then.rows.length)} that it has on the snapshot`, found };
    }
    default:
      return unreachable(expect);
  }
}

function judgeValue({ rows }: QueryResult, value: SqlParam): Judgement {
  const [row = []] = rows;
  const isOne = rows.length === 1 && row.length === 1;
  const found = isOne ? cellText(row[0] ?? null) : `${rowsText(rows.length)} of ${countText(row.length)} columns`;
  return {
    passed: isOne && cellEquals(row[0] ?? null, value),
    expected: cellText(value === null ? null : String(value)),
    found,
  };
}

function ask({ sql, database, params }: QueryCheck, at: Moment, scope: CheckScope): Promise<QueryResult> {
  const request = { sql, database: database ?? scope.urlDatabase, params, at, rowsMax: ROWS_MAX + 1 };
  return scope.engine.data.query(request, scope.effect.signal);
}

/** Whether only a part of the rows was kept; then nothing may be said that needs them all. */
const isCut = ({ rows }: QueryResult): boolean => rows.length > ROWS_MAX;

function tooLong({ name }: QueryCheck): Fault {
  return new Fault(
    'CHECK_FAILED',
    `${name}: the result has more than ${countText(ROWS_MAX)} rows, too many to compare`,
    {
      hint: 'Let the server count or compare: SELECT COUNT(*) .. with `expect: { value }`.',
    },
  );
}

const TEXT_MAX = 200;

function cellText(cell: Cell): string {
  if (cell === null) return 'NULL';
  return cell.length > TEXT_MAX ? `${cell.slice(0, TEXT_MAX - 1)}…` : cell;
}

function cellsText(cells: readonly Cell[]): string {
  return cellText(`(${cells.map(cellText).join(', ')})`);
}

function rowText(row: ExpectedRow): string {
  if (Array.isArray(row))
    return cellsText((row as readonly SqlParam[]).map((value) => (value === null ? null : String(value))));
  return cellText(
    `(${Object.entries(row)
      .map(([name, value]) => `${name} = ${value ?? 'NULL'}`)
      .join(', ')})`,
  );
}
