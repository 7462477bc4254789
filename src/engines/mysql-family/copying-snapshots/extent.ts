// Which objects a snapshot, or a part of one, is about.

import { Fault, tableLabel, type TableRef } from '../../../kernel/index.ts';
import { scopeLabel } from '../../scope.ts';
import type { Scope, ScopePart } from '../../port.ts';
import type { StoredObject } from './model.ts';

export interface Extent {
  /** Taken whole, with every object in them. */
  readonly databases: readonly string[];
  /** Single tables of other databases, with their triggers. */
  readonly tables: readonly TableRef[];
}

/** @throws {Fault} SNAPSHOT_REFUSED for scopes wider than databases. */
export function extentOf(scope: Scope): Extent {
  switch (scope.kind) {
    case 'databases':
      return { databases: scope.databases, tables: [] };
    case 'tables':
      return { databases: [], tables: scope.tables };
    case 'account':
    case 'cluster':
      throw new Fault(
        'SNAPSHOT_REFUSED',
        `${scopeLabel(scope)}: this server takes snapshots of databases and tables only`,
      );
  }
}

/** @throws {Fault} SNAPSHOT_REFUSED when the part is not inside the whole. */
export function partOf(whole: Extent, part: ScopePart | undefined): Extent {
  if (part === undefined) return whole;
  const databases = (part.databases ?? []).filter((database) => whole.databases.includes(database));
  const tables = [...(part.tables ?? [])];
  const outside: string[] = [];
  for (const database of part.databases ?? []) {
    if (databases.includes(database)) continue;
    const inside = whole.tables.filter((table) => table.database === database);
    if (inside.length === 0) outside.push(database);
    tables.push(...inside);
  }
  for (const table of part.tables ?? []) if (!coversTable(whole, table)) outside.push(tableLabel(table));
  if (outside.length > 0) throw new Fault('SNAPSHOT_REFUSED', `the snapshot does not cover ${outside.join(', ')}`);
  const single = tables.filter(({ database }) => !databases.includes(database));
  return { databases, tables: [...new Map(single.map((table) => [tableLabel(table), table])).values()] };
}

export function coversTable({ databases, tables }: Extent, table: TableRef): boolean {
  return databases.includes(table.database) || tables.some((own) => tableLabel(own) === tableLabel(table));
}

/** Every database that the extent touches, each once. */
export function databasesIn({ databases, tables }: Extent): readonly string[] {
  return [...new Set([...databases, ...tables.map(({ database }) => database)])];
}

/** What of the extent lies in databases that are there. */
export function databasesThere({ databases, tables }: Extent, isThere: (database: string) => boolean): Extent {
  return { databases: databases.filter(isThere), tables: tables.filter(({ database }) => isThere(database)) };
}

export function covers(extent: Extent, object: StoredObject): boolean {
  switch (object.kind) {
    case 'table':
      return coversTable(extent, { database: object.database, table: object.name });
    case 'trigger':
      return coversTable(extent, { database: object.database, table: object.table });
    case 'inbound-key':
      return coversTable(extent, object.target);
    default:
      return extent.databases.includes(object.database);
  }
}
