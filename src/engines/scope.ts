import { tableLabel, type TableRef } from '../kernel/index.ts';
import type { Scope } from './port.ts';

/** The databases that a scope touches; empty for scopes wider than that. */
export function databasesOf(scope: Scope): readonly string[] {
  if (scope.kind === 'databases') return scope.databases;
  if (scope.kind === 'tables') return [...new Set(scope.tables.map(({ database }) => database))].sort();
  return [];
}

/** `shop`, `shop and billing`, `account acc1`, `shop.orders and 2 more tables`. */
export function scopeLabel(scope: Scope): string {
  switch (scope.kind) {
    case 'cluster':
      return 'the whole cluster';
    case 'account':
      return `account ${scope.account}`;
    case 'databases':
      return listed(scope.databases, 'databases');
    case 'tables':
      return listed(scope.tables.map(tableLabel), 'tables');
  }
}

/** What to do about a lock that another connection holds: a process that hangs never lets go of it. */
export function hintToWait(connection: string | undefined): string {
  const wait = 'Wait for the other run, or end it with `snapback resume`, `rollback` or `close`.';
  if (connection === undefined) return wait;
  return `${wait} Where its process is gone for good, \`KILL ${connection}\` on the server frees the lock.`;
}

/** Whether the scope holds that table. */
export function scopeCovers(scope: Scope, table: TableRef): boolean {
  if (scope.kind === 'databases') return scope.databases.includes(table.database);
  if (scope.kind === 'tables') return scope.tables.some((own) => tableLabel(own) === tableLabel(table));
  return true;
}

function listed(names: readonly string[], plural: string): string {
  if (names.length <= 2) return names.join(' and ');
  return `${names[0] ?? ''} and ${names.length - 1} more ${plural}`;
}
