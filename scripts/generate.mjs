// Writes every file that is made from another one. `--check` writes nothing and exits 1 when one is out of date.
//
// To add a generator, add an entry to OUTPUTS: a path from the repository's root and a function that makes its text.
// Almost every change of the sources changes the bundle of the action: a check leaves it out unless `--with-bundle`
// asks for it, so that whoever works on something else makes it once, at the end.

import { readFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const PLAN_SCHEMA = 'schemas/plan.v1.schema.json';
const BANNER = `Made by \`npm run generate\` from ${PLAN_SCHEMA}. Change that file, not this one.`;

const OUTPUTS = [
  { path: 'src/plan/generated/raw-plan.ts', make: makePlanTypes },
  { path: 'src/plan/generated/validate-shape.js', make: makePlanValidator },
  { path: 'src/plan/generated/validate-shape.d.ts', make: makePlanValidatorTypes },
  { path: 'src/plan/generated/shape-facts.ts', make: makeShapeFacts },
  { path: 'action.yml', make: async () => (await actionTable()).actionYaml() },
  { path: 'README.md', make: makeReadme },
  { path: 'action/post.mjs', make: makeActionPost },
  { path: 'action/main.mjs', make: makeActionBundle, isBundle: true },
];

process.exitCode = await generate(process.argv.includes('--check'), process.argv.includes('--with-bundle'));

async function generate(isCheck, isWithBundle) {
  let staleCount = 0;
  for (const { path, make, isBundle = false } of OUTPUTS) {
    if (isCheck && isBundle && !isWithBundle) continue;
    const made = await make();
    if (made === (await readIfThere(join(ROOT, path)))) continue;
    staleCount += 1;
    if (isCheck) {
      console.error(`${path} is out of date; run: npm run generate`);
      continue;
    }
    await mkdir(dirname(join(ROOT, path)), { recursive: true });
    await writeFile(join(ROOT, path), made);
    console.error(`wrote ${path}`);
  }
  return isCheck && staleCount > 0 ? 1 : 0;
}

async function readIfThere(path) {
  try {
    return await readFile(path, 'utf8');
  } catch (problem) {
    if (problem.code === 'ENOENT') return undefined;
    throw problem;
  }
}

async function readPlanSchema() {
  return JSON.parse(await readFile(join(ROOT, PLAN_SCHEMA), 'utf8'));
}

async function makePlanTypes() {
  const { compile } = await import('json-schema-to-typescript');
  const schema = typesOnly(await readPlanSchema());
  return compile({ ...schema, title: 'RawPlan' }, 'RawPlan', {
    additionalProperties: false,
    bannerComment: `// ${BANNER}`,
    ignoreMinAndMaxItems: true,
    style: { printWidth: 120, singleQuote: true, trailingComma: 'all' },
    unreachableDefinitions: false,
  });
}

async function makePlanValidator() {
  const { Ajv } = await import('ajv');
  const { default: standaloneCode } = await import('ajv/dist/standalone/index.js');
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    strictRequired: false,
    strictTypes: false,
    allowUnionTypes: true,
    inlineRefs: false, // so that an error's schemaPath names the definition
    unicode: false, // lengths in UTF-16 units: no helper is needed at run time
    messages: false, // ours are in src/plan/shape-messages.ts
    logger: false, // it would only say that `unicode` is deprecated; what strict mode finds is thrown
    code: { source: true, esm: true },
  });
  const code = standaloneCode(ajv, ajv.compile(rulesOnly(await readPlanSchema())));
  if (code.includes('require(')) throw new Error('the validator would need a module of ajv at run time');
  return `// ${BANNER}\n${inLinearTime(code)}\n`;
}

/** ajv joins lists of errors by copying all of them, once for each list: quadratic, and a plan may have many steps. */
function inLinearTime(code) {
  const copying = /vErrors = vErrors === null \? ([\w.]+)\.errors : vErrors\.concat\(\1\.errors\)/g;
  if (!copying.test(code) || code.replace(copying, '').includes('.concat(')) {
    throw new Error('ajv writes its validators otherwise than before; look at how it joins errors now');
  }
  const join =
    'function joined(all, more){ if(all === null) return [...more]; for(const one of more) all.push(one); return all; }';
  return `${code.replace(copying, 'vErrors = joined(vErrors, $1.errors)')}\n${join}`;
}

async function makePlanValidatorTypes() {
  return `// ${BANNER}

export interface ShapeError {
  /** JSON pointer to the guilty value. */
  readonly instancePath: string;
  /** The rule that it breaks, as a place in the schema: \`#/$defs/duration/pattern\`. */
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Whether \`value\` has the shape of a plan. \`errors\` holds every rule that the last call found broken. */
export declare const validate: {
  (value: unknown): boolean;
  errors?: ShapeError[] | null;
};
export default validate;
`;
}

