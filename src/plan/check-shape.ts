import type { Diagnostic } from '../kernel/index.ts';
import { validate, type ShapeError } from './generated/validate-shape.js';
import { locate, locateKey } from './locate.ts';
import type { PlanTree } from './parse-yaml.ts';
import { misplacedStep } from './shape-of-step.ts';
import { factAt, keyHelp, listed, nameOfPlace, violation } from './shape-messages.ts';
import { pathOf, problem, PROBLEMS_MAX, shown, type PlanPath } from './source-text.ts';

export interface ShapeCheck {
  readonly diagnostics: readonly Diagnostic[];
  /** The values that have no shape to work with. */
  readonly unsound: readonly PlanPath[];
}

/** What the schema has against a plan, one diagnostic for each defect. */
export function checkShape(tree: PlanTree): ShapeCheck {
  if (validate(tree.value)) return { diagnostics: [], unsound: [] };
  const byPlace = new Map<string, ShapeError[]>();
  for (const error of validate.errors ?? []) {
    if (isEcho(error, tree.value)) continue;
    const others = byPlace.get(error.instancePath);
    if (others === undefined) byPlace.set(error.instancePath, [error]);
    else others.push(error);
  }
  const diagnostics = [...byPlace]
    .slice(0, PROBLEMS_MAX + 1)
    .flatMap(([pointer, errors]) => diagnosticsAt(tree, pathOf(pointer), errors));
  return { diagnostics, unsound: [...byPlace].flatMap(([pointer, errors]) => unsoundAt(pathOf(pointer), errors)) };
}

/** A key too many spoils only itself, and what a plan lacks does not spoil what it has. */
function unsoundAt(path: PlanPath, errors: readonly ShapeError[]): PlanPath[] {
  return errors.flatMap(({ keyword, params }) => {
    const key = params['additionalProperty'] ?? params['propertyName'];
    if (typeof key === 'string') return [[...path, key]];
    return path.length === 0 && keyword !== 'type' ? [] : [path];
  });
}

/** Errors that only repeat another one: inside an alternative, or about a name of which `propertyNames` tells. */
function isEcho({ schemaPath, keyword, instancePath }: ShapeError, root: unknown): boolean {
  if (/\/(oneOf|anyOf|not)\//.test(schemaPath) || keyword === 'anyOf' || keyword === 'not') return true;
  return keyword === 'pattern' && typeof valueAt(root, pathOf(instancePath)) === 'object';
}

function diagnosticsAt(tree: PlanTree, path: PlanPath, errors: readonly ShapeError[]): Diagnostic[] {
  const value = valueAt(tree.value, path);
  if (path.length === 1 && path[0] === 'version') {
    const help = value === 1 ? undefined : 'write `version: 1`';
    return [
      problem('PLAN_VERSION', locate(tree, path), `\`version\` is ${shown(String(value))}; this is version 1`, help),
    ];
  }
  const wrongType = errors.find(({ keyword }) => keyword === 'type');
  if (wrongType !== undefined) return [violation(tree, path, value, wrongType)];

  const step = misplacedStep(tree, path, value, errors);
  const rest = errors.filter((error) => !step.explained.has(error));
  const choices = rest.filter(({ keyword }) => keyword === 'oneOf');
  const found = [...step.diagnostics, ...missingKeys(tree, path, rest), ...conflicts(tree, path, value, choices)];
  for (const error of rest.slice(0, PROBLEMS_MAX + 1)) {
    if (error.keyword === 'additionalProperties') found.push(unknownKey(tree, path, error));
    else if (error.keyword === 'propertyNames') found.push(wrongName(tree, path, error));
    else if (error.keyword !== 'required' && error.keyword !== 'oneOf') found.push(violation(tree, path, value, error));
  }
  return found;
}

function unknownKey(tree: PlanTree, path: PlanPath, { params }: ShapeError): Diagnostic {
  const key = String(params['additionalProperty']);
  const at = locateKey(tree, [...path, key]);
  return problem('UNKNOWN_KEY', at, `${nameOfPlace(path)} has no key \`${shown(key)}\``, keyHelp(key, tree, path));
}

function wrongName(tree: PlanTree, path: PlanPath, { params }: ShapeError): Diagnostic {
  const name = String(params['propertyName']);
  const help = 'a name starts with a letter and holds letters, digits and _';
  return problem('WRONG_NAME', locateKey(tree, [...path, name]), `\`${shown(name)}\` cannot be a name here`, help);
}

/** All keys that are missing in one place, in one diagnostic. */
function missingKeys(tree: PlanTree, path: PlanPath, errors: readonly ShapeError[]): Diagnostic[] {
  const missing = errors.flatMap(({ keyword, params }) => {
    if (keyword === 'required') return [`\`${String(params['missingProperty'])}\``];
    if (keyword !== 'oneOf' || params['passingSchemas'] !== null) return [];
    return path.length === 0 ? ['`target`'] : [`one of ${listed(choicesOf(path).flat(), 'or')}`];
  });
  if (missing.length === 0) return [];
  const verb = missing.length === 1 ? 'is' : 'are';
  const help = path.length === 0 ? 'a plan needs `version: 1`, `target: { url: .. }` and `steps:`' : undefined;
  const where = path.length === 0 ? '' : ` in ${nameOfPlace(path)}`;
  const names =
    missing.length < 2 ? missing.join('') : `${missing.slice(0, -1).join(', ')} and ${missing.at(-1) ?? ''}`;
  return [problem('MISSING_KEY', locateKey(tree, path), `${names} ${verb} missing${where}`, help)];
}

/** Keys of which only one may be there. */
function conflicts(tree: PlanTree, path: PlanPath, value: unknown, errors: readonly ShapeError[]): Diagnostic[] {
  return errors.flatMap(({ params }) => {
    if (!Array.isArray(params['passingSchemas'])) return [];
    const present = choicesOf(path).flatMap((keys) => keys.filter((key) => hasKey(value, key)).slice(0, 1));
    const chosen = Object.keys(value as object).filter((key) => present.includes(key));
    const at = locateKey(tree, [...path, chosen[1] ?? '']);
    return [problem('CONFLICTING_KEYS', at, `${listed(chosen, 'and')} exclude each other`, 'keep one of them')];
  });
}

/** For each alternative that a map has here, the keys that make it. */
function choicesOf(path: PlanPath): readonly (readonly string[])[] {
  return factAt(path)?.choices ?? [];
}

function hasKey(value: unknown, key: string): boolean {
  return value !== null && typeof value === 'object' && Object.hasOwn(value, key);
}

/** The value at the end of a path, or undefined. */
export function valueAt(root: unknown, path: PlanPath): unknown {
  return path.reduce<unknown>(
    (value, segment) => (hasKey(value, String(segment)) ? (value as Record<string, unknown>)[segment] : undefined),
    root,
  );
}
