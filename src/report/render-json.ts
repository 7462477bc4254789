import type { RunReport } from './run-report.ts';

/** The report as JSON, as `schemas/report.v1.schema.json` describes it, with a line end. */
export function renderJson(report: RunReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
