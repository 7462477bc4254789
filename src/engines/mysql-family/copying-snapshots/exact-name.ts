import { quoteText } from '../../wire/quote.ts';

/**
 * A condition that the column of the information schema holds this name and no other: what is asked there goes by a
 * collation, for which `shop` and `Shop` are the same, be they two databases of this server or not.
 */
export function isNamed(column: string, name: string): string {
  const text = quoteText(name);
  const isSame = `CAST(${column} AS BINARY) = CAST(${text} AS BINARY)`;
  return `${column} = ${text} AND (@@lower_case_table_names <> 0 OR ${isSame})`;
}
