import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('types and validator are those that the schema gives', () => {
  expect(execFileSync('node', ['scripts/generate.mjs', '--check'], { encoding: 'utf8' })).toEqual('');
});

test('the validator needs nothing of ajv when it runs', () => {
  const code = readFileSync('src/plan/generated/validate-shape.js', 'utf8');
  expect(code.match(/require\(|^import /m)).toEqual(null);
});

test('every key of the language has a description for editors', () => {
  const schema = JSON.parse(readFileSync('schemas/plan.v1.schema.json', 'utf8')) as Node;
  expect(keysWithoutDescription(schema, schema, 'plan')).toEqual([]);
});

interface Node {
  readonly $ref?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly $defs?: Readonly<Record<string, Node>>;
}

function keysWithoutDescription(root: Node, node: Node, name: string): readonly string[] {
  const own = Object.entries(node.properties ?? {}).flatMap(([key, value]) => {
    const target = value.$ref === undefined ? value : root.$defs?.[value.$ref.replace('#/$defs/', '')];
    const isMissing = value.description === undefined && target?.description === undefined;
    return [...(isMissing ? [`${name}.${key}`] : []), ...keysWithoutDescription(root, value, `${name}.${key}`)];
  });
  return [
    ...own,
    ...Object.entries(node.$defs ?? {}).flatMap(([key, value]) => keysWithoutDescription(root, value, key)),
  ];
}
