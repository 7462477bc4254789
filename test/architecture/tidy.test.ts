// Rules D4, D5 and D6 of the house, sizes and names, and the map.

import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { AMBIENT, FLAVOUR_PLACES, FLAVOURS, roomTable } from './house.ts';
import { filesBelow, parse, sourceFiles, textOf, walk, type SourceFile } from './source-files.ts';

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 60;
const COLUMNS_MAX = 120;
const CLOCK_WORDS = ['setTimeout', 'setInterval', 'setImmediate', 'performance'];
const RANDOM_WORDS = ['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues'];

const files = sourceFiles();
const reachedFrom = new Map(files.map((file) => [file.path, ambientAccess(file)]));
const everyFile = [
  ...filesBelow('src').map((path) => `src/${path}`),
  ...filesBelow('test').map((path) => `test/${path}`),
];

describe.each(Object.entries(AMBIENT))('%s', (what, places) => {
  test('is reached for only where the house says so', () => {
    const reaching = [...reachedFrom].filter(([, reached]) => reached.has(what)).map(([path]) => path);
    expect(reaching.filter((path) => !places.some((place) => isAt(path, place)))).toEqual([]);
  });
});

test.each([
  ["import { readFile } from 'node:fs/promises';", ['node:fs']],
  ["import { spawn } from 'child_process';", ['node:child_process']],
  ['export const home = process.env;', ['process']],
  ['export const home = globalThis.process.env;', ['process']],
  ['console.log(1);', ['console']],
  ['setTimeout(f, 1); new Date(); Date.now();', ['clock']],
  ["import { randomUUID } from 'node:crypto'; Math.random();", ['randomness']],
  ["import { createHash } from 'node:crypto'; new Date(0);", []],
  ['export const show = (io) => io.process.pid; // not process.env', []],
])('%s reaches for %j', (text, expected) => {
  expect([...ambientAccess({ path: 'a.ts', text })]).toEqual(expected);
});

test('servers are called by name only where that is their business', () => {
  const offences = files
    .filter(({ path }) => !FLAVOUR_PLACES.some((place) => isAt(path, place)))
    .flatMap((file) => stringsOf(file).map((text) => `${file.path}: '${text}'`));
  expect(offences).toEqual([]);
});

test(`no file is longer than ${FILE_LINES_MAX} lines`, () => {
  const long = everyFile.filter((path) => textOf(path).trimEnd().split('\n').length > FILE_LINES_MAX);
  expect(long).toEqual([]);
});

test(`no line is wider than ${COLUMNS_MAX} columns`, () => {
  const wide = everyFile.flatMap((path) =>
    textOf(path)
      .split('\n')
      .flatMap((line, index) => (line.length > COLUMNS_MAX ? [`${path}:${index + 1}`] : [])),
  );
  expect(wide).toEqual([]);
});

test(`no function is longer than ${FUNCTION_LINES_MAX} lines`, () => {
  expect(files.flatMap((file) => longFunctions(file))).toEqual([]);
});

test('names of files and folders are words in lower case, joined by hyphens', () => {
  const word = /^[a-z0-9]+(-[a-z0-9]+)*$/;
  const odd = everyFile.filter((path) =>
    path
      .replace(/(\.test|\.test-d|\.config)?\.ts$/, '')
      .split('/')
      .some((part) => !word.test(part)),
  );
  expect(odd).toEqual([]);
});

describe('src/README.md', () => {
  const lines = textOf('src/README.md').split('\n');

  test('prints the table of rooms that the other tests enforce', () => {
    const start = lines.indexOf(roomTable()[0] ?? '');
    expect(lines.slice(start, start + roomTable().length)).toEqual(roomTable());
  });

  test('points at files that exist', () => {
    const named = lines.flatMap((line) => [...line.matchAll(/`((?:src|test|schemas|plans)\/[\w./-]+)`/g)]);
    const paths = named.map(([, path]) => path ?? '');
    expect(paths.filter((path) => !existsSync(join(import.meta.dirname, '../..', path)))).toEqual([]);
    expect(paths.length).toBeGreaterThan(10);
  });
});

function isAt(path: string, place: string): boolean {
  return place.endsWith('/') ? path.startsWith(place) : path === place;
}

/** Which of the keys of `AMBIENT` a file reaches for. */
function ambientAccess(file: Pick<SourceFile, 'path' | 'text'>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { fileName } of ts.preProcessFile(file.text, true, true).importedFiles) {
    if (isBuiltin(fileName)) found.add(`node:${fileName.replace('node:', '').split('/')[0] ?? ''}`);
  }
  walk(parse(file), (node) => {
    const what = ts.isIdentifier(node) ? reachedBy(node) : undefined;
    if (what !== undefined) found.add(what);
  });
  return new Set([...found].filter((what) => what in AMBIENT));
}

function reachedBy(node: ts.Identifier): string | undefined {
  const { parent, text } = node;
  if (ts.isImportSpecifier(parent)) return RANDOM_WORDS.includes(text) ? 'randomness' : undefined;
  const isMember = ts.isPropertyAccessExpression(parent) && parent.name === node;
  const owner = isMember ? parent.expression.getText() : undefined;
  if (owner !== undefined && owner !== 'globalThis') {
    if (owner === 'Date' && text === 'now') return 'clock';
    return owner === 'Math' && text === 'random' ? 'randomness' : undefined;
  }
  const isUsed = isMember || isExpression(node);
  if (isUsed && (text === 'process' || text === 'console')) return text;
  if (isUsed && CLOCK_WORDS.includes(text)) return 'clock';
  if (text === 'Date' && ts.isNewExpression(parent) && (parent.arguments ?? []).length === 0) return 'clock';
  return undefined;
}

/**
 * The object of a member access or a called function: where a global would be used, and a mere name of ours would not.
 */
function isExpression(node: ts.Identifier): boolean {
  const { parent } = node;
  const isObject = ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent);
  return (isObject || ts.isCallExpression(parent)) && parent.expression === node;
}

function stringsOf(file: SourceFile): readonly string[] {
  const found: string[] = [];
  walk(parse(file), (node) => {
    if (ts.isStringLiteral(node) && FLAVOURS.includes(node.text)) found.push(node.text);
  });
  return found;
}

function longFunctions(file: SourceFile): readonly string[] {
  const tree = parse(file);
  const found: string[] = [];
  walk(tree, (node) => {
    if (!ts.isFunctionLike(node)) return;
    const first = tree.getLineAndCharacterOfPosition(node.getStart()).line;
    const last = tree.getLineAndCharacterOfPosition(node.end).line;
    if (last - first + 1 > FUNCTION_LINES_MAX) found.push(`${file.path}:${first + 1}`);
  });
  return found;
}
