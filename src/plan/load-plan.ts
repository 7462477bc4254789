import { dirname } from 'node:path';
import { isSecretVariable, type Diagnostic } from '../kernel/index.ts';
import { checkMeaning } from './check-meaning.ts';
import { checkQuiet } from './check-quiet.ts';
import { checkReferences } from './check-references.ts';
import { checkShape } from './check-shape.ts';
import { planDigest } from './digest.ts';
import { draftsOf, isRecord } from './drafts.ts';
import { filesNamed, interpolate, type Interpolated } from './interpolate.ts';
import { normalizePlan, type NormalizeInput } from './normalize-plan.ts';
import { parseYaml, type PlanTree } from './parse-yaml.ts';
import { diskFiles, readProblemMessage, type PlanFiles } from './read-plan.ts';
import { soundPart } from './sound-part.ts';
import { pointerOf, problem, PROBLEMS_MAX, type SourceText } from './source-text.ts';
import { inFolder, readSqlFiles } from './sql-files.ts';
import { didYouMean } from './suggest.ts';
import { MAIN_TARGET, type Plan, type Target } from './types.ts';

export interface PlanRequest {
  /** Of the plan file; the paths in the plan are relative to its folder. */
  readonly path: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Stand above the plan's own `vars`. */
  readonly vars: Readonly<Record<string, string>>;
  /** A variable that is not set is an error for a run, and a warning where nothing is run. */
  readonly purpose: 'validate' | 'run';
  /** Where files are read from; the disk when left out. */
  readonly files?: PlanFiles;
}

