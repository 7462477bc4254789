import { listRuns, readJournalOf } from '../journal/index.ts';
import { Fault } from '../kernel/index.ts';
import { buildReport, type RunReport } from '../report/index.ts';
import { findRun } from './find-run.ts';

/** Where a run stands, from its journal alone; changes nothing. @throws {Fault} RUN_UNKNOWN, JOURNAL_CORRUPT */
export async function reportOf(directory: string, wanted: string | undefined): Promise<RunReport> {
  const run = await findRun(directory, wanted);
  const { entries } = await readJournalOf({ directory, run });
  return buildReport(entries);
}

/** As `reportOf`, but without a run the newest one is meant, open or not. */
export async function newestReport(directory: string, wanted: string | undefined): Promise<RunReport> {
  if (wanted !== undefined) return reportOf(directory, wanted);
  const [newest] = await listRuns(directory);
  if (newest === undefined) throw new Fault('RUN_UNKNOWN', `no run has its journal in ${directory}`);
  return reportOf(directory, newest.run);
}

/** A run in one line, for a question. */
export async function describeRun(
  directory: string,
  wanted: string | undefined,
): Promise<{ readonly run: string; readonly summary: string }> {
  const report = wanted === undefined ? await reportOf(directory, undefined) : await reportOf(directory, wanted);
  return { run: report.run, summary: `Run ${report.run} of ${report.plan.name}, begun ${report.started_at}: ${report.sentence}` };
}
