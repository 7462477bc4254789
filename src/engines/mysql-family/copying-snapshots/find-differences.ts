// What a restore has to do, found and prepared: where few rows of a table differ, they are laid aside.

import type { ObjectDifference } from '../../../kernel/index.ts';
import { quoteName } from '../../wire/quote.ts';
import { compareSides, readSides, type Comparing, type Pair, type Sides } from './compare.ts';
import { labelOf, rowsOf } from './model.ts';
import { eachInParallel, openWorkers, WORKER_COUNT, type Workers } from './parallel.ts';
import type { Restoring } from './restoring.ts';
import { mendingDatabase } from './shadow-catalog.ts';
import { readCommitted } from './session-pins.ts';
import { canMend, compareHeads, stageRows, type Heads, type StagedRows } from './stage-rows.ts';

export interface Found extends Omit<Sides, 'pairs'> {
  readonly differences: readonly ObjectDifference[];
  /** Tables whose rows were laid aside, by label. */
  readonly mended: readonly string[];
  /** How many rows mending will put back or take away. */
  readonly mendedRowCount: number;
}

/** Of smaller tables the fingerprints are read first, whatever their first rows say. */
const BIG_ROWS_MIN = 10_000;

/** Which rows differ in tables that are built anew is told for so many rows in all: it must not cost much time. */
const ROWS_MAX_TO_TELL = 200_000;

/**
 * Where the first rows of a big table differ, all are looked for at once; of the others the fingerprints tell first
 * whether there is anything to look for. `beforeStaging` is called once before anything is written.
 */
export async function findDifferences(restoring: Restoring, beforeStaging: () => Promise<void>): Promise<Found> {
  const { deps, session, snapshot, extent, memory, effect } = restoring;
  const { signal } = effect;
  const sides = await readSides({ session, snapshot, extent }, signal);
  // A log of statements could not repeat on a replica which rows were laid aside.
  const canStage = await readCommitted(session, signal);
  const candidates = new Set(sides.pairs.filter((pair) => canStage && canMend(pair, sides.live)));
  const request = { purpose: 'restore reader', changes: false, jobs: WORKER_COUNT };
  const readers = await openWorkers(deps, request, signal);
  const findRows = (pair: Pair): boolean => !candidates.has(pair);
  const comparing: Comparing = { session, workers: readers, snapshot, extent, memory, keep: true, findRows };
  const read = async () => {
    const big = [...candidates].filter(isBig);
    const heads = await readHeads(restoring, readers, big);
    const rest = { ...sides, pairs: sides.pairs.filter((pair) => !differsAtHead(heads.get(pair))) };
    return { heads, ...(await compareSides(comparing, rest, signal)) };
  };
  const { heads, differences } = await read().finally(() => readers.close());
  const differing = new Set(differences.filter(({ object }) => object === 'table').map(({ name }) => name));
  const toStage = [...candidates].filter(
    (pair) => differsAtHead(heads.get(pair)) || differing.has(labelOf(pair.before)),
  );
  const staged = await stagePairs(restoring, { pairs: toStage, heads }, beforeStaging);
  const isOther = ({ object, what, name }: ObjectDifference): boolean =>
    object !== 'table' || what !== 'rows' || !staged.has(name);
  return {
    wanted: sides.wanted,
    live: sides.live,
    unreadable: sides.unreadable,
    differences: [
      ...differences.filter(isOther),
      ...[...staged.values()].flatMap(({ difference }) => difference ?? []),
    ],
    mended: [...staged].filter(([, { isMended }]) => isMended).map(([label]) => label),
    mendedRowCount: [...staged.values()].reduce((sum, { rowCount }) => sum + rowCount, 0),
  };
}

async function readHeads(
  { snapshot, effect }: Restoring,
  readers: Workers,
  pairs: readonly Pair[],
): Promise<ReadonlyMap<Pair, Heads>> {
  const heads = new Map<Pair, Heads>();
  await eachInParallel(readers, pairs, effect.signal, async (session, pair, signal) => {
    heads.set(pair, await compareHeads(snapshot, session, pair, signal));
  });
  return heads;
}

function differsAtHead(heads: Heads | undefined): boolean {
  return heads !== undefined && heads.gone + heads.changed > 0;
}

function isBig({ before }: Pair): boolean {
  return rowsOf(before) >= BIG_ROWS_MIN;
}

/** The smallest first: so that most tables are told of in full. */
function toldOf(pairs: readonly Pair[]): ReadonlySet<Pair> {
  const told = new Set<Pair>();
  let rows = 0;
  for (const pair of [...pairs].sort((one, other) => rowsIn(one) - rowsIn(other))) {
    rows += rowsIn(pair);
    if (rows <= ROWS_MAX_TO_TELL) told.add(pair);
  }
  return told;
}

function rowsIn({ before, now }: Pair): number {
  return rowsOf(before) + now.rowsEstimate;
}

async function stagePairs(
  restoring: Restoring,
  { pairs, heads }: { readonly pairs: readonly Pair[]; readonly heads: ReadonlyMap<Pair, Heads> },
  beforeStaging: () => Promise<void>,
): Promise<ReadonlyMap<string, StagedRows>> {
  const { deps, session, snapshot, effect } = restoring;
  const staged = new Map<string, StagedRows>();
  if (pairs.length === 0) return staged;
  await beforeStaging();
  for (const database of new Set(pairs.map(({ before }) => before.database))) {
    const sql = `CREATE DATABASE ${quoteName(mendingDatabase(snapshot, database))}`;
    await session.query(sql, { signal: effect.signal });
  }
  const request = { purpose: 'restore worker', changes: true, jobs: pairs.length };
  const workers = await openWorkers(deps, request, effect.signal);
  const told = toldOf(pairs);
  const biggestFirst = [...pairs].sort((a, b) => b.before.bytes - a.before.bytes);
  try {
    for (const worker of workers.sessions) await readCommitted(worker, effect.signal);
    await eachInParallel(workers, biggestFirst, effect.signal, async (worker, pair, signal) => {
      const asked = { ...pair, isTold: told.has(pair), heads: heads.get(pair) };
      staged.set(labelOf(pair.before), await stageRows(restoring, worker, asked, signal));
    });
    return staged;
  } finally {
    await workers.close();
  }
}
