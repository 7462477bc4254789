// A command typed by hand, run like a plan: the same locks, journal, proof and reports. The plan is a text in memory,
// with `${env:DATABASE_URL}` for the login, and stands in the journal's `vars`, so that the run can be resumed.

import type { RestoreStep } from '../plan/index.ts';
import type { CompiledPlan } from '../compile/index.ts';
import type { Engine, ScopePart } from '../engines/index.ts';
import { createJournal } from '../journal/index.ts';
import { Fault, newRunId, redact, type Evidence, type Json } from '../kernel/index.ts';
import type { AppContext } from './context.ts';
import { isTypedPath, loadCompiled, TYPED_TEXT } from './load-compiled.ts';
import { letHear, workOnRun, type WorkResult } from './work-on-run.ts';

export interface TypedCommand {
  /** As it is typed, without flags: `snapshot restore`. */
  readonly command: string;
  readonly steps: readonly Readonly<Record<string, Json>>[];
  readonly url: string;
  readonly journalDirectory: string;
}

export interface TypedResult {
  readonly result: WorkResult;
  /** What the steps that succeeded left as evidence, in their order. */
  readonly evidence: readonly Evidence[];
}

/**
 * Runs the command to its verdict, journaled.
 *
 * @throws {Fault} USAGE when the flags make no sound plan; JOURNAL_UNWRITABLE before anything is contacted.
 */
export async function runTyped(typed: TypedCommand, context: AppContext): Promise<TypedResult> {
  const path = `(${typed.command})`;
  const text = planText(typed);
  const env = { ...context.env, DATABASE_URL: typed.url };
  const vars = { [TYPED_TEXT]: text };
  const { compiled, diagnostics } = await loadCompiled({ path, env, vars, purpose: 'run' });
  if (compiled === undefined) {
    const first = diagnostics.find(({ severity }) => severity === 'error');
    throw new Fault('USAGE', `${typed.command}: ${first?.message ?? 'these flags do not go together'}`);
  }
  const { plan } = compiled;
  const { clock, entropy, toolVersion } = context;
  const run = newRunId(entropy);
  const directory = typed.journalDirectory;
  const journal = await createJournal({ directory, run, clock, redact: (line) => redact(line, plan.secrets) });
  try {
    letHear(compiled, journal, context);
    await journal.append({
      kind: 'run-opened',
      run,
      plan_name: plan.name,
      plan_path: path,
      plan_digest: plan.digest,
      vars,
      tool_version: toolVersion,
    });
    const result = await workOnRun(compiled, journal, 'run', typedContext(compiled, context));
    const settled = plan.steps.map(({ id }) => journal.state().settled.get(`steps/${id}`)?.outcome);
    const evidence = settled.flatMap((outcome) => (outcome?.kind === 'succeeded' ? [outcome.evidence] : []));
    return { result, evidence };
  } finally {
    await journal.close();
  }
}

/**
 * For a typed restore, the server seen through its flags: the proof covers the part that was asked for, and a database
 * that is gone is no reason to refuse to bring it back. Any other plan keeps its context.
 */
export function typedContext({ plan }: CompiledPlan, context: AppContext): AppContext {
  const step = plan.steps.find(({ kind }) => kind === 'restore');
  if (!isTypedPath(plan.path) || step?.kind !== 'restore') return context;
  const part = partOf(step);
  return {
    ...context,
    openEngine: async (url, options, signal) => narrowed(await context.openEngine(url, options, signal), part),
  };
}

function narrowed(engine: Engine, part: ScopePart | undefined): Engine {
  const { snapshots } = engine;
  return {
    ...engine,
    checkScope: () => Promise.resolve(),
    snapshots: { ...snapshots, prove: (name, whole, effect) => snapshots.prove(name, whole ?? part, effect) },
  };
}

function partOf({ databases, tables }: RestoreStep): ScopePart | undefined {
  if (databases === undefined && tables === undefined) return undefined;
  return {
    ...(databases === undefined ? {} : { databases }),
    ...(tables === undefined ? {} : { tables: tables.map(({ database = '', table }) => ({ database, table })) }),
  };
}

/** The plan that a command stands for. JSON is YAML; `${` in a name is text. */
export function planText({ command, steps }: Pick<TypedCommand, 'command' | 'steps'>): string {
  const own = JSON.stringify(steps, undefined, 2).replaceAll('${', '$${');
  const guards = '{ "wide": ["account", "cluster"] }';
  return `version: 1
name: ${command.replaceAll(' ', '-')}
target: { url: "\${env:DATABASE_URL}" }
guards: ${guards}
steps: ${own.replaceAll('\n', '\n  ')}
`;
}
