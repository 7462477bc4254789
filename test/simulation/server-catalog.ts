// What snapback keeps on a server: snapshots, runs and markers.

import type { RunRow, Scope, SnapshotInfo } from '../../src/engines/index.ts';
import type { Table } from './memory-server.ts';

export interface StoredSnapshot {
  info: SnapshotInfo;
  state: 'copying' | 'ready' | 'restoring' | 'dropping';
  readonly covers: (table: string) => boolean;
  readonly tables: Map<string, Table>;
}

export class Catalog {
  isThere = false;
  readonly snapshots: StoredSnapshot[] = [];
  readonly runs = new Map<string, RunRow>();
  readonly markers = new Set<string>();

  /** A complete one goes before one that is in the making. */
  find(name: string): StoredSnapshot | undefined {
    const all = this.snapshots.filter(({ info }) => info.name === name);
    return all.find(({ state }) => state === 'ready' || state === 'restoring') ?? all[0];
  }

  remove(snapshot: StoredSnapshot): void {
    const at = this.snapshots.indexOf(snapshot);
    if (at !== -1) this.snapshots.splice(at, 1);
  }
}

export function coveredBy(scope: Scope): (table: string) => boolean {
  if (scope.kind === 'databases') return (table) => scope.databases.includes(table.split('.')[0] ?? '');
  if (scope.kind === 'tables')
    return (name) => scope.tables.some(({ database, table }) => `${database}.${table}` === name);
  return () => true;
}
