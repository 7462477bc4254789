import { databasesOf, scopeLabel, type SnapshotInfo } from '../../engines/index.ts';
import { Fault, type SnapshotName } from '../../kernel/index.ts';
import { asFailure, failed, succeeded } from '../outcomes.ts';
import { resolveScope } from '../resolve-scope.ts';
import { snapshotNameOf } from '../snapshot-name.ts';
import type { Finding, StepDriver } from '../step-driver.ts';

export const snapshotDriver: StepDriver<'snapshot'> = {
  async execute(step, scope) {
    const { engine } = scope.target;
    const name = snapshotNameOf(step, scope.ports.run);
    try {
      const there = await engine.snapshots.find(name, scope.signal);
      if (there?.state === 'ready' && step.ifMissing) return succeeded(evidenceOf(there, true));
      if (there?.state === 'ready' && !step.replace) throw taken(name, there);
      const covered = resolveScope(step.scope, engine);
      await scope.heedWriters(scope.target, covered, 'while a snapshot is taken');
      const info = await engine.snapshots.create(
        {
          name,
          scope: covered,
          lock: step.lock,
          maxStallMs: step.maxStallMs,
          maxCopyBytes: step.maxCopyBytes,
          replace: step.replace || there?.state === 'partial',
          ...(step.keep.kind === 'for' ? { keepForMs: step.keep.ms } : {}),
        },
        scope.effect,
      );
      await engine.runs.addSnapshot(scope.ports.run, name, scope.signal);
      return succeeded(evidenceOf(info, false));
    } catch (problem) {
      if (problem instanceof Fault && problem.code === 'GUARD_REFUSED') return failed(problem, 'none');
      return asFailure(problem, 'none');
    }
  },

  async probe(step, scope): Promise<Finding> {
    const { engine } = scope.target;
    const name = snapshotNameOf(step, scope.ports.run);
    const there = await engine.snapshots.find(name, scope.signal);
    if (there === undefined) return { kind: 'not-done', why: `the server holds no snapshot ${name}` };
    if (there.state === 'partial') {
      await engine.snapshots.drop(name, scope.effect);
      return { kind: 'not-done', why: `snapshot ${name} was left half made; it was removed and is taken again` };
    }
    if (there.run !== scope.ports.run) return { kind: 'not-done', why: `snapshot ${name} there is not this run's` };
    await engine.runs.addSnapshot(scope.ports.run, name, scope.signal);
    return { kind: 'done', outcome: succeeded(evidenceOf(there, false)) };
  },
};

function taken(name: SnapshotName, there: SnapshotInfo): Fault {
  return new Fault('SNAPSHOT_EXISTS', `a snapshot called ${name} is there already, taken ${there.takenAt}`);
}

function evidenceOf(info: SnapshotInfo, isReused: boolean) {
  return {
    kind: 'snapshot',
    name: info.name,
    scope: scopeLabel(info.scope),
    databases: databasesOf(info.scope),
    taken_at: info.takenAt,
    ...(info.tableCount === undefined ? {} : { table_count: info.tableCount }),
    ...(info.rowCount === undefined ? {} : { row_count: info.rowCount }),
    ...(isReused ? { is_reused: true } : {}),
    ...(info.declared.length === 0 ? {} : { declared: info.declared }),
  } as const;
}
