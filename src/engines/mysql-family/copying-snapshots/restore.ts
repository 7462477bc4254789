// Puts back what differs: staging -> swap (and mending) -> finish -> done. The step stands in the catalog, so a restore
// that was cut anywhere is finished by the next one.

import { Fault, type ObjectDifference, type RestoreEvidence, type SnapshotName } from '../../../kernel/index.ts';
import type { Effect, ScopePart } from '../../port.ts';
import { quoteTable } from '../../wire/quote.ts';
import { covers, extentOf, partOf } from './extent.ts';
import { findDifferences } from './find-differences.ts';
import { findSnapshot } from './find-snapshot.ts';
import { labelOf, refOf, tablesOf, type StoredObject } from './model.ts';
import { mendTables } from './mend.ts';
import { refuseObstacles } from './obstacles.ts';
import { findOrphans } from './orphans.ts';
import { reattach } from './reattach.ts';
import { change, type Restoring } from './restoring.ts';
import { withPinned, type SnapshotDeps } from './session-pins.ts';
import { readObjects, writeSnapshot, type RestoreProgress } from './shadow-catalog.ts';
import type { ContentMemory } from './snapshot-contents.ts';
import { dropStaging, stageTables } from './staging.ts';
import { swapTables } from './swap.ts';

/** See `SnapshotStore.restore`. */
export async function restoreSnapshot(
  deps: SnapshotDeps,
  memory: ContentMemory,
  request: { readonly name: SnapshotName; readonly part: ScopePart | undefined },
  effect: Effect,
): Promise<RestoreEvidence> {
  const { name, part } = request;
  try {
    return await withPinned(deps, { purpose: 'restore', changes: true }, effect.signal, async (session) => {
      const snapshot = await findSnapshot(session, name, effect.signal);
      const whole = extentOf(snapshot.scope);
      const restoring: Restoring = { deps, session, snapshot, extent: partOf(whole, part), effect, memory };
      const cut = snapshot.restore;
      if (cut === undefined || cut.step === 'staging') return await restorePart(restoring, part);
      const earlier = await goOn({ ...restoring, extent: partOf(whole, cut.part ?? undefined) }, cut);
      return joined(earlier, await restorePart(restoring, part));
    });
  } catch (error) {
    throw asRestoreFault(error, name);
  }
}

async function restorePart(restoring: Restoring, part: ScopePart | undefined): Promise<RestoreEvidence> {
  const { progress, wanted } = await prepare(restoring, part).catch((error: unknown) => {
    return forgetRefused(restoring, error);
  });
  if (progress.destroyed.length > 0) return goOn(restoring, { ...progress, step: 'swap' });
  return evidenceOf(restoring, wanted, progress, []);
}

/** Finds what differs and builds beside the live data what is to take its place. */
async function prepare(restoring: Restoring, part: ScopePart | undefined) {
  const { snapshot } = restoring;
  const started: RestoreProgress = {
    ...{ step: 'staging', part: part ?? null, destroyed: [], restored: [], removed: [], rowCount: 0 },
  };
  let isStarted = snapshot.restore !== undefined;
  const start = async (): Promise<void> => {
    isStarted = true;
    await writeProgress(restoring, started);
    await dropStaging(restoring);
  };
  const { wanted, live, unreadable, differences, mended, mendedRowCount } = await findDifferences(restoring, start);
  if (differences.length === 0) {
    if (isStarted) await forget(restoring);
    return { progress: started, wanted };
  }
  const progress: RestoreProgress = {
    ...started,
    destroyed: differences,
    restored: tablesTouched(differences, wanted),
    removed: differences
      .filter(({ what, object }) => what === 'extra' && object !== 'foreign-key')
      .map(({ name }) => name),
    mended,
  };
  if (mended.length === 0) await start();
  await writeProgress(restoring, progress);
  const replaced = tablesToReplace(progress);
  const tables = tablesOf(wanted).filter((table) => replaced.has(labelOf(table)));
  await refuseObstacles(restoring, { wanted, live, unreadable }, replaced);
  const rowCount = mendedRowCount + (await stageTables(restoring, wanted, tables));
  return { progress: { ...progress, rowCount }, wanted };
}

/** A restore that was refused was never begun: nothing waits to be finished. */
async function forgetRefused(restoring: Restoring, error: unknown): Promise<never> {
  if (error instanceof Fault && ['SNAPSHOT_REFUSED', 'RESTORE_FAILED'].includes(error.code)) await forget(restoring);
  throw error;
}

