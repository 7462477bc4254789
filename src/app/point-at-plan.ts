// What went wrong in a run, each with the line of the plan that asked for it.

import type { CompiledPlan } from '../compile/index.ts';
import { matchesPattern, positionOf, type CheckResult, type Diagnostic, type SourceSpan } from '../kernel/index.ts';
import type { Check, PlanTable, SourceText, Step } from '../plan/index.ts';
import type { ActionReport, RunReport } from '../report/index.ts';

/** Something to be said at a line of a plan. */
export interface PointedRemark {
  readonly severity: 'error' | 'warning';
  readonly title: string;
  readonly message: string;
  /** 1-based; undefined for what no line of the plan is to blame for. */
  readonly place: { readonly path: string; readonly line: number; readonly column: number } | undefined;
}

export function diagnosticRemarks({ text }: SourceText, diagnostics: readonly Diagnostic[]): readonly PointedRemark[] {
  return diagnostics.map(({ severity, code, message, help, at }) => ({
    severity,
    title: code,
    message: help === undefined ? message : `${message}\n${help}`,
    place: { path: at.path, ...positionOf(text, at.start) },
  }));
}

/** Failed steps and checks, and checks that only warn, in the order in which they happened. */
export function runRemarks(
  { actions }: RunReport,
  { plan }: CompiledPlan,
  { path, text }: SourceText,
): readonly PointedRemark[] {
  const placeOf = (at: SourceSpan | undefined): PointedRemark['place'] =>
    at === undefined ? undefined : { path, ...positionOf(text, at.start) };
  return actions.flatMap((action): PointedRemark[] => {
    const step = stepOf(action.action, [...plan.steps, ...(plan.rollback ?? []), ...plan.finally]);
    const checks = failedChecks(action).map((check) =>
      checkRemark(check, action.title, placeOf(placeOfCheck(check, step))),
    );
    if (checks.some(({ severity }) => severity === 'error') || action.fault === null) return checks;
    const { code, message, hint } = action.fault;
    const remark = { severity: 'error', title: `${action.title}: ${code}`, message: `${message}\n${hint}` } as const;
    return [...checks, { ...remark, place: placeOf(step?.at) }];
  });
}

function failedChecks({ evidence }: ActionReport): readonly CheckResult[] {
  return evidence?.kind === 'verify' ? evidence.checks.filter(({ passed }) => !passed) : [];
}

function checkRemark(check: CheckResult, step: string, place: PointedRemark['place']): PointedRemark {
  const { subject, expected, found } = check;
  const severity = check.severity === 'warn' ? 'warning' : 'error';
  return { severity, title: `${step}: ${subject}`, message: `expected ${expected}, found ${found}`, place };
}

/** `steps/migrate`, `undo/migrate/back`, `rollback/again`: the last part is the step's id. */
function stepOf(action: string, steps: readonly Step[]): Step | undefined {
  const id = action.split('/').at(-1);
  if (action.startsWith('auto/')) return undefined;
  return steps.flatMap((step) => [step, ...step.undo]).find((step) => step.id === id);
}

function placeOfCheck(result: CheckResult, step: Step | undefined): SourceSpan | undefined {
  if (step?.kind !== 'verify') return step?.at;
  const spans = step.checks.filter(({ kind }) => kind === result.check).map((check) => spanFor(result.subject, check));
  return spans.find((span) => span !== undefined) ?? step.at;
}

function spanFor(subject: string, check: Check): SourceSpan | undefined {
  if (check.kind === 'query') return check.name === subject ? check.at : undefined;
  if (check.kind !== 'rows') return check.at;
  const rules = check.rules.filter(({ tables }) => tables === undefined || speaksOf(tables, subject));
  const literal = ({ tables }: (typeof rules)[number]): number => (tables?.table ?? '').replaceAll('*', '').length;
  return [...rules].sort((one, other) => literal(other) - literal(one))[0]?.at;
}

function speaksOf({ database = '*', table }: PlanTable, subject: string): boolean {
  return matchesPattern(subject.toLowerCase(), `${database}.${table}`.toLowerCase());
}
