// `${run:id}` and `${step:ID.snapshot}` have no value before the run. Until then a placeholder stands for them, between
// two
// code points that Unicode keeps for a program's own use, so that no text of a plan can look like one by chance.

import { Secret } from '../kernel/index.ts';
import type { Step } from './types.ts';

const OPEN = '\uFDD0';
const CLOSE = '\uFDD1';
const PLACEHOLDER = /\uFDD0(run:id|step:([^\uFDD1]+)\.snapshot)\uFDD1/g;

export interface PlaceholderValues {
  readonly run: string;
  /** The name on the server of the snapshot that a step took. */
  readonly snapshotOf: (step: string) => string;
}

export function placeholder(inside: string): string {
  return `${OPEN}${inside}${CLOSE}`;
}

export function fillPlaceholders(text: string, { run, snapshotOf }: PlaceholderValues): string {
  return text.replace(PLACEHOLDER, (_, inside: string, step: string) => (inside === 'run:id' ? run : snapshotOf(step)));
}

/** For people, before the run: as it is written in the plan. */
export function showPlaceholders(text: string): string {
  return text.replace(PLACEHOLDER, (_, inside: string) => `\${${inside}}`);
}

/** `change` applied to what stands between the placeholders. */
export function changeOutsidePlaceholders(text: string, change: (part: string) => string): string {
  return text
    .split(/(\uFDD0[^\uFDD1]*\uFDD1)/)
    .map((part) => (part.startsWith(OPEN) ? part : change(part)))
    .join('');
}

/** The step with every placeholder in its texts filled. The step itself is not changed. */
export function fillStep<One extends Step>(step: One, values: PlaceholderValues): One {
  return mapTexts(step, (text) => fillPlaceholders(text, values)) as One;
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (value instanceof Secret) return new Secret(change(value.reveal()));
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapTexts(member, change)]));
}
