// What a plan would do, before it does anything: `run --dry-run` and `doctor`. Reads only, so a login with SELECT is
// enough, and nothing is written on this machine either.

import {
  databasesOf,
  scopeLabel,
  type Engine,
  type OtherSession,
  type Scope,
  type ScopePreview,
  type SnapshotInfo,
} from '../engines/index.ts';
import {
  Fault,
  newRunId,
  redact,
  Secret,
  tableLabel,
  type Diagnostic,
  type ObjectDifference,
  type RunId,
} from '../kernel/index.ts';
import type { Plan, SourceText, Step, Target } from '../plan/index.ts';
import { assertScopeAllowed, assertTargetAllowed, scopeOfPlan } from '../runtime/index.ts';
import type { AppContext } from './context.ts';
import { loadCompiled, type PlanRequest } from './load-compiled.ts';
import { pointOfNoReturn, previewStep, type StepPreview } from './preview-steps.ts';

export interface TargetPreview {
  readonly name: string;
  /** `MariaDB 10.11 on db1:3306` */
  readonly server: string;
  readonly user: string;
  /** Undefined where the plan takes and restores nothing there. */
  readonly scope: string | undefined;
  readonly survey: ScopePreview | undefined;
  /** What stands in the way, one sentence part each. */
  readonly problems: readonly string[];
  /** What a restore from snapshots that are there already would destroy. */
  readonly destroys: readonly { readonly snapshot: string; readonly differences: readonly ObjectDifference[] }[];
}

export interface PlanPreview {
  readonly plan: string;
  readonly targets: readonly TargetPreview[];
  readonly steps: readonly StepPreview[];
  /** In words; what can be taken back until when. */
  readonly pointOfNoReturn: string;
  /** Nothing that was looked at stands in the way. */
  readonly isReady: boolean;
}

export type PreviewResult =
  | { readonly kind: 'invalid'; readonly source: SourceText; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: 'previewed';
      readonly source: SourceText;
      readonly diagnostics: readonly Diagnostic[];
      readonly preview: PlanPreview;
    };

/**
 * Looks at everything that the plan would meet.
 *
 * @throws {Fault} SERVER_UNREACHABLE, LOGIN_REFUSED, UNKNOWN_DATABASE, UNSUPPORTED_SERVER
 */
export async function previewPlan(
  request: Omit<PlanRequest, 'env' | 'purpose'>,
  context: AppContext,
): Promise<PreviewResult> {
  const { source, compiled, diagnostics } = await loadCompiled({ ...request, env: context.env, purpose: 'run' });
  if (compiled === undefined) return { kind: 'invalid', source, diagnostics };
  const { plan } = compiled;
  const run = newRunId(context.entropy);
  const engines = new Map<string, Engine>();
  try {
    for (const target of plan.targets.values()) engines.set(target.name, await opened(target, context));
    const targets: TargetPreview[] = [];
    for (const [name, engine] of engines) targets.push(await previewTarget({ plan, name, engine, run }, context));
    const steps: StepPreview[] = [];
    for (const step of [...plan.steps, ...(plan.rollback ?? []), ...plan.finally]) {
      const engine = engines.get(step.target);
      if (engine !== undefined)
        steps.push(withoutSecrets(await previewStep(step, { plan, engine, run }, context), plan));
    }
    const isReady = targets.every(({ problems }) => problems.length === 0);
    const preview = { plan: plan.name, targets, steps, pointOfNoReturn: pointOfNoReturn(plan), isReady };
    return { kind: 'previewed', source, diagnostics, preview };
  } finally {
    for (const engine of engines.values()) await engine.close();
  }
}

function withoutSecrets({ does, ...step }: StepPreview, { secrets }: Plan): StepPreview {
  return { ...step, does: does.map((text) => redact(text, secrets)) };
}

/**
 * The doctor without a plan: whether this login could take a snapshot of the URL's database and put it back.
 *
 * @throws {Fault} as `previewPlan`
 */
export async function previewServer(url: string, context: AppContext): Promise<PlanPreview> {
  const options = { onSessionOpened: () => Promise.resolve(), run: undefined };
  const engine = await context.openEngine(new Secret(url), options, context.signal);
  try {
    const { database } = engine.address;
    const scope: Scope | undefined = database === undefined ? undefined : { kind: 'databases', databases: [database] };
    const run = newRunId(context.entropy);
    const { survey, problems } = await surveyed(scope, { engine, run }, context.signal);
    const place = placeOf('main', engine);
    const target = {
      ...place,
      scope: scope === undefined ? undefined : scopeLabel(scope),
      survey,
      problems,
      destroys: [],
    };
    return { plan: 'doctor', targets: [target], steps: [], pointOfNoReturn: '', isReady: problems.length === 0 };
  } finally {
    await engine.close();
  }
}

function opened({ url }: Target, { openEngine, signal }: AppContext): Promise<Engine> {
  return openEngine(url, { onSessionOpened: () => Promise.resolve(), run: undefined }, signal);
}

interface Looked {
  readonly plan: Plan;
  readonly name: string;
  readonly engine: Engine;
  readonly run: RunId;
}

