// Foreign keys decide whether a restore does anything: the server answers OK and leaves a parent as it is.

import { tableLabel, type TableRef } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteName, quoteTable } from '../../wire/quote.ts';
import { texts } from '../session.ts';
import type { DescribedObject } from '../objects.ts';
import { atMoment } from '../statements.ts';

export interface ForeignKey {
  readonly name: string;
  readonly child: TableRef;
  readonly parent: TableRef;
}

/** All of this account that the server's list has; older servers lose keys from it when ALTER TABLE copies a table. */
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

const NAME = '`((?:[^`]|``)+)`';
const KEY = new RegExp(`CONSTRAINT ${NAME} FOREIGN KEY \\([^)]*\\) REFERENCES (?:${NAME}\\.)?${NAME}`, 'g');

/** Those that the definitions tell, which is all of these tables' own. */
export function keysOfObjects(objects: readonly DescribedObject[]): readonly ForeignKey[] {
  const unquoted = (name: string): string => name.replaceAll('``', '`');
  return objects
    .filter(({ kind }) => kind === 'table')
    .flatMap(({ database, name: table, definition }) =>
      [...definition.matchAll(KEY)].map(([, name = '', parentDatabase = database, parent = '']) => ({
        name: unquoted(name),
        child: { database, table },
        parent: { database: unquoted(parentDatabase), table: unquoted(parent) },
      })),
    );
}

/** Each key once. */
export function uniqueKeys(keys: readonly ForeignKey[]): readonly ForeignKey[] {
  return [...new Map(keys.map((key) => [`${tableLabel(key.child)} ${key.name}`, key])).values()];
}

export function dropForeignKeySql({ name, child }: ForeignKey): string {
  return `ALTER TABLE ${quoteTable(child)} DROP FOREIGN KEY ${quoteName(name)}`;
}

/** `order_of of shop.orders` */
export function foreignKeyLabel({ name, child }: ForeignKey): string {
  return `foreign key ${name} of ${tableLabel(child)}`;
}