async function forget(restoring: Restoring): Promise<void> {
  await dropStaging(restoring);
  await writeProgress(restoring, undefined);
}

/** From the swap on there is no way back: every step is repeated until it is done. */
async function goOn(restoring: Restoring, progress: RestoreProgress): Promise<RestoreEvidence> {
  const { session, snapshot, extent, effect } = restoring;
  const wanted = (await readObjects(session, snapshot, effect.signal)).filter((object) => covers(extent, object));
  if (progress.step !== 'finish') {
    await writeProgress(restoring, { ...progress, step: 'swap' });
    await swapTables(restoring, wanted);
    await mendTables(restoring, wanted, progress);
    await writeProgress(restoring, { ...progress, step: 'finish' });
  }
  const declared = [...(await reattach(restoring, wanted)), ...(await findOrphans(restoring))];
  await refreshStatistics(restoring, wanted, progress);
  await dropStaging(restoring);
  await writeProgress(restoring, undefined);
  return evidenceOf(restoring, wanted, progress, declared);
}

async function writeProgress({ session, snapshot, effect }: Restoring, restore: RestoreProgress | undefined) {
  const state = restore === undefined ? 'ready' : 'restoring';
  await writeSnapshot(session, { ...snapshot, state, restore }, effect.signal);
}

/** Without it the optimizer would plan with the statistics of an empty table for a while. */
async function refreshStatistics(
  restoring: Restoring,
  wanted: readonly StoredObject[],
  progress: RestoreProgress,
): Promise<void> {
  const replaced = tablesToReplace(progress);
  const tables = tablesOf(wanted).filter((table) => replaced.has(labelOf(table)));
  if (tables.length === 0) return;
  const names = tables.map((table) => quoteTable(refOf(table)));
  await change(restoring, restoring.session, `ANALYZE LOCAL TABLE ${names.join(', ')}`);
}

/** A changed counter or foreign key alone is mended in place, and so are few rows. */
function tablesToReplace({ destroyed, mended = [] }: RestoreProgress): ReadonlySet<string> {
  const replaced = destroyed.filter(
    ({ object, what, name }) =>
      object === 'table' && what !== 'extra' && what !== 'auto-increment' && !mended.includes(name),
  );
  return new Set(replaced.map(({ name }) => name));
}

function tablesTouched(differences: readonly ObjectDifference[], wanted: readonly StoredObject[]): readonly string[] {
  const touched = (label: string): boolean =>
    differences.some(({ object, name, what }) => {
      if (object === 'foreign-key') return name.startsWith(`${label}.`);
      return object === 'table' && what !== 'extra' && name === label;
    });
  return tablesOf(wanted).map(labelOf).filter(touched);
}

function evidenceOf(
  { snapshot }: Restoring,
  wanted: readonly StoredObject[],
  { restored, removed, destroyed, rowCount }: RestoreProgress,
  declared: readonly string[],
): RestoreEvidence {
  return {
    kind: 'restore',
    snapshot: snapshot.name,
    table_count: tablesOf(wanted).length,
    restored,
    row_count: rowCount,
    removed,
    destroyed,
    ...(declared.length === 0 ? {} : { declared }),
  };
}

function joined(earlier: RestoreEvidence, later: RestoreEvidence): RestoreEvidence {
  const declared = [...(earlier.declared ?? []), ...(later.declared ?? [])];
  const both = {
    ...later,
    restored: [...new Set([...earlier.restored, ...later.restored])],
    row_count: earlier.row_count + later.row_count,
    removed: [...new Set([...earlier.removed, ...later.removed])],
    destroyed: [...earlier.destroyed, ...later.destroyed],
  };
  return declared.length === 0 ? both : { ...both, declared };
}

// A server that takes no writes for now is told as that: the restore is tried again when it does.
const FAILED: readonly string[] = ['STATEMENT_FAILED', 'PRIVILEGE_MISSING', 'LOCK_WAIT', 'DEADLOCK'];

function asRestoreFault(error: unknown, name: SnapshotName): unknown {
  if (!(error instanceof Fault) || !FAILED.includes(error.code)) return error;
  return new Fault('RESTORE_FAILED', `restoring from ${name}: ${error.message}`, { cause: error });
}
