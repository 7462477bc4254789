// Typed plans for unit tests, built without YAML.

import { Secret, type SourceSpan, type StepId } from '../../src/kernel/index.ts';
import type { Plan, RunStep, SnapshotStep, SqlStep, Step, StepCommon, VerifyStep } from '../../src/plan/index.ts';

const at: SourceSpan = { path: 'plan.yaml', start: 0, end: 4 };

export function common(id: string): StepCommon {
  return {
    id: id as StepId,
    at,
    description: undefined,
    timeoutMs: undefined,
    retry: { attempts: 1, delayMs: 0, on: [] },
    onFailure: 'rollback',
    undo: [],
    inDoubt: 'rollback',
    target: 'main',
  };
}

export function snapshotStep(id: string, changes: Partial<SnapshotStep> = {}): SnapshotStep {
  return {
    ...common(id),
    kind: 'snapshot',
    scope: { kind: 'databases', databases: ['shop'] },
    name: undefined,
    replace: false,
    ifMissing: false,
    keep: { kind: 'until-proven' },
    lock: undefined,
    maxStallMs: 30_000,
    maxCopyBytes: 20 * 2 ** 30,
    ...changes,
  };
}

export function sqlStep(id: string, changes: Partial<SqlStep> = {}): SqlStep {
  return {
    ...common(id),
    kind: 'sql',
    sources: [{ path: undefined, text: 'DELETE FROM orders', at }],
    database: undefined,
    params: undefined,
    transaction: 'auto',
    ...changes,
  };
}

export function runStep(id: string, changes: Partial<RunStep> = {}): RunStep {
  const command = { kind: 'program', words: ['true'] } as const;
  return { ...common(id), kind: 'run', command, cwd: undefined, env: {}, isIdempotent: false, ...changes };
}

export function verifyStep(id: string, changes: Partial<VerifyStep> = {}): VerifyStep {
  return { ...common(id), kind: 'verify', checks: [], ...changes };
}

export function planOf(steps: readonly Step[], changes: Partial<Plan> = {}): Plan {
  return {
    name: 'nightly',
    description: undefined,
    path: 'plan.yaml',
    digest: 'd'.repeat(64),
    targets: new Map([['main', { name: 'main', url: new Secret('mysql://u@h/shop'), at }]]),
    vars: {},
    steps,
    rollback: undefined,
    finally: [],
    onFailure: 'rollback',
    guards: { writers: undefined, wide: [], url: [] },
    quiesce: undefined,
    secrets: [],
    secretVariables: [],
    ...changes,
  };
}
