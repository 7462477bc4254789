import { positionOf, type Diagnostic } from '../kernel/index.ts';
import { isRecord, snapshotsBefore, type Draft } from './drafts.ts';
import { locate, locateKey, locateWithin } from './locate.ts';
import type { PlanTree } from './parse-yaml.ts';
import { listed } from './shape-messages.ts';
import { problem, PROBLEMS_MAX, shown, type PlanPath } from './source-text.ts';
import { didYouMean } from './suggest.ts';
import { piecesOf } from './template.ts';
import { MAIN_TARGET } from './types.ts';

/** One name of a snapshot step inside another step. */
interface Reference {
  readonly path: PlanPath;
  readonly name: string;
  /** The text that holds it, when it is only a part of that. */
  readonly within?: string;
}

/**
 * Whether ids are unique, and every name of a step or a target leads to one. Works on plans that are otherwise wrong.
 */
export function checkReferences(tree: PlanTree, drafts: readonly Draft[]): readonly Diagnostic[] {
  const targets = targetNames(tree.value);
  const found: Diagnostic[] = [];
  const seen = new Map<string, Draft>();
  for (const draft of drafts) {
    if (found.length > PROBLEMS_MAX) break;
    const namesake = seen.get(draft.id);
    if (namesake === undefined) seen.set(draft.id, draft);
    else found.push(duplicateId(tree, draft, namesake));
    found.push(
      ...referencesOf(draft).flatMap((reference) => checkReference(tree, draft, reference, drafts)),
      ...missingChecks(tree, draft),
      ...missingBaseline(tree, draft, drafts),
      ...unknownTarget(tree, draft, targets),
      ...misplacedKeys(tree, draft),
    );
  }
  return found;
}

function duplicateId(tree: PlanTree, draft: Draft, other: Draft): Diagnostic {
  const { line } = positionOf(tree.source.text, locate(tree, [...other.path, 'id']).start);
  const message = `the step in line ${line} is already called \`${shown(draft.id)}\``;
  const help = 'an id is unique in the whole plan, undo, rollback and finally included';
  return problem('DUPLICATE_STEP', locate(tree, [...draft.path, 'id']), message, help);
}

function referencesOf({ path, raw, kind }: Draft): Reference[] {
  if (kind === undefined) return [];
  const body = raw[kind];
  const found: Reference[] = [];
  const add = (name: unknown, ...place: PlanPath): void => {
    if (typeof name === 'string' && name !== '') found.push({ path: [...path, kind, ...place], name });
  };
  if (isRecord(body)) {
    if (kind === 'restore' || kind === 'drop') add(body['snapshot'], 'snapshot');
    if (kind === 'verify') addChecks(body, add);
  }
  return [...found, ...placeholdersIn(body, [...path, kind])];
}

function addChecks(body: Readonly<Record<string, unknown>>, add: (name: unknown, ...place: PlanPath) => void): void {
  const { since, rows, queries, unchanged, schema, matches } = body;
  add(since, 'since');
  for (const [check, value] of Object.entries({ unchanged, schema }))
    if (isRecord(value)) add(value['since'], check, 'since');
  if (isRecord(matches)) add(matches['snapshot'], 'matches', 'snapshot');
  else add(matches, 'matches');
  for (const [table, rule] of Object.entries(isRecord(rows) ? rows : {})) {
    if (isRecord(rule)) add(rule['since'], 'rows', table, 'since');
  }
  (Array.isArray(queries) ? queries : []).forEach((query: unknown, index) => {
    if (!isRecord(query)) return;
    add(query['since'], 'queries', index, 'since');
    if (isRecord(query['expect'])) add(query['expect']['same_as'], 'queries', index, 'expect', 'same_as');
  });
}

/** `${step:ID.snapshot}` anywhere in a step. */
function placeholdersIn(value: unknown, path: PlanPath): Reference[] {
  if (typeof value === 'string') {
    return piecesOf(value).flatMap((piece) =>
      piece.kind === 'step' ? [{ path, name: piece.step, within: piece.text }] : [],
    );
  }
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]) => placeholdersIn(member, [...path, key]));
}

function checkReference(tree: PlanTree, draft: Draft, reference: Reference, drafts: readonly Draft[]): Diagnostic[] {
  const { name, path, within } = reference;
  const earlier = snapshotsBefore(draft, drafts);
  if (earlier.some(({ id }) => id === name)) return droppedBefore(tree, draft, reference, drafts);
  const at = within === undefined ? locate(tree, path) : locateWithin(tree, path, within);
  const other = drafts.find(({ id }) => id === name);
  const ids = earlier.map(({ id }) => id);
  const choice = ids.length === 0 ? 'no earlier step takes a snapshot' : `earlier snapshots: ${listed(ids, 'and')}`;
  if (other === undefined) {
    const help = didYouMean(name, ids) ?? `${choice}; a snapshot on the server is named with \`{ name: .. }\``;
    return [problem('UNKNOWN_STEP', at, `no step is called \`${shown(name)}\``, help)];
  }
  if (other.kind !== 'snapshot') {
    const what = other.kind === undefined ? '' : `; it is a ${other.kind} step`;
    const message = `step \`${name}\` takes no snapshot${what}`;
    return [problem('NOT_A_SNAPSHOT', at, message, choice)];
  }
  return [problem('LATER_STEP', at, `step \`${name}\` has not run yet when this one does`, choice)];
}

