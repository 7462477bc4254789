import { invariant } from '../../../kernel/index.ts';
import type { Cell, QueryResult } from '../../port.ts';

/** The rows by position under names of our own: the case of a server's column names cannot be relied on. */
export function records<Key extends string>(
  { rows }: QueryResult,
  keys: readonly Key[],
): readonly Readonly<Record<Key, Cell>>[] {
  return rows.map(
    (row) => Object.fromEntries(keys.map((key, index) => [key, row[index] ?? null])) as Record<Key, Cell>,
  );
}

/** One cell of the first row by the column's name; null when there is no such row. */
export function cellOf({ columns, rows }: QueryResult, column: string): Cell {
  const index = columns.indexOf(column);
  invariant(index >= 0, `a column ${column} among ${columns.join(', ')}`);
  return rows[0]?.[index] ?? null;
}

/** A cell that the server never gives as NULL. */
export function textOf(cell: Cell | undefined): string {
  invariant(cell !== null && cell !== undefined, 'a value that is not NULL');
  return cell;
}

/** A count; NULL counts as nothing. */
export function countOf(cell: Cell | undefined): number {
  return Number(cell ?? 0);
}

/** `?, ?, ?` */
export function placeholders(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
