// The snapshot statements that both grammars share.

import type { TableRef } from '../../kernel/index.ts';
import { quoteName } from '../wire/quote.ts';
import { literal } from './literal.ts';

/** What one native snapshot covers. */
export type NativeScope =
  | { readonly level: 'cluster' }
  | { readonly level: 'account' }
  | { readonly level: 'database'; readonly database: string }
  | { readonly level: 'table'; readonly table: TableRef };

export function createSnapshotSql(name: string, scope: NativeScope): string {
  const start = `CREATE SNAPSHOT ${quoteName(name)} FOR`;
  switch (scope.level) {
    case 'cluster':
      return `${start} CLUSTER`;
    case 'account':
      return `${start} ACCOUNT`;
    case 'database':
      return `${start} DATABASE ${quoteName(scope.database)}`;
    case 'table':
      return `${start} TABLE ${quoteName(scope.table.database)} ${quoteName(scope.table.table)}`;
  }
}

export function dropSnapshotSql(name: string): string {
  return `DROP SNAPSHOT IF EXISTS ${quoteName(name)}`;
}

/** When to read: stands behind the name of a table; empty for the live data. */
export function atMoment(snapshot: string | undefined): string {
  return snapshot === undefined ? '' : ` {SNAPSHOT = ${literal(snapshot)}}`;
}
