// From plain data that has its shape to the typed plan, every default made explicit.

import { basename } from 'node:path';
import { parseDurationMs, parseLogin, Secret, type StepId } from '../kernel/index.ts';
import type { Draft, Section } from './drafts.ts';
import type { RawPlan, Retry, Step as RawStep } from './generated/raw-plan.ts';
import type { SoundPart } from './sound-part.ts';
import { pointerOf, type PlanPath } from './source-text.ts';
import { StepContext, type ContextParts } from './step-context.ts';
import { NORMALIZERS, type Normalizer } from './steps/index.ts';
import {
  MAIN_TARGET,
  type OnFailure,
  type Plan,
  type RetryPolicy,
  type Step,
  type StepCommon,
  type StepKind,
  type Target,
} from './types.ts';

export interface NormalizeInput extends ContextParts {
  readonly value: unknown;
  readonly vars: Readonly<Record<string, string>>;
  /** By the pointer of the step. */
  readonly drafts: ReadonlyMap<string, Draft>;
  readonly sound: SoundPart;
}

/** A typed plan is complete only where the text had no error. */
export type NormalizedPlan = Omit<Plan, 'digest' | 'secrets' | 'secretVariables'>;

export function normalizePlan(input: NormalizeInput): NormalizedPlan {
  const raw = input.sound.of(input.value, []) as Partial<RawPlan>;
  const { path } = input.tree.source;
  const onFailure = raw.on_failure ?? 'rollback';
  const stepsIn = (section: Section): readonly Step[] =>
    normalizeSteps([section], raw[section] ?? [], onFailure, input);
  return {
    name: raw.name ?? basename(path).replace(/\.ya?ml$/, ''),
    description: raw.description,
    path,
    targets: new Map(targetsOf(raw, input).map((target) => [target.name, target])),
    vars: input.vars,
    steps: stepsIn('steps'),
    rollback: raw.rollback === undefined ? undefined : stepsIn('rollback'),
    finally: stepsIn('finally'),
    onFailure,
    guards: {
      writers: raw.guards?.writers,
      wide: raw.guards?.wide ?? [],
      url: raw.guards?.url ?? [],
    },
    quiesce: raw.quiesce === undefined ? undefined : { lockUsers: loginsOf(raw.quiesce.lock_users, input) },
  };
}

function loginsOf(texts: readonly string[], input: NormalizeInput): readonly string[] {
  const context = new StepContext(['quiesce', 'lock_users'], input);
  texts.forEach((text, index) => {
    const login = parseLogin(text);
    if (login.kind === 'err') context.in(index).report('WRONG_LOGIN', login.problem, "write it like `app@'%'`");
  });
  return texts;
}

function targetsOf(raw: Partial<RawPlan>, input: NormalizeInput): Target[] {
  const named = raw.targets === undefined ? [] : Object.entries(raw.targets);
  const all = [
    ...(raw.target === undefined ? [] : [{ name: MAIN_TARGET, url: raw.target.url, path: ['target', 'url'] }]),
    ...named.map(([name, { url }]) => ({ name, url, path: ['targets', name, 'url'] })),
  ];
  return all.map(({ name, url, path }) => ({ name, url: new Secret(url), at: new StepContext(path, input).at() }));
}

function normalizeSteps(
  path: PlanPath,
  raw: readonly RawStep[],
  onFailure: OnFailure,
  input: NormalizeInput,
): readonly Step[] {
  const isForward = path.length === 1 && path[0] === 'steps';
  return raw.flatMap((step, index) => {
    const place = [...path, index];
    const draft = input.drafts.get(pointerOf(place));
    if (draft?.kind === undefined || !input.sound.has(place)) {
      normalizeSteps([...place, 'undo'], input.sound.has(place) ? (step.undo ?? []) : [], onFailure, input);
      return [];
    }
    const context = new StepContext(place, input);
    // The plan's `on_failure` is about the way forward; on the way back a failure is never passed over unasked.
    const common = commonOf(step, draft, { onFailure: isForward ? onFailure : 'rollback', context, input });
    return [normalizeStep(draft.kind, step, common, context.in(draft.kind))];
  });
}

function normalizeStep<Kind extends StepKind>(
  kind: Kind,
  raw: RawStep,
  common: StepCommon,
  context: StepContext,
): Step {
  const normalize: Normalizer<Kind> = NORMALIZERS[kind];
  return normalize(raw[kind] as Parameters<Normalizer<Kind>>[0], common, context);
}

interface CommonInput {
  readonly onFailure: OnFailure;
  readonly context: StepContext;
  readonly input: NormalizeInput;
}

function commonOf(raw: RawStep, draft: Draft, { onFailure, context, input }: CommonInput): StepCommon {
  return {
    id: draft.id as StepId,
    at: draft.isIdGiven ? context.in('id').at() : context.in(draft.kind ?? 'id').keyAt(),
    description: raw.description,
    timeoutMs: durationOf(raw.timeout, context.in('timeout')),
    retry: retryOf(raw.retry, context.in('retry')),
    onFailure: raw.on_failure ?? onFailure,
    undo: normalizeSteps([...context.path, 'undo'], raw.undo ?? [], onFailure, input),
    inDoubt: raw.in_doubt ?? 'rollback',
    target: raw.target ?? MAIN_TARGET,
  };
}

function durationOf(text: string | undefined, context: StepContext): number | undefined {
  const ms = text === undefined ? undefined : context.parsed(text, parseDurationMs);
  if (ms === 0) context.report('WRONG_VALUE', 'no time at all is too short', 'leave it out for no limit');
  return ms;
}

const DELAY_DEFAULT_MS = 1_000;

function retryOf(raw: Retry | undefined, context: StepContext): RetryPolicy {
  if (raw === undefined) return { attempts: 1, delayMs: 0, on: [] };
  const delayMs = raw.delay === undefined ? undefined : context.in('delay').parsed(raw.delay, parseDurationMs);
  return {
    attempts: raw.attempts ?? 3,
    delayMs: delayMs ?? DELAY_DEFAULT_MS,
    on: raw.on ?? ['deadlock', 'lock-wait'],
  };
}
