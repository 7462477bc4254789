// What a rollback would destroy, for the question before it. Reads only.

import type { Engine, SnapshotInfo } from '../engines/index.ts';
import { readJournalOf, RunFold } from '../journal/index.ts';
import { Fault, type RunId } from '../kernel/index.ts';
import { ownSnapshots } from '../runtime/index.ts';
import type { AppContext } from './context.ts';
import { loadCompiled } from './load-compiled.ts';
import { withEngine } from './manage-snapshots.ts';
import { differencesFrom } from './preview-plan.ts';
import { destroyedLines } from './preview-text.ts';

/** Of a run whose journal is here: by the snapshots that it took and has not dropped. */
export async function previewRollback(directory: string, run: string, context: AppContext): Promise<readonly string[]> {
  const { entries } = await readJournalOf({ directory, run: run as RunId });
  const fold = new RunFold();
  for (const entry of entries) fold.add(entry);
  const state = fold.state();
  if (state === undefined) return [];
  const { plan_path: path, vars } = state.opened;
  const { compiled } = await loadCompiled({ path, env: context.env, vars, purpose: 'run' });
  if (compiled === undefined) return []; // the rollback itself tells why its plan cannot be read
  const lines: string[] = [];
  for (const { target, name, isReused } of ownSnapshots(compiled.plan, state)) {
    const url = compiled.plan.targets.get(target)?.url;
    if (isReused || url === undefined) continue;
    const look = async (engine: Engine): Promise<void> => {
      const info = await engine.snapshots.find(name, context.signal);
      if (info !== undefined) lines.push(...(await destroyedSince(engine, info, context)));
    };
    await withEngine(url.reveal(), context, look);
  }
  return lines;
}

/** Of a run that only the server knows. */
export function previewFromRecord(
  url: string,
  snapshots: readonly SnapshotInfo[],
  context: AppContext,
): Promise<readonly string[]> {
  return withEngine(url, context, async (engine) => {
    const lines: string[] = [];
    for (const info of snapshots) lines.push(...(await destroyedSince(engine, info, context)));
    return lines;
  });
}

async function destroyedSince(engine: Engine, info: SnapshotInfo, context: AppContext): Promise<readonly string[]> {
  const head = `Since ${info.name} was taken, at ${info.takenAt}:`;
  try {
    const differences = await differencesFrom(engine, info, context);
    if (differences.length === 0) return [`${head} nothing has changed.`];
    return [`${head} what follows would be lost.`, ...destroyedLines(differences).map((line) => `  ${line}`)];
  } catch (problem) {
    if (!(problem instanceof Fault)) throw problem;
    return [`${head} what has changed cannot be told: ${problem.message}.`];
  }
}
