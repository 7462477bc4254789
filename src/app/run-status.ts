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
  /** The machine as SVG with the path that was taken, or that path alone where the plan is no longer what it was. */
  readonly draw: () => Promise<string | undefined>;
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
  const report = buildReport(entries, compiled === undefined ? undefined : shapeOf(compiled));
  return {
    report,
    mermaid: compiled === undefined ? undefined : toMermaid(compiled.topology, fatesOf(report)),
    draw: async () => {
      const { drawRun } = await import('./draw-plan.ts');
      return drawRun(report, compiled?.topology);
    },
  };
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

export interface FoundHash {
  readonly run: string;
  readonly sequence: number;
  readonly recordCount: number;
}

/**
 * Which record of a run's journal carries a hash, of which the beginning is enough: so that a report can be checked
 * against its file. Reading the journal computes every hash anew.
 *
 * @throws {Fault} JOURNAL_CORRUPT if no record carries it, or the journal was changed.
 */
export async function findHash(directory: string, wanted: string | undefined, hash: string): Promise<FoundHash> {
  const run = await findRun(directory, wanted);
  const { entries } = await readJournalOf({ directory, run });
  const found = entries.find((entry) => entry.hash.startsWith(hash));
  if (found !== undefined) return { run, sequence: found.sequence, recordCount: entries.length };
  throw new Fault(
    'JOURNAL_CORRUPT',
    `no record of ${run}.journal carries the hash ${hash}: ` +
      'the report was made from another file, or this one was changed',
  );
}

/** A run in one line, for a question. */
export async function describeRun(
  directory: string,
  wanted: string | undefined,
): Promise<{ readonly run: string; readonly summary: string }> {
  const { run, plan, started_at: startedAt, sentence } = await readRun(directory, wanted);
  return { run, summary: `Run ${run} of ${plan.name}, begun ${startedAt}: ${sentence}` };
}