function droppedBefore(
  tree: PlanTree,
  draft: Draft,
  { name, path }: Reference,
  drafts: readonly Draft[],
): Diagnostic[] {
  if (draft.section !== 'steps' || draft.parent !== undefined) return [];
  const drop = drafts.find(
    ({ section, parent, index, kind, raw }) =>
      section === 'steps' && parent === undefined && index < draft.index && kind === 'drop' &&
      isRecord(raw['drop']) && raw['drop']['snapshot'] === name, // prettier-ignore
  );
  if (drop === undefined) return [];
  return [
    problem('SNAPSHOT_DROPPED', locate(tree, path), `step \`${drop.id}\` has dropped the snapshot of \`${name}\``),
  ];
}

const CHECKS = ['rows', 'queries', 'unchanged', 'schema', 'matches'];

function missingChecks(tree: PlanTree, { raw, path }: Draft): Diagnostic[] {
  const body = raw['verify'];
  if (!isRecord(body) || Object.keys(body).length === 0 || CHECKS.some((check) => Object.hasOwn(body, check)))
    return [];
  const help = `give it one of ${listed(CHECKS, 'or')}`;
  return [problem('EMPTY_VALUE', locateKey(tree, [...path, 'verify']), '`verify` has no check', help)];
}

const ABSOLUTE = /^\d+$/;

/** Checks that compare need something to compare with. */
function missingBaseline(tree: PlanTree, draft: Draft, drafts: readonly Draft[]): Diagnostic[] {
  const body = draft.raw['verify'];
  if (draft.kind !== 'verify' || !isRecord(body) || snapshotsBefore(draft, drafts).length > 0) return [];
  // A step of no kind may have been meant to take one: that is told already.
  if (drafts.some(({ kind }) => kind === undefined)) return [];
  const comparing = [
    ...['unchanged', 'schema'].filter((check) => Object.hasOwn(body, check)).map((check) => [check]),
    ...(body['rows'] === 'same' ? [['rows']] : []),
    ...Object.entries(isRecord(body['rows']) ? body['rows'] : {})
      .filter(([, rule]) => compares(rule))
      .map(([table]) => ['rows', table]),
  ];
  const [first] = comparing;
  if (first === undefined || body['since'] !== undefined) return [];
  const at = locateKey(tree, [...draft.path, 'verify', ...first]);
  const message = 'this compares with a snapshot, and no earlier step takes one';
  return [problem('NO_BASELINE', at, message, 'add a step `snapshot:` before the change')];
}

function compares(rule: unknown): boolean {
  if (typeof rule === 'string') return !ABSOLUTE.test(rule) && !rule.includes('${');
  if (!isRecord(rule)) return false;
  if (rule['since'] !== undefined) return false; // it is told that there is no such step
  return 'change' in rule || 'same_as' in rule || ('expect' in rule && compares(rule['expect']));
}

function targetNames(plan: unknown): readonly string[] {
  if (!isRecord(plan)) return [];
  return isRecord(plan['targets']) ? Object.keys(plan['targets']) : [MAIN_TARGET];
}

function unknownTarget(tree: PlanTree, draft: Draft, targets: readonly string[]): Diagnostic[] {
  const name = draft.raw['target'];
  const help = `the plan has ${listed(targets, 'and')}`;
  if (name === undefined) {
    if (targets.includes(MAIN_TARGET) || targets.length === 0) return [];
    const at = locateKey(tree, [...draft.path, draft.kind ?? 'id']);
    return [
      problem('UNKNOWN_TARGET', at, 'this step has no `target:`, and the plan has no target called `main`', help),
    ];
  }
  if (typeof name !== 'string' || targets.includes(name)) return [];
  const at = locate(tree, [...draft.path, 'target']);
  return [problem('UNKNOWN_TARGET', at, `no target is called \`${shown(name)}\``, didYouMean(name, targets) ?? help)];
}

/** Keys that say something only about the way forward. */
function misplacedKeys(tree: PlanTree, draft: Draft): Diagnostic[] {
  const isForward = draft.section === 'steps' && draft.parent === undefined;
  if (isForward) return [];
  const place = draft.parent === undefined ? draft.section : 'undo';
  const found: Diagnostic[] = [];
  if (draft.raw['undo'] !== undefined) {
    const at = locateKey(tree, [...draft.path, 'undo']);
    found.push(problem('UNDO_NOT_HERE', at, `a step under \`${place}\` cannot have an \`undo\` of its own`));
  }
  const way = draft.raw['on_failure'];
  if (way === 'rollback' || way === 'stop') {
    const at = locate(tree, [...draft.path, 'on_failure']);
    const help = 'only `continue` says something here';
    found.push(problem('ON_FAILURE_NOT_HERE', at, `a step under \`${place}\` cannot \`${way}\` the run`, help));
  }
  return found;
}
