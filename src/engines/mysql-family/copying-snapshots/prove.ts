// The proof: objects, definitions and contents of the whole part, read while nobody can write.

import { Fault, type ObjectKind, type ProofEvidence, type ProvenTable } from '../../../kernel/index.ts';
import type { SnapshotName, TableRef } from '../../../kernel/index.ts';
import type { Effect, ScopePart, Session } from '../../port.ts';
import { EQUALITY_LEAVES_OUT } from './left-out.ts';
import { foreignKeysByName } from './compare-definitions.ts';
import { compareWithSnapshot, type Comparison } from './compare.ts';
import { describe } from './describe.ts';
import { covers, extentOf, partOf, type Extent } from './extent.ts';
import { findSnapshot } from './find-snapshot.ts';
import { labelOf, objectKindOf, refOf, tablesOf } from './model.ts';
import { openWorkers, WORKER_COUNT } from './parallel.ts';
import { withPinned, type SnapshotDeps } from './session-pins.ts';
import { readObjects } from './shadow-catalog.ts';
import { snapshotContents, type ContentMemory } from './snapshot-contents.ts';
import { lockForReading, type TableLock } from './table-lock.ts';

/** How long writers may be made to wait for a proof, and a proof for writers, ms. */
const STALL_MAX_MS = 600_000;

/** See `SnapshotStore.prove`. */
export async function proveSnapshot(
  deps: SnapshotDeps,
  memory: ContentMemory,
  request: { readonly name: SnapshotName; readonly part: ScopePart | undefined },
  effect: Effect,
): Promise<ProofEvidence> {
  const { signal } = effect;
  return withPinned(deps, { purpose: 'proof', changes: true }, signal, async (session) => {
    const snapshot = await findSnapshot(session, request.name, signal);
    const extent = partOf(extentOf(snapshot.scope), request.part);
    const wanted = (await readObjects(session, snapshot, signal)).filter((object) => covers(extent, object));
    const readers = { purpose: 'proof reader', changes: false, jobs: WORKER_COUNT };
    const workers = await openWorkers(deps, readers, signal);
    try {
      // The snapshot's own side never changes: reading it before the lock keeps writers waiting half as long.
      const own = { snapshot, tables: tablesOf(wanted), memory, keep: true };
      await snapshotContents(session, workers, own, signal);
      const lock = await lockLive(deps, session, extent, signal);
      const comparing = { session, workers, snapshot, extent, memory, keep: false, findRows: () => true };
      const comparison = await underLock(lock, signal, (either) => compareWithSnapshot(comparing, either));
      return evidenceOf(snapshot.name, comparison, lock);
    } finally {
      await workers.close();
    }
  });
}

async function lockLive(
  deps: SnapshotDeps,
  session: Session,
  extent: Extent,
  signal: AbortSignal,
): Promise<TableLock | undefined> {
  const { objects } = await describe(session, extent, signal);
  const tables: readonly TableRef[] = tablesOf(objects).map(refOf);
  try {
    return await lockForReading(deps, tables, { maxStallMs: STALL_MAX_MS, purpose: 'proof lock' }, signal);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'PRIVILEGE_MISSING') throw error;
    return undefined; // the evidence says that there was no lock
  }
}

async function underLock<Value>(
  lock: TableLock | undefined,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  if (lock === undefined) return work(signal);
  try {
    const value = await work(AbortSignal.any([signal, lock.signal]));
    await lock.release();
    return value;
  } catch (error) {
    if (lock.signal.aborted && !signal.aborted) throw lock.signal.reason;
    throw error;
  } finally {
    await lock.abandon();
  }
}

function evidenceOf(name: SnapshotName, comparison: Comparison, lock: TableLock | undefined): ProofEvidence {
  const { wanted, differences, found } = comparison;
  const tables = tablesOf(wanted).map((table): ProvenTable => {
    const label = labelOf(table);
    const content = found.get(label);
    const isEqual = !differences.some(
      ({ object, name: subject }) =>
        (object === 'table' && subject === label) || (object === 'foreign-key' && subject.startsWith(`${label}.`)),
    );
    return {
      table: label,
      row_count: content?.rowCount ?? 0,
      fingerprint: content?.fingerprint ?? '',
      is_equal: isEqual && content !== undefined,
    };
  });
  return {
    kind: 'proof',
    snapshot: name,
    is_equal: differences.length === 0,
    moment: lock === undefined ? 'table by table, without a lock: no right to LOCK TABLES' : 'under LOCK TABLES READ',
    tables,
    objects: countObjects(comparison),
    differences,
    left_out: EQUALITY_LEAVES_OUT,
  };
}

function countObjects({ wanted }: Comparison): Readonly<Partial<Record<ObjectKind, number>>> {
  const counts: Partial<Record<ObjectKind, number>> = {};
  const add = (kind: ObjectKind, count: number): void => {
    if (count > 0) counts[kind] = (counts[kind] ?? 0) + count;
  };
  for (const object of wanted) {
    if (object.kind === 'table') add('foreign-key', foreignKeysByName(object).size);
    else add(objectKindOf(object), 1);
  }
  return counts;
}
