// Counts and fingerprints of a snapshot's tables. Taking one does not pay for them: they are read when first asked for,
// which is right because a shadow never changes, and then kept.

import { Fault } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { readContents, type Contents } from './contents.ts';
import { labelOf, type StoredTable } from './model.ts';
import type { Workers } from './parallel.ts';
import { readKnownContents, shadowDatabase, writeKnownContent, type SnapshotRow } from './shadow-catalog.ts';

/** What this process has read already, by the snapshot's token. */
export type ContentMemory = Map<string, Map<string, { rowCount: number; fingerprint: string }>>;

export interface ContentRequest {
  readonly snapshot: SnapshotRow;
  readonly tables: readonly StoredTable[];
  readonly memory: ContentMemory;
  /** Whether new values go into the catalog, for later processes. */
  readonly keep: boolean;
}

export async function snapshotContents(
  session: Session,
  workers: Workers,
  { snapshot, tables, memory, keep }: ContentRequest,
  signal: AbortSignal,
): Promise<Contents> {
  const known = memory.get(snapshot.token) ?? new Map<string, { rowCount: number; fingerprint: string }>();
  memory.set(snapshot.token, known);
  const stored = new Set<string>();
  for (const { table, rowCount, fingerprint } of await readKnownContents(session, snapshot, signal)) {
    const label = `${table.database}.${table.table}`;
    stored.add(label);
    known.set(label, { rowCount, fingerprint });
  }
  const unknown = tables.filter((table) => !known.has(labelOf(table)));
  const read = await readContents(
    workers,
    unknown,
    ({ database, name }) => ({ database: shadowDatabase(snapshot, database), table: name }),
    signal,
  );
  for (const [label, content] of read) known.set(label, content);
  refuseDamaged(tables, known);
  if (keep) {
    for (const table of tables.filter((candidate) => !stored.has(labelOf(candidate)))) {
      const content = known.get(labelOf(table));
      if (content === undefined) continue;
      const { database, name } = table;
      await writeKnownContent(session, snapshot, { table: { database, table: name }, ...content }, signal);
    }
  }
  return known;
}

/**
 * Shadows are tables like others: somebody may empty one, or a server may come back without what it had.
 *
 * @throws {Fault} RESTORE_FAILED when a table has not as many rows as were copied.
 */
export function refuseDamaged(
  tables: readonly StoredTable[],
  known: ReadonlyMap<string, { readonly rowCount: number }>,
): void {
  const damaged = tables.flatMap((table) => {
    const holds = known.get(labelOf(table))?.rowCount;
    if (table.rowCount === undefined || holds === table.rowCount) return [];
    return [`the copy of ${labelOf(table)} holds ${holds ?? 'no'} rows where ${table.rowCount} were copied`];
  });
  if (damaged.length === 0) return;
  throw new Fault('RESTORE_FAILED', damaged.join('; '), {
    hint: 'The snapshot is damaged: nothing can be put back from it, and nothing was changed.',
  });
}