export interface LoadedPlan {
  readonly source: SourceText;
  /** Undefined if and only if one of the diagnostics is an error. */
  readonly plan: Plan | undefined;
  /** All problems at once, in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The largest plan, in bytes. */
export const PLAN_BYTES_MAX = 1024 * 1024;
/** The largest file that `${file:PATH}` may name: a password, a certificate. */
const FILE_BYTES_MAX = 64 * 1024;

/** Reads a plan from a file. Whatever is wrong with it is a diagnostic; nothing is connected to. */
export async function loadPlan(request: PlanRequest): Promise<LoadedPlan> {
  const { path, files = diskFiles } = request;
  const read = await files.readText(path, PLAN_BYTES_MAX);
  if (read.kind === 'ok') return parsePlanText({ ...request, text: read.value });
  const { kind } = read.problem;
  const codes = { 'not-found': 'PLAN_NOT_FOUND', 'too-large': 'PLAN_TOO_LARGE', 'not-utf8': 'PLAN_NOT_UTF8' } as const;
  const code = kind === 'not-a-file' || kind === 'unreadable' ? 'PLAN_UNREADABLE' : codes[kind];
  const message = readProblemMessage('the plan', path, read.problem, PLAN_BYTES_MAX);
  const help = kind === 'not-found' ? await nearbyPlan(path, files) : undefined;
  const diagnostics = [problem(code, { path, start: 0, end: 1 }, message, help)];
  return { source: { path, text: '' }, plan: undefined, diagnostics };
}

async function nearbyPlan(path: string, files: PlanFiles): Promise<string | undefined> {
  const names = (await files.list(dirname(path))).filter((name) => /\.ya?ml$/.test(name));
  const cut = path.lastIndexOf('/') + 1;
  return didYouMean(
    path,
    names.map((name) => path.slice(0, cut) + name),
  );
}

/** The same for a plan that is already in memory, or was never in a file. */
export async function parsePlanText(request: PlanRequest & { readonly text: string }): Promise<LoadedPlan> {
  const source = { path: request.path, text: request.text };
  const { tree, diagnostics } = parseYaml(source);
  if (tree === undefined) return finished(source, undefined, diagnostics);
  const shape = checkShape(tree);
  const found = [...diagnostics, ...shape.diagnostics];
  if (!isRecord(tree.value)) return finished(source, undefined, found);

  const { files = diskFiles } = request;
  const folder = dirname(request.path);
  const filled = interpolate(tree, { ...request, files: await readNamedFiles(tree, files, folder) });
  const drafts = draftsOf(tree.value);
  for (const one of filled.diagnostics) found.push(one);
  for (const one of checkReferences(tree, drafts)) found.push(one);

  const used = isRecord(filled.value) ? draftsOf(filled.value) : drafts;
  const sqlFiles = await readSqlFiles(used, { tree, files, folder, unknown: filled.unknown });
  for (const one of sqlFiles.diagnostics) found.push(one);
  const input: NormalizeInput = {
    tree,
    value: filled.value,
    vars: filled.vars,
    drafts: new Map(drafts.map((draft) => [pointerOf(draft.path), draft])),
    sound: soundPart(shape.unsound),
    unknown: filled.unknown,
    sqlFiles: sqlFiles.byPlace,
    diagnostics: found,
  };
  const plan = normalizePlan(input);
  const meaning = checkMeaning(plan, (target) => !filled.unknown.has(urlPointer(tree, target)));
  for (const one of meaning.diagnostics) found.push(one);
  if (found.some(({ severity }) => severity === 'error')) return finished(source, undefined, found);
  if (request.purpose === 'validate') for (const one of checkQuiet(plan)) found.push(one);
  const digest = planDigest(normalizePlan(asDigestSees(input, filled)));
  const passwords = [...meaning.passwords, ...newPasswords(plan)];
  const secrets = [...new Set([...filled.secrets, ...passwords])];
  // Not whatever goes to a program: PATH and HOME do.
  const secretVariables = filled.secretVariables.filter((name) => {
    const value = request.env[name] ?? '';
    return isSecretVariable(name, value) || passwords.includes(value);
  });
  return finished(source, { ...plan, digest, secrets, secretVariables }, found);
}

function asDigestSees(input: NormalizeInput, filled: Interpolated): NormalizeInput {
  // The same problems once more: they have been told.
  return { ...input, value: filled.forDigest, vars: filled.varsForDigest, diagnostics: [] };
}

async function readNamedFiles(tree: PlanTree, files: PlanFiles, folder: string) {
  const texts = new Map<string, string | undefined>();
  for (const path of new Set(filesNamed(tree.value))) {
    const read = await files.readText(inFolder(folder, path), FILE_BYTES_MAX);
    texts.set(path, read.kind === 'ok' ? read.value.replace(/\r?\n$/, '') : undefined);
  }
  return texts;
}

function urlPointer(tree: PlanTree, { name }: Target): string {
  const isSingle = name === MAIN_TARGET && isRecord(tree.value) && isRecord(tree.value['target']);
  return pointerOf(isSingle ? ['target', 'url'] : ['targets', name, 'url']);
}

function newPasswords(plan: Pick<Plan, 'steps' | 'rollback' | 'finally'>): readonly string[] {
  return [...plan.steps, ...(plan.rollback ?? []), ...plan.finally]
    .flatMap((step) => [step, ...step.undo])
    .flatMap((step) => (step.kind === 'restore' && step.into !== undefined ? [step.into.password.reveal()] : []));
}

/** In the order of the text, one for each defect: what follows from a trap at the same words is left out. */
function finished(source: SourceText, plan: Plan | undefined, found: readonly Diagnostic[]): LoadedPlan {
  const trapped = new Set(
    found.filter(({ code }) => code.startsWith('YAML_')).map(({ at }) => `${at.start}-${at.end}`),
  );
  const seen = new Set<string>();
  const diagnostics = found.filter(({ code, at, message }) => {
    const place = `${at.start}-${at.end}`;
    const identity = `${code} ${place} ${message}`;
    if (seen.has(identity) || (trapped.has(place) && !code.startsWith('YAML_'))) return false;
    seen.add(identity);
    return true;
  });
  const sorted = [...diagnostics].sort((one, other) => one.at.start - other.at.start);
  return { source, plan, diagnostics: bounded(sorted, plan === undefined ? 'error' : 'warning') };
}

function bounded(diagnostics: readonly Diagnostic[], severity: Diagnostic['severity']): readonly Diagnostic[] {
  const next = diagnostics[PROBLEMS_MAX];
  if (next === undefined) return diagnostics;
  const rest = problem('MORE_PROBLEMS', next.at, `from here on there are more than these ${PROBLEMS_MAX} problems`);
  return [...diagnostics.slice(0, PROBLEMS_MAX), { ...rest, severity }];
}
