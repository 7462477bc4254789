// Rows of tables outside whose parents are gone after a restore. They are told, not touched.

import { Fault } from '../../../kernel/index.ts';
import { quoteName, quoteTable } from '../../wire/quote.ts';
import { foreignKeyColumns } from './create-table-text.ts';
import { describeInboundKeys } from './describe.ts';
import type { InboundKey } from './model.ts';
import { countOf } from './result-rows.ts';
import type { Restoring } from './restoring.ts';

export async function findOrphans({ session, extent, effect }: Restoring): Promise<readonly string[]> {
  const sentences: string[] = [];
  for (const key of await describeInboundKeys(session, extent, effect.signal)) {
    const from = `${key.database}.${key.table}`;
    const to = `${key.target.database}.${key.target.table}`;
    try {
      const { rows } = await session.query(orphansSql(key), { signal: effect.signal });
      const count = countOf(rows[0]?.[0]);
      if (count > 0)
        sentences.push(`${count} rows of ${from} reference rows of ${to} that are not there (${key.name})`);
    } catch (error) {
      // The parent may be missing, or may not be read by this login.
      if (!(error instanceof Fault) || !['STATEMENT_FAILED', 'PRIVILEGE_MISSING'].includes(error.code)) throw error;
      sentences.push(`could not look for rows of ${from} without their rows in ${to}: ${error.message}`);
    }
  }
  return sentences;
}

function orphansSql({ database, table, definition, target }: InboundKey): string {
  const { columns, referenced } = foreignKeyColumns(definition);
  const on = columns.map((name, index) => `c.${quoteName(name)} = p.${quoteName(referenced[index] ?? name)}`);
  const isFilled = columns.map((name) => `c.${quoteName(name)} IS NOT NULL`);
  const child = quoteTable({ database, table });
  return `SELECT COUNT(*) FROM ${child} c LEFT JOIN ${quoteTable(target)} p ON ${on.join(' AND ')}
     WHERE ${isFilled.join(' AND ')} AND p.${quoteName(referenced[0] ?? '')} IS NULL`;
}
