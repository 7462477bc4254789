import { factAt, isStep } from './shape-messages.ts';
import { pointerOf, type PlanPath } from './source-text.ts';
import { STEP_KINDS } from './types.ts';

/** The part of a plan that has its shape, so that its meaning can be looked at while the rest is mended. */
export interface SoundPart {
  /** Whether there is something to work with at `path`. */
  has(path: PlanPath): boolean;
  /** The value at `path` without what has no shape in it. */
  of(value: unknown, path: PlanPath): unknown;
}

export function soundPart(unsound: readonly PlanPath[]): SoundPart {
  const spoilt = new Set(unsound.map((path) => pointerOf(lifted(path))));
  const has = (path: PlanPath): boolean => path.every((_, index) => !spoilt.has(pointerOf(path.slice(0, index + 1))));
  const of = (value: unknown, path: PlanPath): unknown => {
    if (spoilt.size === 0 || value === null || typeof value !== 'object') return value;
    // An unsound step keeps its place: whoever walks the list asks `has`.
    if (Array.isArray(value)) return value.map((item, index) => of(item, [...path, index]));
    const members = Object.entries(value).filter(([key]) => !spoilt.has(pointerOf([...path, key])));
    return Object.fromEntries(members.map(([key, member]) => [key, of(member, [...path, key])]));
  };
  return { has: (path) => !spoilt.has('') && has(path), of };
}

/** What cannot be left out spoils what it stands in: an item its list, a required key its map, a kind its step. */
function lifted(path: PlanPath): PlanPath {
  const parent = path.slice(0, -1);
  const last = String(path.at(-1));
  if (path.length < 2 || isStep(path)) return path;
  if (isStep(parent)) return STEP_KINDS.some((kind) => kind === last) ? parent : path;
  const fact = factAt(parent);
  const isKey = Object.hasOwn(fact?.keys ?? {}, last);
  const isItem = !isKey && fact?.items !== undefined && /^\d+$/.test(last);
  return isItem || fact?.required?.includes(last) === true ? lifted(parent) : path;
}
