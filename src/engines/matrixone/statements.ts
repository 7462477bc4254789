// The snapshot statements that both grammars share.

import type { TableRef } from '../../kernel/index.ts';
import { quoteName } from '../wire/quote.ts';
import { literal } from './literal.ts';

/** What one native snapshot covers. */
export type NativeScope =
  | { readonly level: 'cluster' }
  /** Without a name the account that logs in; only `sys` may name another. */
  | { readonly level: 'account'; readonly account?: string }
  | { readonly level: 'database'; readonly database: string }
  | { readonly level: 'table'; readonly table: TableRef };

export function createSnapshotSql(name: string, scope: NativeScope): string {
  const start = `CREATE SNAPSHOT ${quoteName(name)} FOR`;
  switch (scope.level) {
    case 'cluster':
      return `${start} CLUSTER`;
    case 'account':
      return scope.account === undefined ? `${start} ACCOUNT` : `${start} ACCOUNT ${quoteName(scope.account)}`;
    case 'database':
      return `${start} DATABASE ${quoteName(scope.database)}`;
    case 'table':
      return `${start} TABLE ${quoteName(scope.table.database)} ${quoteName(scope.table.table)}`;
  }
}

export function dropSnapshotSql(name: string): string {
  return `DROP SNAPSHOT IF EXISTS ${quoteName(name)}`;
}

/** A moment of the past that has no snapshot: no snapshot has such a name. */
export function momentOf(nanoseconds: bigint): string {
  return `@${nanoseconds}`;
}

/** When to read, a snapshot or a `momentOf`: stands behind the name of a table; empty for the live data. */
export function atMoment(moment: string | undefined): string {
  if (moment === undefined) return '';
  return moment.startsWith('@') ? ` {MO_TS = ${BigInt(moment.slice(1))}}` : ` {SNAPSHOT = ${literal(moment)}}`;
}
