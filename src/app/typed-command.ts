// A command typed by hand, run like a plan: the same locks, journal, proof and reports. The plan is a text in memory,
// with `${env:DATABASE_URL}` for the login, and stands in the journal's `vars`, so that the run can be resumed.

import type { RestoreStep } from '../plan/index.ts';
import type { CompiledPlan } from '../compile/index.ts';
import type { Engine, ScopePart, SnapshotStore } from '../engines/index.ts';
import { createJournal } from '../journal/index.ts';
import { Fault, newRunId, redact, type Evidence, type Json } from '../kernel/index.ts';
import type { AppContext } from './context.ts';
import { isTypedPath, loadCompiled, NEW_ADMIN_PASSWORD, TYPED_TEXT } from './load-compiled.ts';
import { letHear, workOnRun, type WorkResult } from './work-on-run.ts';

export interface TypedCommand {
  /** As it is typed, without flags: `snapshot restore`. */
  readonly command: string;
  readonly steps: readonly Readonly<Record<string, Json>>[];
  readonly url: string;
  readonly journalDirectory: string;
  /** Variables for the plan beside the login: secrets, which never stand in its text. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The same, with its plan already written. */
export interface TypedText extends Omit<TypedCommand, 'steps'> {
  readonly text: string;
}

export interface TypedResult {
  readonly result: WorkResult;
  /** What the steps that succeeded left as evidence, in their order. */
  readonly evidence: readonly Evidence[];
  /** No step has succeeded, and those that failed did so before their first change. */
  readonly isUntouched: boolean;
}

/**
 * Runs the command to its verdict, journaled.
 *
 * @throws {Fault} USAGE when the flags make no sound plan; JOURNAL_UNWRITABLE before anything is contacted.
 */
export async function runTyped(typed: TypedCommand, context: AppContext): Promise<TypedResult> {
  return runTypedText({ ...typed, text: planText(typed) }, context);
}

/** @throws {Fault} as `runTyped` */
export async function runTypedText(typed: TypedText, context: AppContext): Promise<TypedResult> {
  const { text } = typed;
  const path = `(${typed.command})`;
  const env = { ...context.env, ...typed.env, DATABASE_URL: typed.url };
  const vars = { [TYPED_TEXT]: text };
  const { compiled, diagnostics } = await loadCompiled({ path, env, vars, purpose: 'run' });
  if (compiled === undefined) {
    const first = diagnostics.find(({ severity }) => severity === 'error');
    const hint = first?.help === undefined ? {} : { hint: first.help };
    throw new Fault('USAGE', `${typed.command}: ${first?.message ?? 'these flags do not go together'}`, hint);
  }
  const { plan } = compiled;
  const { clock, entropy, toolVersion } = context;
  const run = newRunId(entropy);
  const directory = typed.journalDirectory;
  // A database may be called like the password: a plan that was changed is none that can be resumed. It holds names and
  // references; what is secret is in the URL, which it only names.
  const redacted = (line: string): string => (line === text ? line : redact(line, plan.secrets));
  const journal = await createJournal({ directory, run, clock, redact: redacted });
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
    const isUntouched = settled.every(
      (outcome) => outcome === undefined || (outcome.kind === 'failed' && outcome.effect === 'none'),
    );
    return { result, evidence, isUntouched };
  } finally {
    await journal.close();
  }
}

/**
 * For a typed restore, the server seen through its flags: the proof covers the part that was asked for, and a database
 * that is gone is no reason to refuse to bring it back. A snapshot that is taken by hand may hold what could not be
 * restored: nothing counts on it yet. Any other plan keeps its context.
 */
export function typedContext({ plan }: CompiledPlan, context: AppContext): AppContext {
  if (!isTypedPath(plan.path)) return context;
  const step = plan.steps.find(({ kind }) => kind === 'restore');
  const isSnapshotOnly = plan.steps.every(({ kind }) => kind === 'snapshot');
  if (step?.kind !== 'restore' && !isSnapshotOnly) return context;
  const seen = (engine: Engine): Engine =>
    step?.kind === 'restore' ? narrowed(engine, partOf(step)) : lenient(engine);
  return {
    ...context,
    openEngine: async (url, options, signal) => seen(await context.openEngine(url, options, signal)),
  };
}

function lenient(engine: Engine): Engine {
  const { snapshots } = engine;
  const create: SnapshotStore['create'] = (spec, effect) => snapshots.create({ ...spec, mayLose: true }, effect);
  return { ...engine, snapshots: { ...snapshots, create } };
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

/** The plan that a command stands for. JSON is YAML; `${` in a name is text, but for the one secret. */
export function planText({ command, steps }: Pick<TypedCommand, 'command' | 'steps'>): string {
  const secret = `env:${NEW_ADMIN_PASSWORD}}`;
  const escaped = JSON.stringify(steps, undefined, 2).replaceAll('${', () => '$${');
  const own = escaped.replaceAll(`$\${${secret}`, () => `\${${secret}`);
  const guards = '{ "wide": ["account", "cluster"] }';
  return `version: 1
name: ${command.replaceAll(' ', '-')}
target: { url: "\${env:DATABASE_URL}" }
guards: ${guards}
steps: ${own.replaceAll('\n', '\n  ')}
`;
}
