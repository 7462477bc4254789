import type { TableRef } from '../../kernel/index.ts';

/** How a server spells RESTORE. */
export interface RestoreGrammar {
  readonly kind: 'new' | 'old';
  table(table: TableRef, snapshot: string, account: string): string;
  database(database: string, snapshot: string, account: string): string;
  account(account: string, snapshot: string): string;
  cluster(snapshot: string): string;
  /** Replaces everything in `into`. Never with `sys` as source: the server would overwrite `sys` without a word. */
  accountInto(request: { readonly source: string; readonly snapshot: string; readonly into: string }): string;
}