async function previewTarget({ plan, name, engine, run }: Looked, context: AppContext): Promise<TargetPreview> {
  const scope = await scopeOfPlan(plan, name, engine, context.signal);
  const refused = [
    ...refusalOf(() => assertTargetAllowed(plan, name, engine)),
    ...(scope === undefined ? [] : refusalOf(() => assertScopeAllowed(plan, scope))),
  ];
  const { survey, problems } = await surveyed(scope, { engine, run }, context.signal);
  return {
    ...placeOf(name, engine),
    scope: scope === undefined ? undefined : scopeLabel(scope),
    survey,
    problems: [...refused, ...problems, ...(survey === undefined ? [] : refusedWriters(plan, survey))],
    destroys: await destroyedBy(plan, name, engine, context),
  };
}

function placeOf(name: string, { address, label }: Engine) {
  return { name, server: `${label} on ${address.host}:${address.port}`, user: address.user };
}

async function surveyed(
  scope: Scope | undefined,
  { engine, run }: Pick<Looked, 'engine' | 'run'>,
  signal: AbortSignal,
): Promise<Pick<TargetPreview, 'survey' | 'problems'>> {
  if (scope === undefined) return { survey: undefined, problems: [] };
  await asFarAsAllowed(engine.checkScope(scope, signal), undefined);
  const survey = await engine.previews.scope(scope, `sb_${run}_before`, signal);
  const missing = survey.missingRights.map((text) => `missing: ${text}`);
  return { survey, problems: [...survey.refusals, ...missing, ...(await othersIn(scope, engine, signal))] };
}

/** By the guard that the plan asks for; the one before a restore waits for them first. */
function refusedWriters({ guards }: Plan, survey: ScopePreview): readonly string[] {
  const writers = writersOf(survey);
  if (guards.writers !== 'refuse' || writers.length === 0) return [];
  const ids = writers.map(({ id, login }) => `connection ${id} of ${login}`).join(', ');
  return [`others write, which \`guards: { writers: refuse }\` refuses: ${ids}`];
}

/** A question that this login may not ask stays open; the survey tells which rights are missing. */
async function asFarAsAllowed<Answer>(asked: Promise<Answer>, otherwise: Answer): Promise<Answer> {
  try {
    return await asked;
  } catch (problem) {
    if (problem instanceof Fault && problem.code === 'PRIVILEGE_MISSING') return otherwise;
    throw problem;
  }
}

function refusalOf(check: () => void): readonly string[] {
  try {
    check();
    return [];
  } catch (problem) {
    if (!(problem instanceof Fault)) throw problem;
    return [problem.message];
  }
}

async function othersIn(scope: Scope, engine: Engine, signal: AbortSignal): Promise<readonly string[]> {
  const open = (await engine.runs.list(signal)).filter(({ state }) => state === 'open' || state === 'stuck');
  return open
    .filter((row) => mayOverlap(row.scope, scope))
    .map(
      ({ run, state, holder, scope: held }) =>
        `run ${run} of ${holder} is ${state} and keeps others out of ${scopeLabel(held)}`,
    );
}

/** Of tables in one database, the runs themselves look closer. */
function mayOverlap(one: Scope, other: Scope): boolean {
  if (one.kind === 'tables' && other.kind === 'tables') {
    const labels = new Set(one.tables.map(tableLabel));
    return other.tables.some((table) => labels.has(tableLabel(table)));
  }
  const databases = new Set(databasesOf(one));
  const isWide = [one, other].some(({ kind }) => kind === 'account' || kind === 'cluster');
  return isWide || databasesOf(other).some((database) => databases.has(database));
}

/** Snapshots that are there already and that the plan would go back to. */
async function destroyedBy(plan: Plan, target: string, engine: Engine, context: AppContext) {
  const names = new Set(plan.steps.flatMap((step) => (step.target === target ? (namedIn(step) ?? []) : [])));
  const found: TargetPreview['destroys'][number][] = [];
  for (const info of await asFarAsAllowed(engine.snapshots.list(context.signal), [])) {
    if (!names.has(info.name) || info.state !== 'ready') continue;
    found.push({ snapshot: info.name, differences: await differencesFrom(engine, info, context) });
  }
  return found;
}

function namedIn(step: Step): string | undefined {
  if (step.kind === 'snapshot' && step.ifMissing) return step.name;
  return step.kind === 'restore' && step.snapshot.kind === 'named' ? step.snapshot.name : undefined;
}

/** What a restore from it would destroy now. */
export function differencesFrom(
  engine: Engine,
  { name }: SnapshotInfo,
  { entropy, signal }: AppContext,
): Promise<readonly ObjectDifference[]> {
  const nobody = { onProgress: () => undefined, assertLocked: () => Promise.resolve() };
  return engine.snapshots.compare(name, undefined, { run: newRunId(entropy), signal, ...nobody });
}

/** Sessions that change something at this moment. */
export function writersOf({ sessions }: Pick<ScopePreview, 'sessions'>): readonly OtherSession[] {
  return sessions.filter(({ isWriting }) => isWriting);
}
