// What a step leaves behind: outputs, the report, the job summary, annotations.

import { join } from 'node:path';
import { loadCompiled } from '../app/load-compiled.ts';
import { runRemarks } from '../app/point-at-plan.ts';
import { tellNewest, type ToldRun } from '../app/run-status.ts';
import { systemEntropy } from '../kernel/index.ts';
import {
  renderHtml,
  renderMarkdown,
  SUMMARY_BYTES_MAX,
  whyNeverBegun,
  writeReport,
  type RunReport,
} from '../report/index.ts';
import type { OutputName } from './inputs.ts';
import type { ActionIo } from './io.ts';
import { fileEntry, type Annotation } from './protocol.ts';
import type { World } from './world.ts';

export interface ToldStep {
  readonly run: string;
  /** The folder of this step's journals and report. */
  readonly directory: string;
}

/** The journals of a step are in a folder of their own. */
export function journalsIn(directory: string): string {
  return join(directory, 'runs');
}

/** Tells a run from its journal: to the log, to later steps, and on the job's page. */
export async function tellStep({ run, directory }: ToldStep, world: World): Promise<RunReport> {
  const { io } = world;
  const told = await tellNewest(journalsIn(directory), run);
  const page = join(directory, `report-${run}.html`);
  await writeReport(page, renderHtml(told.report));
  setOutputs(io, outputsOf(told.report, page, join(journalsIn(directory), `${run}.journal`)));
  if (world.input('summary') !== 'false') io.append('summary', summaryOf(told));
  // The verdict first: it is what must not be dropped.
  world.annotate([...verdictRemarks(told.report), ...(await remarksOf(told.report, world))]);
  io.append('state', fileEntry('told', run, systemEntropy));
  return told.report;
}

export function setOutputs(io: ActionIo, outputs: Readonly<Partial<Record<OutputName, string>>>): void {
  for (const [name, value] of Object.entries(outputs)) io.append('output', fileEntry(name, value, systemEntropy));
}

export function outputsOf(report: RunReport, page: string, journal: string): Record<OutputName, string> {
  const snapshot = report.actions.flatMap(({ evidence }) => (evidence?.kind === 'snapshot' ? [evidence.name] : []));
  return {
    verdict: report.verdict,
    'run-id': report.run,
    snapshot: snapshot[0] ?? '',
    'failed-step': report.failed_action?.replace(/^steps\//, '') ?? '',
    report: page,
    journal,
  };
}

function summaryOf({ report, mermaid }: ToldRun): string {
  return renderMarkdown(report, { bytesMax: SUMMARY_BYTES_MAX, ...(mermaid === undefined ? {} : { mermaid }) });
}

/** On the lines of the plan, where it is a file that still is what it was. */
async function remarksOf(report: RunReport, { context }: World): Promise<readonly Annotation[]> {
  const { path, vars, digest } = report.plan;
  const { source, compiled } = await loadCompiled({ path, env: context.env, vars, purpose: 'validate' });
  if (compiled === undefined || compiled.plan.digest !== digest) return [];
  const remarks = runRemarks(report, compiled, source);
  return path.startsWith('(') ? remarks.map((remark) => ({ ...remark, place: undefined })) : remarks;
}

function verdictRemarks(report: RunReport): readonly Annotation[] {
  const { verdict, sentence, run, failed_action: failed } = report;
  const why = whyNeverBegun(report);
  if (why !== undefined) {
    const message = `${sentence} ${why.message}\n${why.hint}`;
    return [{ severity: 'error', title: `snapback: ${why.code}`, message }];
  }
  switch (verdict) {
    case 'rolled-back':
    case 'failed-clean':
      return [{ severity: failed === null ? 'notice' : 'warning', title: 'snapback', message: sentence }];
    case 'open':
      return [{ severity: 'error', title: 'snapback: the run is open', message: `${sentence}\n${waysOut(run)}` }];
    case 'stuck':
      return [{ severity: 'error', title: 'snapback: a person must look', message: `${sentence}\n${waysOut(run)}` }];
    case 'stopped':
      return [{ severity: 'warning', title: 'snapback', message: sentence }];
    case 'committed':
    case 'closed':
      return [];
  }
}

export function waysOut(run: string): string {
  return `From any machine: snapback rollback ${run} --url "$DATABASE_URL"`;
}
