// Foreign keys decide whether a restore does anything: the server answers OK and leaves a parent as it is.

import { tableLabel, type TableRef } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteName, quoteTable } from '../../wire/quote.ts';
import { texts } from '../session.ts';
import { atMoment } from '../statements.ts';

export interface ForeignKey {
  readonly name: string;
  readonly child: TableRef;
  readonly parent: TableRef;
}

/** All of this account. */
export async function foreignKeys(
  session: Session,
  at: string | undefined,
  signal: AbortSignal,
): Promise<readonly ForeignKey[]> {
  const rows = await texts(
    session,
    'SELECT DISTINCT constraint_name, db_name, table_name, refer_db_name, refer_table_name' +
      ` FROM mo_catalog.mo_foreign_keys${atMoment(at)}`,
    signal,
  );
  return rows.map(([name = '', database = '', table = '', parentDatabase = '', parentTable = '']) => ({
    name,
    child: { database, table },
    parent: { database: parentDatabase, table: parentTable },
  }));
}

export function dropForeignKeySql({ name, child }: ForeignKey): string {
  return `ALTER TABLE ${quoteTable(child)} DROP FOREIGN KEY ${quoteName(name)}`;
}

/** `order_of of shop.orders` */
export function foreignKeyLabel({ name, child }: ForeignKey): string {
  return `foreign key ${name} of ${tableLabel(child)}`;
}