/** The table of the action's inputs and outputs, compiled on the way. */
async function actionTable() {
  const { build } = await import('esbuild');
  const entryPoints = [join(ROOT, 'src/action/inputs.ts')];
  const { outputFiles } = await build({ entryPoints, bundle: true, format: 'esm', platform: 'node', write: false });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`);
}

async function makeReadme() {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const part = /(<!-- action: made by `npm run generate` -->\n)[\s\S]*?(<!-- \/action -->)/;
  if (!part.test(readme)) throw new Error('README.md has no place for the tables of the action');
  const tables = (await actionTable()).actionTables();
  return readme.replace(part, (_, begin, end) => `${begin}${tables}\n${end}`);
}

async function makeActionPost() {
  return `// The post step: the same bundle, told which step it is.\nimport './main.mjs?stage=post';\n`;
}

/** What GitHub runs, in one file that is kept in the repository: whoever uses the action installs nothing. */
async function makeActionBundle() {
  const { bundleAction } = await import('./bundle-action.mjs');
  return bundleAction();
}

/** What messages need to know of the schema: which keys go where, and how a value looks. */
async function makeShapeFacts() {
  const facts = {};
  collectFacts(await readPlanSchema(), '#', facts);
  return `// ${BANNER}

export interface ShapeFact {
  /** The keys of a map, each with the fact about its value. */
  readonly keys?: Readonly<Record<string, string>>;
  /** The fact about each item of a list. */
  readonly items?: string;
  /** The fact about the values of keys that are not named. */
  readonly others?: string;
  /** The keys that must be there. */
  readonly required?: readonly string[];
  /** For each alternative of a \`oneOf\`, the keys that make it. */
  readonly choices?: readonly (readonly string[])[];
  /** How people would say the rule, where it is a pattern. */
  readonly description?: string;
  readonly examples?: readonly unknown[];
}

/** By place in the schema; \`#\` is the plan itself. */
export const SHAPE_FACTS: Readonly<Record<string, ShapeFact>> = ${JSON.stringify(facts, undefined, 2)};
`;
}

/** Notes the fact about `node`, and about everything in it, and gives the place under which it was noted. */
function collectFacts(node, path, facts) {
  if (node.$ref !== undefined) return node.$ref;
  const { properties, items, additionalProperties, required, oneOf, pattern, description, examples, $defs = {} } = node;
  const child = (schema, ...names) => collectFacts(schema, [path, ...names].join('/'), facts);
  const keys = Object.entries(properties ?? {}).map(([key, schema]) => [key, child(schema, 'properties', key)]);
  facts[path] = prune({
    keys: properties === undefined ? undefined : Object.fromEntries(keys),
    items: items === undefined ? undefined : child(items, 'items'),
    others: typeof additionalProperties === 'object' ? child(additionalProperties, 'additionalProperties') : undefined,
    required,
    choices: oneOf?.map(keysOfChoice),
    description: pattern === undefined ? undefined : description,
    examples,
  });
  for (const [name, schema] of Object.entries($defs)) child(schema, '$defs', name);
  return path;
}

function keysOfChoice({ required, anyOf }) {
  return required ?? anyOf?.flatMap((one) => one.required ?? []) ?? [];
}

/** The schema without what is only for people, so that the validator stays small. */
function rulesOnly(node, isMap = false) {
  if (Array.isArray(node)) return node.map((child) => rulesOnly(child));
  if (node === null || typeof node !== 'object') return node;
  const kept = Object.entries(node).filter(
    ([key]) => isMap || !['title', 'description', 'examples', 'default'].includes(key),
  );
  return Object.fromEntries(kept.map(([key, child]) => [key, rulesOnly(child, !isMap && isMapOfSchemas(key))]));
}

function isMapOfSchemas(key) {
  return key === 'properties' || key === '$defs';
}

/** The schema as the type generator understands it: rules that types cannot say are left out, unions are spelled out. */
function typesOnly(node) {
  if (Array.isArray(node)) return node.map(typesOnly);
  if (node === null || typeof node !== 'object') return node;
  if (node.$ref !== undefined) return { $ref: node.$ref };
  const { oneOf, not, examples, default: unused, propertyNames, ...rest } = node;
  const mapped = Object.fromEntries(Object.entries(rest).map(([key, child]) => [key, typesOnly(child)]));
  if (!Array.isArray(mapped.type)) return mapped;
  const { type, description, properties, additionalProperties, required, items, ...common } = mapped;
  const forType = { object: { properties, additionalProperties, required }, array: { items } };
  return { description, anyOf: type.map((one) => prune({ ...keptFor(one, common), type: one, ...forType[one] })) };
}

function keptFor(type, { enum: values, ...rest }) {
  const fitting = values?.filter((value) => typeof value === type);
  return fitting === undefined ? rest : { ...rest, enum: fitting };
}

function prune(node) {
  return Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined));
}
