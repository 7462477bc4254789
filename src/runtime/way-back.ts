// The default rollback: what our own snapshots cover is restored, from the earliest snapshot that covers each object,
// and
// then proven. A snapshot that another run took is never restored from by default.

import { databasesOf, scopeCovers, type Scope, type SnapshotInfo } from '../engines/index.ts';
import {
  Fault,
  type ObjectDifference,
  type ProofEvidence,
  type RestoreEvidence,
  type SnapshotName,
  type StepOutcome,
} from '../kernel/index.ts';
import { keepingPresent } from './keep-present.ts';
import { asFailure, failed, nothing, succeeded } from './outcomes.ts';
import type { ActionScope, OpenTarget, OwnSnapshot } from './ports.ts';
import { resolveScope } from './resolve-scope.ts';

interface WayBack {
  readonly target: OpenTarget;
  readonly name: SnapshotName;
  readonly covered: Scope;
  /** Scopes of earlier snapshots on the same target: what they cover is restored from them and proven by them. */
  readonly earlier: readonly Scope[];
}

/** Restores the latest snapshot first, so that the earliest has the last word on every object it covers. */
export async function restoreAll(scope: ActionScope): Promise<StepOutcome> {
  try {
    const ways = await waysBack(scope);
    if (ways.length === 0) return nothingToGoBackTo(scope);
    if (scope.hasChanged(scope.ports.history())) {
      for (const { target, covered } of ways) await scope.heedWriters(target, covered, 'before a restore');
    }
    const parts: RestoreEvidence[] = [];
    for (const { target, name, covered } of [...ways].reverse()) {
      const restore = () => target.engine.snapshots.restore(name, undefined, effectOn(target, scope));
      parts.push(await keepingPresent(target, { from: name, covered }, scope, restore));
    }
    return succeeded(mergeRestores(parts));
  } catch (problem) {
    return asFailure(problem, 'some');
  }
}

export async function proveAll(scope: ActionScope): Promise<StepOutcome> {
  try {
    const ways = await waysBack(scope);
    if (ways.length === 0) return nothingToGoBackTo(scope);
    const proofs: ProofEvidence[] = [];
    for (const { target, name, earlier } of ways) {
      const proof = await target.engine.snapshots.prove(name, undefined, effectOn(target, scope));
      proofs.push(withoutEarlier(proof, earlier));
    }
    const evidence = mergeProofs(proofs);
    if (!evidence.is_equal) return failed(differs(evidence), 'some', evidence);
    const unseen = evidence.not_shown ?? [];
    return unseen.length === 0 ? succeeded(evidence) : failed(notShown(unseen), 'some', evidence);
  } catch (problem) {
    return asFailure(problem, 'some');
  }
}

/** Nothing to go back to is fine only where nothing can have been changed. */
function nothingToGoBackTo({ ports, hasChanged }: ActionScope): StepOutcome {
  if (!hasChanged(ports.history())) return nothing('nothing had been changed');
  throw new Fault(
    'SNAPSHOT_MISSING',
    'steps of this run may have changed something, and no snapshot of this run is left',
  );
}

async function waysBack(scope: ActionScope): Promise<readonly WayBack[]> {
  const ways: WayBack[] = [];
  const seen = new Map<string, Scope[]>();
  for (const own of scope.snapshots.filter(({ isReused }) => !isReused)) {
    const target = scope.targetOf(own.target);
    const earlier = seen.get(own.target) ?? [];
    // One that nobody has to go back to may be gone: its drop may have been cut off.
    const planned = resolveScope(own.scope, target.engine);
    if (earlier.some((wide) => covers(wide, planned))) continue;
    const info = await infoOf(own, target, scope);
    if (!earlier.some((wide) => covers(wide, info.scope))) {
      ways.push({ target, name: own.name, covered: info.scope, earlier: [...earlier] });
    }
    seen.set(own.target, [...earlier, info.scope]);
  }
  return ways;
}

