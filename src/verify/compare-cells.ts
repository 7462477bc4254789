import type { Cell, QueryResult } from '../engines/index.ts';
import type { ExpectedRow, SqlParam } from '../plan/index.ts';

/** Whether the server's text of a value is what a plan expects: numbers as numbers, text exactly, NULL only NULL. */
export function cellEquals(cell: Cell, expected: SqlParam): boolean {
  if (cell === null || expected === null) return cell === expected;
  if (typeof expected === 'boolean') return cell === (expected ? '1' : '0') || cell === String(expected);
  if (typeof expected === 'string') return cell === expected;
  const normal = normalDecimal(cell);
  return normal !== undefined && normal === normalDecimal(String(expected));
}

/** A decimal's one spelling: no sign of plus, no leading and no trailing zeros. Exponents are spelt out; no floats. */
export function normalDecimal(text: string): string | undefined {
  const parts = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,4}))?$/.exec(text.trim());
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts ?? [];
  if (parts === null || whole + fraction === '') return undefined;
  const shift = Number(exponent);
  const digits = `${whole}${fraction}`;
  const point = whole.length + shift;
  const padded = point < 0 ? '0'.repeat(-point) + digits : digits.padEnd(point, '0');
  const at = Math.max(point, 0);
  const integer = padded.slice(0, at).replace(/^0+/, '');
  const rest = padded.slice(at).replace(/0+$/, '');
  const value = `${integer === '' ? '0' : integer}${rest === '' ? '' : `.${rest}`}`;
  return sign === '-' && value !== '0' ? `-${value}` : value;
}

export function rowEquals(row: readonly Cell[], columns: readonly string[], expected: ExpectedRow): boolean {
  if (Array.isArray(expected)) {
    const values = expected as readonly SqlParam[];
    return values.length === row.length && values.every((value, at) => cellEquals(row[at] ?? null, value));
  }
  return Object.entries(expected as Readonly<Record<string, SqlParam>>).every(([column, value]) => {
    const at = columns.findIndex((name) => name.toLowerCase() === column.toLowerCase());
    return at !== -1 && cellEquals(row[at] ?? null, value);
  });
}

/** Whether the rows are these: in this order, or each once in any order. */
export function rowsEqual(
  { rows, columns }: QueryResult,
  expected: readonly ExpectedRow[],
  isOrdered: boolean,
): boolean {
  if (rows.length !== expected.length) return false;
  if (isOrdered) return expected.every((row, at) => rowEquals(rows[at] ?? [], columns, row));
  const left = [...rows];
  return expected.every((row) => {
    const at = left.findIndex((one) => rowEquals(one, columns, row));
    if (at === -1) return false;
    left.splice(at, 1);
    return true;
  });
}
