import type { TableRef } from '../../kernel/index.ts';

/** How a server spells RESTORE. Never with TO ACCOUNT: on `sys` that overwrites the source without a word. */
export interface RestoreGrammar {
  readonly kind: 'new' | 'old';
  table(table: TableRef, snapshot: string, account: string): string;
  database(database: string, snapshot: string, account: string): string;
  account(account: string, snapshot: string): string;
  cluster(snapshot: string): string;
}
