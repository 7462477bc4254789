// Contents of many tables at a time, by fingerprint.

import type { TableRef } from '../../../kernel/index.ts';
import { readContent, type TableContent } from '../fingerprint.ts';
import { labelOf, type StoredTable } from './model.ts';
import { eachInParallel, type Workers } from './parallel.ts';

/** By label: `shop.orders`. */
export type Contents = ReadonlyMap<string, TableContent>;

/** Reads each table where `at` says that it lies. */
export async function readContents(
  workers: Workers,
  tables: readonly StoredTable[],
  at: (table: StoredTable) => TableRef,
  signal: AbortSignal,
): Promise<Contents> {
  const contents = new Map<string, TableContent>();
  const biggestFirst = [...tables].sort((a, b) => b.bytes - a.bytes);
  await eachInParallel(workers, biggestFirst, signal, async (session, table, either) => {
    contents.set(labelOf(table), await readContent(session, at(table), table.columns, table.isVersioned, either));
  });
  return contents;
}

/** The labels of those that differ. */
export function differingContents(expected: Contents, found: Contents): readonly string[] {
  return [...expected]
    .filter(([label, { fingerprint, rowCount }]) => {
      const own = found.get(label);
      return own?.fingerprint !== fingerprint || own.rowCount !== rowCount;
    })
    .map(([label]) => label);
}
