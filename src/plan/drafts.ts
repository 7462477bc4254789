// The steps of a plan as far as they can be told apart, sound or not: what references are checked against.

import type { PlanPath } from './source-text.ts';
import { STEP_KINDS, type StepKind } from './types.ts';

export type Section = 'steps' | 'rollback' | 'finally';

export interface Draft {
  readonly path: PlanPath;
  readonly section: Section;
  /** The step that this one undoes. */
  readonly parent: Draft | undefined;
  /** Its place among its siblings, from 0. */
  readonly index: number;
  readonly id: string;
  readonly isIdGiven: boolean;
  /** Undefined where the step has no kind, or several. */
  readonly kind: StepKind | undefined;
  readonly raw: Readonly<Record<string, unknown>>;
}

const SECTIONS: readonly Section[] = ['steps', 'rollback', 'finally'];

/** All steps in the order of the plan, each `undo` right behind its step. */
export function draftsOf(plan: Readonly<Record<string, unknown>>): readonly Draft[] {
  const given = new Set(SECTIONS.flatMap((section) => idsIn(plan[section])));
  return SECTIONS.flatMap((section) => collect(plan[section], { path: [section], section, parent: undefined, given }));
}

interface Place {
  readonly path: PlanPath;
  readonly section: Section;
  readonly parent: Draft | undefined;
  /** Ids that are taken; those that are made here are added. */
  readonly given: Set<string>;
}

function collect(list: unknown, { path, section, parent, given }: Place): Draft[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((raw: unknown, index) => {
    if (!isRecord(raw)) return [];
    const kinds = STEP_KINDS.filter((one) => Object.hasOwn(raw, one));
    const kind = kinds.length === 1 ? kinds[0] : undefined;
    const isIdGiven = typeof raw['id'] === 'string';
    const id = isIdGiven ? String(raw['id']) : freeId(madeId({ section, parent, kind, index }), given);
    const draft: Draft = { path: [...path, index], section, parent, index, id, isIdGiven, kind, raw };
    return [draft, ...collect(raw['undo'], { path: [...draft.path, 'undo'], section, parent: draft, given })];
  });
}

function madeId({
  section,
  parent,
  kind = 'snapshot',
  index,
}: Pick<Draft, 'section' | 'parent' | 'kind' | 'index'>): string {
  const place = `${kind}-${index + 1}`;
  if (parent !== undefined) return `${parent.id.slice(0, 40)}-undo-${place}`;
  return section === 'steps' ? place : `${section}-${place}`;
}

function freeId(wanted: string, given: Set<string>): string {
  let id = wanted;
  for (let count = 2; given.has(id); count += 1) id = `${wanted}-${count}`;
  given.add(id);
  return id;
}

function idsIn(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list
    .filter(isRecord)
    .flatMap((raw) => [...(typeof raw['id'] === 'string' ? [raw['id']] : []), ...idsIn(raw['undo'])]);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The snapshot steps that have ended when `draft` begins, oldest first. */
export function snapshotsBefore(draft: Draft, drafts: readonly Draft[]): readonly Draft[] {
  const snapshots = drafts.filter(({ kind }) => kind === 'snapshot');
  return snapshots.filter((other) => other !== draft && endsBefore(other, draft));
}

function endsBefore(other: Draft, draft: Draft): boolean {
  if (draft.parent !== undefined) {
    if (other.parent !== undefined) return other.parent === draft.parent && other.index < draft.index;
    return other === draft.parent || endsBefore(other, draft.parent);
  }
  if (other.parent !== undefined) return false;
  if (other.section === draft.section) return other.index < draft.index;
  return SECTIONS.indexOf(other.section) < SECTIONS.indexOf(draft.section);
}
