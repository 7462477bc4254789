// Which objects a snapshot, or a part of one, is about.

import { Fault, tableLabel, type TableRef } from '../../kernel/index.ts';
import type { Scope, ScopePart } from '../port.ts';
import { CATALOG_DATABASE } from './catalog.ts';

export interface Extent {
  /** Everything of this account but system databases and the catalog; `databases` and `tables` are then empty. */
  readonly isWhole: boolean;
  /** Taken whole, with every object in them. */
  readonly databases: readonly string[];
  /** Single tables of other databases. */
  readonly tables: readonly TableRef[];
}

const SYSTEM_DATABASES: ReadonlySet<string> = new Set([
  'information_schema',
  'mo_catalog',
  'mo_debug',
  'mo_task',
  'mysql',
  'system',
  'system_metrics',
]);

export function isSystemDatabase(name: string): boolean {
  return SYSTEM_DATABASES.has(name.toLowerCase());
}

/** Neither the server's nor snapback's own. */
export function isUserDatabase(name: string): boolean {
  return !isSystemDatabase(name) && name.toLowerCase() !== CATALOG_DATABASE;
}

export function extentOf(scope: Scope): Extent {
  switch (scope.kind) {
    case 'databases':
      return { isWhole: false, databases: scope.databases, tables: [] };
    case 'tables':
      return { isWhole: false, databases: [], tables: scope.tables };
    case 'account':
    case 'cluster':
      return { isWhole: true, databases: [], tables: [] };
  }
}

/**
 * The server does not look whether a snapshot covers what is restored from it: this does.
 *
 * @throws {Fault} SNAPSHOT_REFUSED when the part is not inside the whole.
 */
export function partOf(whole: Extent, part: ScopePart | undefined): Extent {
  if (part === undefined) return whole;
  const { databases = [], tables = [] } = part;
  const outside = [
    ...databases.filter((database) => !coversDatabase(whole, database)),
    ...tables.filter((table) => !coversTable(whole, table)).map(tableLabel),
  ];
  if (outside.length > 0) throw new Fault('SNAPSHOT_REFUSED', `the snapshot does not cover ${outside.join(', ')}`);
  const single = tables.filter(({ database }) => !databases.includes(database));
  return {
    isWhole: false,
    databases,
    tables: [...new Map(single.map((table) => [tableLabel(table), table])).values()],
  };
}

export function coversDatabase({ isWhole, databases }: Extent, database: string): boolean {
  return isWhole ? isUserDatabase(database) : databases.includes(database);
}

export function coversTable(extent: Extent, table: TableRef): boolean {
  if (coversDatabase(extent, table.database)) return true;
  return extent.tables.some((own) => tableLabel(own) === tableLabel(table));
}
