import type { Diagnostic } from '../kernel/index.ts';
import { SHAPE_FACTS, type ShapeFact } from './generated/shape-facts.ts';
import type { ShapeError } from './generated/validate-shape.js';
import { locate } from './locate.ts';
import type { PlanTree } from './parse-yaml.ts';
import { problem, shown, type PlanPath } from './source-text.ts';
import { didYouMean, nearest } from './suggest.ts';
import { STEP_KINDS } from './types.ts';

/** A value that breaks a rule of its own: type, pattern, list of words, bounds. */
export function violation(tree: PlanTree, path: PlanPath, value: unknown, error: ShapeError): Diagnostic {
  const { code, message, help } = explain(path, value, error);
  return problem(code, locate(tree, path), message, help);
}

interface Words {
  readonly code: string;
  readonly message: string;
  readonly help: string | undefined;
}

/** What the schema says about the value at `path`. */
export function factAt(path: PlanPath): ShapeFact | undefined {
  let fact = SHAPE_FACTS['#'];
  for (const segment of path.map(String)) {
    const keyed: string | undefined =
      fact?.keys !== undefined && Object.hasOwn(fact.keys, segment) ? fact.keys[segment] : undefined;
    fact = SHAPE_FACTS[keyed ?? (/^\d+$/.test(segment) ? fact?.items : undefined) ?? fact?.others ?? ''];
  }
  return fact;
}

function explain(path: PlanPath, value: unknown, { keyword, params }: ShapeError): Words {
  const name = nameOfPlace(path);
  const fact = factAt(path);
  const example = exampleHelp(fact);
  const limit = String(params['limit']);
  switch (keyword) {
    case 'type': {
      if (value === null) return { code: 'EMPTY_VALUE', message: `${name} has no value`, help: example };
      const wanted = typeWords(params['type']);
      const help = fact?.description === undefined ? (quotedHelp(value, params['type']) ?? example) : example;
      return { code: 'WRONG_TYPE', message: `${name} is ${described(value)}; it must be ${wanted}`, help };
    }
    case 'enum': {
      const values = (params['allowedValues'] as readonly unknown[]).map(String);
      const help = didYouMean(String(value), values);
      return { code: 'WRONG_VALUE', message: `${name} can be ${listed(values, 'or')}, not ${described(value)}`, help };
    }
    case 'pattern': {
      const rule = fact?.description?.split(/\.\s|\.$/)[0];
      const help = [rule === undefined ? undefined : lowerFirst(rule), example].filter((text) => text !== undefined);
      const message = `${name} cannot be ${described(value)}`;
      return { code: 'WRONG_VALUE', message, help: help.length === 0 ? undefined : help.join('; ') };
    }
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return { code: 'EMPTY_VALUE', message: `${name} is empty`, help: example };
    case 'maxLength':
      return { code: 'WRONG_VALUE', message: `${name} is longer than ${limit} characters`, help: undefined };
    case 'minimum':
      return { code: 'WRONG_VALUE', message: `${name} is ${described(value)}; the least is ${limit}`, help: undefined };
    case 'maximum':
      return { code: 'WRONG_VALUE', message: `${name} is ${described(value)}; the most is ${limit}`, help: undefined };
    default:
      return { code: 'WRONG_VALUE', message: `${name} cannot be ${described(value)}`, help: example };
  }
}

/** A name that YAML reads as a number. */
function quotedHelp(value: unknown, types: unknown): string | undefined {
  const isTextWanted = types === 'string' || (Array.isArray(types) && types.includes('string'));
  if (!isTextWanted || (typeof value !== 'number' && typeof value !== 'boolean')) return undefined;
  return `quote it: \`"${value}"\``;
}

/** What a key that is not known here may have been meant as. */
export function keyHelp(key: string, tree: PlanTree, path: PlanPath): string | undefined {
  const known = Object.keys(factAt(path)?.keys ?? {});
  const near = nearest(key, known);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  if (isStep(path)) {
    const present = STEP_KINDS.filter((kind) => isIn(tree.value, [...path, kind]));
    const owner = present.find((kind) => Object.hasOwn(factAt([...path, kind])?.keys ?? {}, key));
    if (owner !== undefined) return `\`${key}\` goes under \`${owner}:\``;
  } else if (isStep(path.slice(0, -1)) && Object.hasOwn(factAt(path.slice(0, -1))?.keys ?? {}, key)) {
    return `\`${key}\` goes beside \`${String(path.at(-1))}:\`, not under it`;
  }
  return known.length === 0 ? undefined : `known here: ${known.map((one) => `\`${one}\``).join(', ')}`;
}

/** Whether a step stands at the end of the path. */
export function isStep(path: PlanPath): boolean {
  return STEP_LISTS.includes(String(path.at(-2))) && /^\d+$/.test(String(path.at(-1)));
}

const STEP_LISTS = ['steps', 'rollback', 'finally', 'undo'];

function isIn(root: unknown, path: PlanPath): boolean {
  let value = root;
  for (const segment of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, segment)) return false;
    value = (value as Record<string | number, unknown>)[segment];
  }
  return true;
}

/** `\`timeout\``, `item 2 of \`databases\``, `the plan`. */
export function nameOfPlace(path: PlanPath): string {
  const last = path.at(-1);
  if (last === undefined) return 'the plan';
  if (!/^\d+$/.test(String(last))) return `\`${shown(String(last))}\``;
  const owner = path.slice(0, -1);
  return `${isStep(path) ? 'step' : 'item'} ${Number(last) + 1} of ${nameOfPlace(owner)}`;
}

/** `\`a\`, \`b\` or \`c\``. */
export function listed(words: readonly string[], conjunction: 'and' | 'or'): string {
  const quoted = words.map((word) => `\`${word}\``);
  if (quoted.length < 2) return quoted.join('');
  return `${quoted.slice(0, -1).join(', ')} ${conjunction} ${quoted.at(-1) ?? ''}`;
}

function described(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map of keys';
  if (typeof value === 'string') return value === '' ? 'empty text' : `the text \`${shown(value)}\``;
  return typeof value === 'number' ? `the number ${value}` : `\`${JSON.stringify(value)}\``;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  null: 'empty',
};

function typeWords(types: unknown): string {
  const names = (Array.isArray(types) ? types : [types]).map(String).filter((name) => name !== 'null');
  const words = names.map((name) => TYPE_WORDS[name] ?? name);
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

function exampleHelp(fact: ShapeFact | undefined): string | undefined {
  const [first] = fact?.examples ?? [];
  return first === undefined ? undefined : `write it like \`${asYaml(first)}\``;
}

/** On one line, as people write it. */
function asYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asYaml).join(', ')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).map(([key, member]) => `${asYaml(key)}: ${asYaml(member)}`);
    return `{ ${members.join(', ')} }`;
  }
  if (typeof value !== 'string') return String(value);
  const isPlain = /^[A-Za-z0-9][A-Za-z0-9_./ -]*\*?$/.test(value) && !/^\d[\d.]*(e\d+)?$/.test(value);
  return isPlain ? value : JSON.stringify(value);
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
