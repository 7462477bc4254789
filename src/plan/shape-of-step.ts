import type { Diagnostic } from '../kernel/index.ts';
import type { ShapeError } from './generated/validate-shape.js';
import { locateKey } from './locate.ts';
import type { PlanTree } from './parse-yaml.ts';
import { isStep, listed } from './shape-messages.ts';
import { problem, shown, type PlanPath } from './source-text.ts';
import { nearest } from './suggest.ts';
import { STEP_KINDS } from './types.ts';

interface StepShape {
  readonly diagnostics: readonly Diagnostic[];
  /** The errors that need no word of their own any more. */
  readonly explained: ReadonlySet<ShapeError>;
}

/** A step has exactly one kind: says which key was meant as one, or which is too many. */
export function misplacedStep(
  tree: PlanTree,
  path: PlanPath,
  value: unknown,
  errors: readonly ShapeError[],
): StepShape {
  const choice = errors.find(({ keyword }) => keyword === 'oneOf');
  if (!isStep(path) || choice === undefined || value === null || typeof value !== 'object') {
    return { diagnostics: [], explained: new Set() };
  }
  const present = STEP_KINDS.filter((kind) => Object.hasOwn(value, kind));
  const [, second] = present;
  if (second !== undefined) {
    const message = `a step does one thing; this one has ${listed(present, 'and')}`;
    const at = locateKey(tree, [...path, second]);
    return {
      diagnostics: [problem('SEVERAL_STEP_KINDS', at, message, 'make a step of each')],
      explained: new Set([choice]),
    };
  }
  const strangers = errors.filter(({ keyword }) => keyword === 'additionalProperties');
  const meant = strangers.find((error) => nearest(keyOf(error), STEP_KINDS) !== undefined) ?? strangers[0];
  if (meant === undefined) {
    const message = 'this step has no kind';
    const help = `give it one of ${listed(STEP_KINDS, 'or')}`;
    return {
      diagnostics: [problem('NO_STEP_KIND', firstKey(tree, path, value), message, help)],
      explained: new Set([choice]),
    };
  }
  const key = keyOf(meant);
  const at = locateKey(tree, [...path, key]);
  return {
    diagnostics: [problem('UNKNOWN_STEP_KIND', at, `\`${shown(key)}\` is not a kind of step`, kindHelp(key, value))],
    explained: new Set([choice, meant]),
  };
}

function keyOf({ params }: ShapeError): string {
  return String(params['additionalProperty']);
}

function firstKey(tree: PlanTree, path: PlanPath, value: object): Diagnostic['at'] {
  const [first] = Object.keys(value);
  return locateKey(tree, first === undefined ? path : [...path, first]);
}

function kindHelp(key: string, value: object): string {
  const near = nearest(key, STEP_KINDS);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  const named = (value as Record<string, unknown>)[key];
  const kind = STEP_KINDS.find((one) => one === named);
  if (kind !== undefined) return `write the kind as the key: \`${kind}: ..\``;
  return `the kinds are ${listed(STEP_KINDS, 'and')}`;
}
