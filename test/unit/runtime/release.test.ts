import { expect, test } from 'vitest';
import type { Engine, SnapshotInfo } from '../../../src/engines/index.ts';
import type { RunId, SnapshotName, Verdict } from '../../../src/kernel/index.ts';
import type { Plan, SnapshotStep } from '../../../src/plan/index.ts';
import type { ActionScope } from '../../../src/runtime/ports.ts';
import { releaseAll } from '../../../src/runtime/release.ts';
import { common } from '../../support/plan-builder.ts';

const RUN = 'run00001' as RunId;

function takes(id: string, name: string): SnapshotStep {
  return {
    ...common(id),
    kind: 'snapshot',
    scope: { kind: 'databases', databases: ['shop'] },
    name: name as SnapshotName,
    replace: true,
    ifMissing: false,
    keep: { kind: 'until-proven' },
    lock: undefined,
    maxStallMs: 1,
    maxCopyBytes: 1,
  };
}

/** A run whose only step failed, on a server with these snapshots. */
function failedRun(verdict: Verdict, there: readonly Pick<SnapshotInfo, 'name' | 'run' | 'state'>[]) {
  const dropped: string[] = [];
  const snapshots = {
    find: async (name: string) => there.find((info) => info.name === name),
    drop: async (name: string) => void dropped.push(name),
  };
  const target = { name: 'main', engine: { snapshots } as unknown as Engine, lock: undefined };
  const failed = { outcome: { kind: 'failed', effect: 'unknown' }, attempt: 1 };
  const history = { verdict, settled: new Map([['steps/before', failed]]) };
  const scope = {
    ports: { run: RUN, history: () => history },
    targetOf: () => target,
    snapshots: [],
    effect: {},
    signal: new AbortController().signal,
  } as unknown as ActionScope;
  const plan = { steps: [takes('before', 'mine')] } as unknown as Plan;
  return { release: () => releaseAll(plan, scope), dropped };
}

const whole = { name: 'mine' as SnapshotName, state: 'ready' as const };

test('what a snapshot step left that was complete when its time was over goes', async () => {
  const { release, dropped } = failedRun('failed-clean', [{ ...whole, run: RUN }]);
  expect(await release()).toEqual({ kind: 'succeeded', evidence: { kind: 'drop', snapshots: ['mine'] } });
  expect(dropped).toEqual(['mine']);
});

test('what another run left under the same name stays', async () => {
  const { release, dropped } = failedRun('failed-clean', [{ ...whole, run: 'run00002' as RunId }]);
  expect((await release()).kind).toEqual('succeeded');
  expect(dropped).toEqual([]);
});

test.each(['stuck', 'stopped'] as const)('nothing goes of a run that is %s: a person may need it', async (verdict) => {
  const { release, dropped } = failedRun(verdict, [{ ...whole, run: RUN }]);
  await release();
  expect(dropped).toEqual([]);
});
