import { isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { SourceSpan } from '../kernel/index.ts';
import { keyText } from './plain-value.ts';
import type { PlanTree } from './parse-yaml.ts';
import type { PlanPath } from './source-text.ts';

/** Where a value stands, and its key when it has one. */
interface Place {
  readonly key: Node | undefined;
  readonly value: Node | undefined;
}

/**
 * The words to underline for the value at `path`: a text or a number itself, for a map or a list the key it hangs on,
 * and the nearest thing around it where there is nothing.
 */
export function locate(tree: PlanTree, path: PlanPath): SourceSpan {
  for (let length = path.length; length >= 0; length -= 1) {
    const place = find(tree, path.slice(0, length));
    if (place === undefined) continue;
    const { key, value } = place;
    if (isScalar(value) && value.range != null && value.range[1] > value.range[0]) return spanOf(tree, value);
    if (isAlias(value)) return spanOf(tree, value);
    if (value !== undefined && (isMap(value) || isSeq(value)) && value.flow === true) return spanOf(tree, value);
    return key === undefined ? firstWord(tree, value) : spanOf(tree, key);
  }
  return { path: tree.source.path, start: 0, end: 1 };
}

/** The key at the end of `path`; the value where it is an item of a list. */
export function locateKey(tree: PlanTree, path: PlanPath): SourceSpan {
  const key = find(tree, path)?.key;
  return key === undefined ? locate(tree, path) : spanOf(tree, key);
}

/** Where `part` first stands inside a value, when the value stands in the plan as it reads; else the whole value. */
export function locateWithin(tree: PlanTree, path: PlanPath, part: string): SourceSpan {
  const span = locate(tree, path);
  const at = tree.source.text.slice(span.start, span.end).indexOf(part);
  if (at < 0) return span;
  return { ...span, start: span.start + at, end: span.start + at + part.length };
}

function find(tree: PlanTree, path: PlanPath): Place | undefined {
  let place: Place = { key: undefined, value: tree.root };
  for (const segment of path) {
    const inside = isAlias(place.value) ? anchored(tree.root, place.value.source) : place.value;
    const next = child(tree, inside, segment);
    if (next === undefined) return undefined;
    place = next;
  }
  return place;
}

function child(tree: PlanTree, node: Node | undefined, segment: string | number): Place | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(segment)] as Node | undefined;
    return item === undefined ? undefined : { key: undefined, value: item };
  }
  if (!isMap(node)) return undefined;
  // The last one counts when a key is there twice, as in the plain value.
  const pair = node.items.findLast(({ key }) => isScalar(key) && keyText(key, tree.source.text) === String(segment));
  return pair === undefined ? undefined : { key: pair.key as Node, value: (pair.value as Node | null) ?? undefined };
}

function anchored(root: Node, anchor: string): Node | undefined {
  const waiting: (Node | Pair)[] = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (isPair(node)) {
      for (const part of [node.key, node.value]) if (part != null) waiting.push(part as Node);
    } else {
      if ('anchor' in node && node.anchor === anchor) return node;
      const items = isMap(node) || isSeq(node) ? (node.items as (Node | Pair | null)[]) : [];
      for (const item of items) if (item !== null) waiting.push(item);
    }
  }
  return undefined;
}

function firstWord(tree: PlanTree, node: Node | undefined): SourceSpan {
  let word = node;
  for (;;) {
    const first: unknown = isMap(word) ? word.items[0]?.key : isSeq(word) ? word.items[0] : undefined;
    if (first == null) break;
    word = first as Node;
  }
  return word === undefined ? { path: tree.source.path, start: 0, end: 1 } : spanOf(tree, word);
}

function spanOf(tree: PlanTree, node: Node): SourceSpan {
  const [start, end] = node.range ?? [0, 1];
  return { path: tree.source.path, start, end: Math.max(end, start + 1) };
}
