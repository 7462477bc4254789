import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, hostname } from 'node:os';
import { join } from 'node:path';
import { cwd, env, pid } from 'node:process';
import { closeRun, contextIn, runPlan } from '../app/index.ts';
import { Fault, renderDiagnostic } from '../kernel/index.ts';
import type { JournalEntry } from '../journal/index.ts';

export interface PlanTestOptions {
  /** The database to run on: the plan finds it in `DATABASE_URL`. */
  readonly url: string;
  readonly vars?: Readonly<Record<string, string>>;
  /** More of the environment for the plan's `${env:...}` and its programs. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Stuck, interrupted, in doubt. */
const LEFT_OPEN: ReadonlySet<number> = new Set([5, 6, 7]);

/** How a plan ended. */
export interface PlanOutcome {
  readonly verdict: string | undefined;
  readonly exitCode: number;
  /** The first step that failed, and what it said. */
  readonly failed: { readonly step: string; readonly message: string } | undefined;
}

/**
 * Runs a plan as `snapback run` does, with a journal that is gone afterwards.
 *
 * @throws {Fault} PLAN_INVALID with all that is wrong in it
 */
export async function planTest(path: string, options: PlanTestOptions): Promise<PlanOutcome> {
  const journalDirectory = await mkdtemp(join(tmpdir(), 'snapback-plan-test-'));
  let failed: PlanOutcome['failed'];
  const context = contextIn(
    {
      env: { ...env, ...options.env, DATABASE_URL: options.url },
      cwd: cwd(),
      process: { pid, host: hostname(), user: 'plan-test' },
      signal: options.signal ?? new AbortController().signal,
    },
    { onEntry: (entry) => (failed ??= failureIn(entry)) },
  );
  try {
    const end = await runPlan({ path, vars: options.vars ?? {}, journalDirectory }, context);
    if (end.kind === 'invalid') {
      const problems = end.diagnostics.map((one) => renderDiagnostic(end.source.text, one)).join('\n');
      throw new Fault('PLAN_INVALID', problems);
    }
    const { verdict, exitCode } = end.result;
    // Its journal goes: nobody can resume it, and no other run may have the database while it is open.
    if (LEFT_OPEN.has(exitCode))
      await closeRun({ run: undefined, journalDirectory, because: 'its test ended' }, context);
    return { verdict, exitCode, failed };
  } finally {
    await rm(journalDirectory, { recursive: true, force: true });
  }
}

function failureIn({ record }: JournalEntry): PlanOutcome['failed'] {
  if (record.kind !== 'action-settled') return undefined;
  const { action, outcome } = record;
  if (outcome.kind !== 'failed' || !action.startsWith('steps/')) return undefined;
  return { step: action.slice('steps/'.length), message: outcome.fault.message };
}
