// What a restore has to do, found and prepared in one reading: where few rows of a table differ, they are laid aside.

import type { ObjectDifference } from '../../../kernel/index.ts';
import { quoteName } from '../../wire/quote.ts';
import { compareSides, readSides, type Comparing, type Pair, type Sides } from './compare.ts';
import { labelOf, rowsOf } from './model.ts';
import { eachInParallel, openWorkers, WORKER_COUNT } from './parallel.ts';
import type { Restoring } from './restoring.ts';
import { mendingDatabase } from './shadow-catalog.ts';
import { readCommitted } from './session-pins.ts';
import { canMend, stageRows, type StagedRows } from './stage-rows.ts';

export interface Found extends Omit<Sides, 'pairs'> {
  readonly differences: readonly ObjectDifference[];
  /** Tables whose rows were laid aside, by label. */
  readonly mended: readonly string[];
  /** How many rows mending will put back or take away. */
  readonly mendedRowCount: number;
}

/** Of smaller tables the fingerprints are read first: a table to lay rows aside costs more. */
const BIG_ROWS_MIN = 10_000;

/** Which rows differ in tables that are built anew is told for so many rows in all: it must not cost much time. */
const ROWS_MAX_TO_TELL = 200_000;

/** `beforeStaging` is called once before anything is written. */
export async function findDifferences(restoring: Restoring, beforeStaging: () => Promise<void>): Promise<Found> {
  const { deps, session, snapshot, extent, memory, effect } = restoring;
  const { signal } = effect;
  const sides = await readSides({ session, snapshot, extent }, signal);
  // A log of statements could not repeat on a replica which rows were laid aside.
  const canStage = await readCommitted(session, signal);
  const candidates = new Set(sides.pairs.filter((pair) => canStage && canMend(pair, sides.live)));
  const big = sides.pairs.filter((pair) => candidates.has(pair) && isBig(pair));
  const stage = stager(restoring, beforeStaging);
  const bigRows = await stage(big);
  const readers = { purpose: 'restore reader', changes: false, jobs: WORKER_COUNT };
  const workers = await openWorkers(deps, readers, signal);
  const comparing: Comparing = { session, workers, snapshot, extent, memory, keep: true, findRows: true };
  const rest = { ...sides, pairs: sides.pairs.filter((pair) => !big.includes(pair)) };
  const { differences } = await compareSides(comparing, rest, signal).finally(() => workers.close());
  const differing = new Set(differences.filter(({ object }) => object === 'table').map(({ name }) => name));
  const small = rest.pairs.filter((pair) => candidates.has(pair) && differing.has(labelOf(pair.before)));
  const all = new Map([...bigRows, ...(await stage(small))]);
  const isOther = ({ object, what, name }: ObjectDifference): boolean =>
    object !== 'table' || what !== 'rows' || !all.has(name);
  return {
    wanted: sides.wanted,
    live: sides.live,
    unreadable: sides.unreadable,
    differences: [...differences.filter(isOther), ...[...all.values()].flatMap(({ difference }) => difference ?? [])],
    mended: [...all].filter(([, { isMended }]) => isMended).map(([label]) => label),
    mendedRowCount: [...all.values()].reduce((sum, { rowCount }) => sum + rowCount, 0),
  };
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

function stager(restoring: Restoring, beforeStaging: () => Promise<void>) {
  const { deps, session, snapshot, effect } = restoring;
  const databases = new Set<string>();
  return async (pairs: readonly Pair[]): Promise<ReadonlyMap<string, StagedRows>> => {
    const staged = new Map<string, StagedRows>();
    if (pairs.length === 0) return staged;
    if (databases.size === 0) await beforeStaging();
    for (const { before } of pairs) {
      if (databases.has(before.database)) continue;
      databases.add(before.database);
      const sql = `CREATE DATABASE ${quoteName(mendingDatabase(snapshot, before.database))}`;
      await session.query(sql, { signal: effect.signal });
    }
    const request = { purpose: 'restore worker', changes: true, jobs: pairs.length };
    const workers = await openWorkers(deps, request, effect.signal);
    const told = toldOf(pairs);
    const biggestFirst = [...pairs].sort((a, b) => b.before.bytes - a.before.bytes);
    try {
      for (const worker of workers.sessions) await readCommitted(worker, effect.signal);
      await eachInParallel(workers, biggestFirst, effect.signal, async (worker, pair, signal) => {
        const asked = { ...pair, isTold: told.has(pair) };
        staged.set(labelOf(pair.before), await stageRows(restoring, worker, asked, signal));
      });
      return staged;
    } finally {
      await workers.close();
    }
  };
}
