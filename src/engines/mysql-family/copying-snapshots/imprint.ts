// What the live side of a snapshot's scope is like: one short hash for each object, so that a later look can tell what
// has been written since.

import { canonicalJson, sha256, type Json, type SnapshotName } from '../../../kernel/index.ts';
import type { Effect, Imprint } from '../../port.ts';
import { comparable } from './compare-definitions.ts';
import { comparableTable, foreignKeysOf, parseTableText } from './create-table-text.ts';
import { readContents, type Contents } from './contents.ts';
import { describe } from './describe.ts';
import { extentOf } from './extent.ts';
import { findSnapshot } from './find-snapshot.ts';
import { labelOf, refOf, tablesOf, type StoredObject } from './model.ts';
import { openWorkers, WORKER_COUNT } from './parallel.ts';
import { withPinned, type SnapshotDeps } from './session-pins.ts';

const DIGITS = 16;

/** See `SnapshotStore.imprint`. */
export async function imprintOf(deps: SnapshotDeps, name: SnapshotName, { signal }: Effect): Promise<Imprint> {
  return withPinned(deps, { purpose: 'imprint', changes: false }, signal, async (session) => {
    const { scope } = await findSnapshot(session, name, signal);
    const { objects } = await describe(session, extentOf(scope), signal);
    const readers = { purpose: 'imprint reader', changes: false, jobs: WORKER_COUNT };
    const workers = await openWorkers(deps, readers, signal);
    try {
      const contents = await readContents(workers, tablesOf(objects), refOf, signal);
      return Object.fromEntries(objects.map((object) => [keyOf(object), hashOf(object, contents)]));
    } finally {
      await workers.close();
    }
  });
}

function keyOf(object: StoredObject): string {
  return `${object.kind} ${labelOf(object)}`;
}

function hashOf(object: StoredObject, contents: Contents): string {
  return sha256(canonicalJson(factsOf(object, contents))).slice(0, DIGITS);
}

/** The next AUTO_INCREMENT is left out: a transaction that was rolled back moves it, and wrote nothing. */
function factsOf(object: StoredObject, contents: Contents): Json {
  if (object.kind === 'table') {
    const keys = [...foreignKeysOf(parseTableText(object.definition))].sort();
    const { rowCount = 0, fingerprint = '' } = contents.get(labelOf(object)) ?? {};
    return [comparableTable(object.definition), keys, rowCount, fingerprint];
  }
  if (object.kind === 'sequence') return [comparable(object), object.nextValue, object.cycleCount];
  return comparable(object);
}
