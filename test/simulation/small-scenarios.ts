// Stories written by hand: a few steps, and the faults that are to happen.

import { compilePlan } from '../../src/compile/index.ts';
import type { Step } from '../../src/plan/index.ts';
import { common, planOf, runStep, snapshotStep, sqlStep } from '../support/plan-builder.ts';
import type { Arm, FaultKind, Moment, WorkKind } from './faults.ts';
import type { Table } from './memory-server.ts';
import { sqlOf, type Meaning, type PlannedEffect, type ProgramScript } from './random-plan.ts';
import type { Scenario } from './world.ts';

const EFFECT: PlannedEffect = { id: 100, table: 'shop.a', kind: 'add' };
/** Of `finally`, outside of what the snapshot covers. */
const LAST: PlannedEffect = { id: 101, table: 'side.log', kind: 'set' };
const ROWS: Table = {
  columns: ['id', 'n'],
  rows: new Map([
    [1, 7],
    [2, 7],
    [3, 7],
    [100, 0],
    [101, 0],
  ]),
};

interface Changes {
  /** Of the step. */
  readonly step?: Partial<Step>;
  readonly after?: readonly Step[];
  readonly rollback?: readonly Step[];
  readonly isTakenBack?: boolean;
  /** Of the snapshot. */
  readonly keep?: 'always';
  /** Whether `finally` has a step. */
  readonly hasLast?: boolean;
  readonly seed?: string;
  /** What the program does besides its effect. */
  readonly also?: readonly string[];
}

/** A snapshot, and one step with one effect. */
export function smallScenario(kind: 'sql' | 'run', arms: readonly Arm[], changes: Changes = {}): Scenario {
  const { after = [], rollback, isTakenBack = false, seed = 'small' } = changes;
  const change = { ...(kind === 'sql' ? statement('change', EFFECT) : program(changes.also)), ...changes.step } as Step;
  const first = snapshotStep('s0', { keep: { kind: changes.keep ?? 'until-proven' } });
  const last = changes.hasLast === true ? [statement('last', LAST)] : [];
  const compiled = compilePlan(planOf([first, change, ...after], { rollback, finally: last }));
  if (compiled.kind !== 'ok') throw new Error('a story that is no plan');
  const nothing: Meaning = { effects: [], strays: [], isTransaction: false, fails: false };
  const meanings = new Map(['s0', ...[...after, ...(rollback ?? [])].map(({ id }) => id)].map((id) => [id, nothing]));
  meanings.set('change', { ...nothing, effects: [EFFECT], isTransaction: kind === 'sql' });
  meanings.set('last', { ...nothing, effects: changes.hasLast === true ? [LAST] : [], isTransaction: true });
  const tables = new Map(['shop.a', 'shop.b', 'shop.c', 'side.log'].map((name) => [name, ROWS]));
  return { seed, plan: { compiled: compiled.value, meanings, tables }, arms, isTakenBack };
}

function statement(id: string, effect: PlannedEffect): Step {
  const at = { path: 'plan.yaml', start: 0, end: 4 };
  return sqlStep(id, { sources: [{ path: undefined, text: sqlOf(effect), at }] });
}

function program(also: readonly string[] = []): Step {
  const script: ProgramScript = { statements: [sqlOf(EFFECT), ...also], exitCode: 0, strays: [] };
  return runStep('change', { command: { kind: 'program', words: [JSON.stringify(script)] } });
}

const FIRST = { kind: 'step', step: 's0' as Step['id'] } as const;

export function restoreFirst(id: string): Step {
  const parts = { databases: undefined, tables: undefined, into: undefined };
  return { ...common(id), kind: 'restore', snapshot: FIRST, ...parts };
}

export function dropOf(id: string, snapshot: string): Step {
  return { ...common(id), kind: 'drop', snapshot: { kind: 'step', step: snapshot as Step['id'] } };
}

export function arm(fault: FaultKind, kind: WorkKind, moment: Moment, nth = 1): Arm {
  return { fault, at: { kind, moment }, nth };
}