async function infoOf(
  own: OwnSnapshot,
  { engine }: OpenTarget,
  { ports: { run }, signal }: ActionScope,
): Promise<SnapshotInfo> {
  const info = await engine.snapshots.find(own.name, signal);
  if (info?.run !== undefined && info.run !== run) {
    throw new Fault('SNAPSHOT_MISSING', `${own.name} is another run's by now, ${info.run}'s: it shows other data`);
  }
  if (info !== undefined) return info;
  throw new Fault('SNAPSHOT_MISSING', `${own.name}, taken ${own.takenAt}, is no longer on ${engine.address.host}`);
}

/** Whether all that `other` holds lies in `wide`. */
function covers(wide: Scope, other: Scope): boolean {
  if (wide.kind === 'cluster') return true;
  if (wide.kind === 'account') return other.kind !== 'cluster';
  if (other.kind === 'tables') return other.tables.every((table) => scopeCovers(wide, table));
  if (other.kind !== 'databases' || wide.kind !== 'databases') return false;
  return databasesOf(other).every((database) => wide.databases.includes(database));
}

function effectOn(target: OpenTarget, scope: ActionScope) {
  return { ...scope.effect, assertLocked: async () => target.lock?.assertHeld() };
}

function withoutEarlier(proof: ProofEvidence, earlier: readonly Scope[]): ProofEvidence {
  if (earlier.length === 0) return proof;
  const isEarlier = ({ name }: ObjectDifference): boolean => {
    const [database = '', table = ''] = name.split('.');
    return earlier.some((scope) => scopeCovers(scope, { database, table }));
  };
  const differences = proof.differences.filter((difference) => !isEarlier(difference));
  return { ...proof, differences, is_equal: differences.length === 0 };
}

function mergeRestores(parts: readonly RestoreEvidence[]): RestoreEvidence {
  return {
    kind: 'restore',
    snapshot: parts.map(({ snapshot }) => snapshot).join(', '),
    table_count: sum(parts.map((part) => part.table_count)),
    row_count: sum(parts.map((part) => part.row_count)),
    restored: parts.flatMap(({ restored }) => restored),
    removed: parts.flatMap(({ removed }) => removed),
    destroyed: parts.flatMap(({ destroyed }) => destroyed),
    declared: parts.flatMap(({ declared = [] }) => declared),
  };
}

function mergeProofs(proofs: readonly ProofEvidence[]): ProofEvidence {
  const unseen = proofs.flatMap(({ not_shown: parts = [] }) => parts);
  const objects: Record<string, number> = {};
  for (const proof of proofs) {
    for (const [kind, count] of Object.entries(proof.objects)) objects[kind] = (objects[kind] ?? 0) + count;
  }
  return {
    kind: 'proof',
    snapshot: proofs.map(({ snapshot }) => snapshot).join(', '),
    is_equal: proofs.every((proof) => proof.is_equal),
    moment: [...new Set(proofs.map(({ moment }) => moment))].join('; '),
    tables: proofs.flatMap(({ tables }) => tables),
    objects,
    differences: proofs.flatMap(({ differences }) => differences),
    left_out: [...new Set(proofs.flatMap(({ left_out: leftOut }) => leftOut))],
    ...(unseen.length === 0 ? {} : { not_shown: [...new Set(unseen)] }),
  };
}

/** A verdict is not better than its evidence. */
export function notShown(unseen: readonly string[]): Fault {
  return new Fault('PROOF_FAILED', `what could be looked at is equal; not shown: ${unseen.join('; ')}`, {
    hint: 'Let a login of each look, then `snapback close RUN --because ..`.',
  });
}

function differs({ differences, snapshot }: ProofEvidence): Fault {
  const names = differences.slice(0, 5).map(({ name, what }) => `${name} (${what})`);
  const more = differences.length > names.length ? ` and ${differences.length - names.length} more` : '';
  return new Fault('PROOF_FAILED', `still different from ${snapshot}: ${names.join(', ')}${more}`);
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
