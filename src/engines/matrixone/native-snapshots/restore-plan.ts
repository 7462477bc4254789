// Which RESTORE statements, in which order. Pure.

import { Fault, tableLabel, type ObjectDifference, type TableRef } from '../../../kernel/index.ts';
import { coversDatabase, type Extent } from '../extent.ts';
import { foreignKeyLabel, type ForeignKey } from './foreign-keys.ts';

export interface RestorePlan {
  /** Keys of the live data that come off first; the restore of their tables brings back those of the snapshot. */
  readonly keysToDrop: readonly ForeignKey[];
  /** Parents before their children. */
  readonly databases: readonly string[];
  /** Databases that the snapshot does not know. */
  readonly databasesToDrop: readonly string[];
  readonly tables: readonly TableRef[];
  readonly tablesToDrop: readonly TableRef[];
}

export interface KeysAtBothMoments {
  readonly live: readonly ForeignKey[];
  readonly wanted: readonly ForeignKey[];
}

/** @throws {Fault} SNAPSHOT_REFUSED where foreign keys lead in a circle between databases or tables. */
export function planRestore(
  extent: Extent,
  differences: readonly ObjectDifference[],
  { live, wanted }: KeysAtBothMoments,
): RestorePlan {
  const isDatabase = ({ object }: ObjectDifference): boolean => object === 'database';
  const databasesToDrop = differences.filter((one) => isDatabase(one) && one.what === 'extra').map(({ name }) => name);
  const changed = new Set(differences.filter(isDatabase).map(({ name }) => name));
  const changedTables = new Map<string, TableRef>();
  const tablesToDrop: TableRef[] = [];
  for (const difference of differences.filter((one) => !isDatabase(one) && one.object !== 'grant')) {
    const ref = refOfLabel(difference.name, extent);
    if (coversDatabase(extent, ref.database)) changed.add(ref.database);
    else if (difference.what === 'extra') tablesToDrop.push(ref);
    else changedTables.set(difference.name, ref);
  }
  for (const name of databasesToDrop) changed.delete(name);
  const all = [...live, ...wanted];
  const databases = closure([...changed], (name) =>
    all.filter(({ parent }) => parent.database === name).map(({ child }) => child.database),
  ).filter((name) => coversDatabase(extent, name));
  const tableLabels = closure([...changedTables.keys()], (label) =>
    all.filter(({ parent }) => tableLabel(parent) === label).map(({ child }) => tableLabel(child)),
  );
  const tables = extent.tables.filter((table) => tableLabels.includes(tableLabel(table)));
  return {
    keysToDrop: live.filter((key) => isInTheWay(key, databases, tables)),
    databases: parentsFirst(databases, all, ({ database }) => database),
    databasesToDrop,
    tables: parentsFirst(tables.map(tableLabel), all, tableLabel).map((label) => refOfLabel(label, extent)),
    tablesToDrop,
  };
}

/** A key from one restored database into another, a table's key on itself, any key between restored tables. */
function isInTheWay({ child, parent }: ForeignKey, databases: readonly string[], tables: readonly TableRef[]): boolean {
  if (databases.includes(child.database) && databases.includes(parent.database)) {
    return child.database !== parent.database || child.table === parent.table;
  }
  const labels = tables.map(tableLabel);
  return labels.includes(tableLabel(child)) && labels.includes(tableLabel(parent));
}

function closure(start: readonly string[], next: (name: string) => readonly string[]): readonly string[] {
  const all = new Set(start);
  const queue = [...start];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    for (const other of next(name)) {
      if (all.has(other)) continue;
      all.add(other);
      queue.push(other);
    }
  }
  return [...all];
}

/** @throws {Fault} SNAPSHOT_REFUSED for a circle. */
export function parentsFirst(
  names: readonly string[],
  keys: readonly ForeignKey[],
  nameOf: (table: TableRef) => string,
): readonly string[] {
  const left = new Set([...names].sort());
  const sorted: string[] = [];
  while (left.size > 0) {
    const isParentLeft = (name: string): ForeignKey | undefined =>
      keys.find((key) => nameOf(key.child) === name && nameOf(key.parent) !== name && left.has(nameOf(key.parent)));
    const next = [...left].find((name) => isParentLeft(name) === undefined);
    if (next === undefined) {
      const [first = ''] = left;
      const key = isParentLeft(first);
      const label = key === undefined ? first : foreignKeyLabel(key);
      throw new Fault('SNAPSHOT_REFUSED', `foreign keys lead in a circle (${label}): this server cannot restore that`, {
        hint: 'Drop one of the keys, or take snapshots of the whole account.',
      });
    }
    left.delete(next);
    sorted.push(next);
  }
  return sorted;
}

/** Names may hold dots: the extent knows where the database ends. */
function refOfLabel(label: string, { databases, tables }: Extent): TableRef {
  const known = tables.find((table) => tableLabel(table) === label);
  if (known !== undefined) return known;
  const database = [...databases].sort((a, b) => b.length - a.length).find((name) => label.startsWith(`${name}.`));
  if (database !== undefined) return { database, table: label.slice(database.length + 1) };
  const dot = label.indexOf('.');
  return { database: label.slice(0, dot), table: label.slice(dot + 1) };
}
