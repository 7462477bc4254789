import { Fault } from '../kernel/index.ts';
import type { VerifyStep } from '../plan/index.ts';
import type { Baseline, Baselines } from '../verify/index.ts';
import { nameOfRef } from './own-snapshots.ts';
import type { ActionScope } from './ports.ts';

/** The snapshots that a verify step may compare with, on its own target: this run's, and those that it names. */
export async function baselinesOf(step: VerifyStep, scope: ActionScope): Promise<Baselines> {
  const { snapshots: store } = scope.target.engine;
  const all: Baseline[] = [];
  for (const { name, step: taker, target } of scope.snapshots) {
    if (target !== step.target) continue;
    const info = await store.find(name, scope.signal);
    if (info !== undefined) all.push({ step: taker, name, scope: info.scope });
  }
  const named: Baseline[] = [];
  for (const check of step.checks) {
    if (check.kind !== 'matches' || check.snapshot.kind !== 'named') continue;
    const info = await store.find(check.snapshot.name, scope.signal);
    if (info !== undefined) named.push({ step: undefined, name: info.name, scope: info.scope });
  }
  return {
    all,
    ofRef: (ref) => {
      const name = nameOfRef(ref, scope.snapshots);
      const known = [...all, ...named].find((baseline) => baseline.name === name);
      if (known !== undefined) return known;
      throw new Fault('SNAPSHOT_MISSING', `snapshot ${name} is not on ${scope.target.engine.address.host}`);
    },
  };
}
