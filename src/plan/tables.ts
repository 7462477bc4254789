import { err, ok, type Result } from '../kernel/index.ts';
import type { PlanTable } from './types.ts';

const PART = /^(?:`((?:[^`]|``)+)`|([^.`\s]+))$/;

/** Reads `db.t`, `t`, and with back-quotes around what is odd `` `my.db`.t ``. */
export function parseTable(text: string): Result<PlanTable, string> {
  const names = splitAtDot(text).map((part) => {
    const [, quoted, plain] = PART.exec(part) ?? [];
    return quoted?.replaceAll('``', '`') ?? plain;
  });
  const [first, second, ...more] = names;
  if (names.includes(undefined) || more.length > 0 || first === undefined) {
    return err('write `database.table` or `table`, with back-quotes around a name that holds a dot or a blank');
  }
  return ok(second === undefined ? { database: undefined, table: first } : { database: first, table: second });
}

/** At each dot outside of back-quotes. */
function splitAtDot(text: string): readonly string[] {
  const parts = [''];
  let isQuoted = false;
  for (const character of text) {
    if (character === '`') isQuoted = !isQuoted;
    if (character === '.' && !isQuoted) parts.push('');
    else parts[parts.length - 1] = `${parts.at(-1) ?? ''}${character}`;
  }
  return parts;
}
