import { formatDuration } from '../../kernel/index.ts';
import type { RunRow, Scope } from '../port.ts';

/**
 * Whether two scopes share anything. Names are compared without regard to case, because some servers do so:
 * at worst a run waits that need not have waited.
 */
export function scopesOverlap(a: Scope, b: Scope): boolean {
  if (isWide(a) || isWide(b)) return true;
  if (a.kind === 'tables' && b.kind === 'tables') {
    const taken = new Set(a.tables.map(keyOf));
    return b.tables.some((table) => taken.has(keyOf(table)));
  }
  const taken = new Set(foldedDatabases(a));
  return foldedDatabases(b).some((database) => taken.has(database));
}

/** `run abcd of plan nightly (user@host pid 12), open for 3 m 05 s` */
export function runLabel({ run, planName, holder, openedAt, state }: RunRow, nowMs: number): string {
  const age = formatDuration(Math.max(0, nowMs - Date.parse(openedAt)));
  return `run ${run} of plan ${planName} (${holder}), ${state} for ${age}`;
}

function isWide({ kind }: Scope): boolean {
  return kind === 'cluster' || kind === 'account';
}

function foldedDatabases(scope: Scope): readonly string[] {
  if (scope.kind === 'databases') return scope.databases.map((database) => database.toLowerCase());
  if (scope.kind === 'tables') return scope.tables.map(({ database }) => database.toLowerCase());
  return [];
}

function keyOf({ database, table }: { readonly database: string; readonly table: string }): string {
  return `${database}\0${table}`.toLowerCase();
}
