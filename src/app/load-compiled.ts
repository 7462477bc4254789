import { compilePlan, type CompiledPlan } from '../compile/index.ts';
import type { Diagnostic } from '../kernel/index.ts';
import { loadPlan, parsePlanText, type SourceText } from '../plan/index.ts';

export interface PlanRequest {
  readonly path: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly vars: Readonly<Record<string, string>>;
  readonly purpose: 'validate' | 'run';
}

export interface LoadedPlan {
  readonly source: SourceText;
  /** Undefined if any diagnostic is an error. */
  readonly compiled: CompiledPlan | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads, checks and compiles a plan, all its problems at once. Contacts no server. */
export async function loadCompiled(request: PlanRequest): Promise<LoadedPlan> {
  const { source, plan, diagnostics } = isTypedPath(request.path) ? await parseTyped(request) : await loadPlan(request);
  if (plan === undefined) return { source, compiled: undefined, diagnostics };
  const compiled = compilePlan(plan);
  if (compiled.kind === 'ok') return { source, compiled: compiled.value, diagnostics };
  return { source, compiled: undefined, diagnostics: [...diagnostics, ...compiled.problem] };
}

/** Where the journal keeps the text of the plan that a command typed by hand stands for. */
export const TYPED_TEXT = 'plan';

/** `(snapshot restore)` in place of a path: the plan is no file, its text is in the variables. */
export function isTypedPath(path: string): boolean {
  return /^\([a-z -]+\)$/.test(path);
}

/** The variable that holds the password of a new account's administrator, in every process that works on the run. */
export const NEW_ADMIN_PASSWORD = 'SNAPBACK_NEW_ADMIN_PASSWORD';

/** What a typed plan calls the password of its URL, where a word of a command holds it; as it is, and in URLs. */
export const URL_PASSWORD = 'SNAPBACK_URL_PASSWORD';

/** The variables that a typed plan may refer to. */
export function typedEnv(env: PlanRequest['env']): PlanRequest['env'] {
  const url = env['DATABASE_URL'] ?? '';
  const written = URL.canParse(url) ? new URL(url).password : '';
  const password = decoded(written);
  if (password === '') return env;
  const inUrls = { [`${URL_PASSWORD}_WRITTEN`]: written, [`${URL_PASSWORD}_ENCODED`]: encodeURIComponent(password) };
  return { ...env, ...inUrls, [URL_PASSWORD]: password };
}

/** Empty where a `%` starts no code: the URL is then refused in its own words. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (problem) {
    if (problem instanceof URIError) return '';
    throw problem;
  }
}

function parseTyped(request: PlanRequest) {
  return parsePlanText({ ...request, env: typedEnv(request.env), vars: {}, text: request.vars[TYPED_TEXT] ?? '' });
}
