import { toMermaid, type CompiledPlan, type NodeState } from '../compile/index.ts';
import { listRuns, readJournalOf, type JournalEntry } from '../journal/index.ts';
import { Fault } from '../kernel/index.ts';
import { buildReport, type RunReport } from '../report/index.ts';
import { findRun } from './find-run.ts';
import { loadCompiled } from './load-compiled.ts';
import { shapeOf } from './work-on-run.ts';

export interface ToldRun {
  readonly report: RunReport;
  /** The plan's machine, coloured by what happened; undefined where the plan is no longer what it was. */
  readonly mermaid: string | undefined;
}

/** Where a run stands, from its journal; changes nothing. @throws {Fault} RUN_UNKNOWN, JOURNAL_CORRUPT */
export async function readRun(directory: string, wanted: string | undefined): Promise<RunReport> {
  return (await tellRun(directory, wanted)).report;
}

/** As `readRun`, with the diagram; without a run the newest one is meant, open or not. */
export async function tellNewest(directory: string, wanted: string | undefined): Promise<ToldRun> {
  if (wanted !== undefined) return tellRun(directory, wanted);
  const [newest] = await listRuns(directory);
  if (newest === undefined) throw new Fault('RUN_UNKNOWN', `no run has its journal in ${directory}`);
  return tellRun(directory, newest.run);
}

async function tellRun(directory: string, wanted: string | undefined): Promise<ToldRun> {
  const run = await findRun(directory, wanted);
  const { entries } = await readJournalOf({ directory, run });
  const compiled = await planOf(entries);
  if (compiled === undefined) return { report: buildReport(entries), mermaid: undefined };
  const report = buildReport(entries, shapeOf(compiled));
  return { report, mermaid: toMermaid(compiled.topology, fatesOf(report)) };
}

/** The run's plan, for what the journal does not hold: steps that were not reached. Undefined once it has changed. */
async function planOf(entries: readonly JournalEntry[]): Promise<CompiledPlan | undefined> {
  const opened = entries[0]?.record;
  if (opened?.kind !== 'run-opened') return undefined;
  const { plan_path: path, plan_digest: digest, vars } = opened;
  const { compiled } = await loadCompiled({ path, env: {}, vars, purpose: 'validate' });
  return compiled?.plan.digest === digest ? compiled : undefined;
}

function fatesOf({ actions, verdict }: RunReport): ReadonlyMap<string, NodeState> {
  const fates = new Map<string, NodeState>([[`verdict/${verdict}`, 'succeeded']]);
  for (const { action, state } of actions) {
    if (state === 'running') fates.set(action, 'in-doubt');
    else fates.set(action, state === 'skipped' ? 'succeeded' : state);
  }
  return fates;
}

/** A run in one line, for a question. */
export async function describeRun(
  directory: string,
  wanted: string | undefined,
): Promise<{ readonly run: string; readonly summary: string }> {
  const { run, plan, started_at: startedAt, sentence } = await readRun(directory, wanted);
  return { run, summary: `Run ${run} of ${plan.name}, begun ${startedAt}: ${sentence}` };
}
