// Which other databases a view reads, from its text: the server keeps no list of it.

import type { TableRef } from '../../../kernel/index.ts';
import type { DescribedObject } from '../objects.ts';

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Tables and views of these databases that the text names; sooner one too many than one too few. */
export function referencesOf({ definition }: DescribedObject, databases: Iterable<string>): readonly TableRef[] {
  const found = new Map<string, TableRef>();
  for (const database of databases) {
    const name = escaped(database);
    const pattern = new RegExp(
      `(?:\`${name}\`|(?<![\\w$.\`])${name})\\s*\\.\\s*(?:\`((?:[^\`]|\`\`)+)\`|([\\w$]+))`,
      'gi',
    );
    for (const [, quoted, plain = ''] of definition.matchAll(pattern)) {
      const table = quoted?.replaceAll('``', '`') ?? plain;
      found.set(`${database}.${table}`, { database, table });
    }
  }
  return [...found.values()];
}

/** Databases that a view of `from` needs before it can be made. */
export function databasesRead(views: readonly DescribedObject[], databases: readonly string[]): ReadonlySet<string> {
  return new Set(views.flatMap((view) => referencesOf(view, databases)).map(({ database }) => database));
}
