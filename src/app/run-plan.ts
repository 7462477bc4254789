import { resolve } from 'node:path';
import { createJournal } from '../journal/index.ts';
import { newRunId, redact, type Diagnostic } from '../kernel/index.ts';
import type { SourceText } from '../plan/index.ts';
import type { AppContext } from './context.ts';
import { loadCompiled } from './load-compiled.ts';
import { letHear, workOnRun, type WorkResult } from './work-on-run.ts';

export interface RunPlanRequest {
  readonly path: string;
  readonly vars: Readonly<Record<string, string>>;
  readonly journalDirectory: string;
}

export type RunPlanResult =
  | { readonly kind: 'invalid'; readonly source: SourceText; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: 'worked';
      readonly source: SourceText;
      readonly diagnostics: readonly Diagnostic[];
      readonly result: WorkResult;
    };

/**
 * Loads a plan and runs it to its verdict, or as far as it comes. The plan is the consent: nothing is asked.
 *
 * @throws {Fault} JOURNAL_UNWRITABLE before anything is contacted.
 */
export async function runPlan(request: RunPlanRequest, context: AppContext): Promise<RunPlanResult> {
  const { env, clock, entropy } = context;
  const { source, compiled, diagnostics } = await loadCompiled({ ...request, env, purpose: 'run' });
  if (compiled === undefined) return { kind: 'invalid', source, diagnostics };
  const { plan } = compiled;
  const run = newRunId(entropy);
  const journal = await createJournal({
    directory: request.journalDirectory,
    run,
    clock,
    redact: (text) => redact(text, plan.secrets),
  });
  try {
    letHear(compiled, journal, context);
    await journal.append({
      kind: 'run-opened',
      run,
      plan_name: plan.name,
      plan_path: resolve(context.cwd, plan.path),
      plan_digest: plan.digest,
      vars: request.vars,
      tool_version: context.toolVersion,
    });
    return { kind: 'worked', source, diagnostics, result: await workOnRun(compiled, journal, 'run', context) };
  } finally {
    await journal.close();
  }
}
