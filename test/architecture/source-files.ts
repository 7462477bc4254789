// The sources as the architecture tests see them: parsed, never run.

import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

export interface SourceFile {
  /** Below `src/`, with slashes: `engines/wire/session.ts`. */
  readonly path: string;
  /** The folder below `src/`; empty for `index.ts`, the library door. */
  readonly room: string;
  readonly text: string;
  /** Specifiers of every import and re-export, those of types and dynamic ones too. */
  readonly imports: readonly string[];
}

const ROOT = join(import.meta.dirname, '../..');

/** All TypeScript files below a folder of the project, generated ones left out. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts') && !/(^|\/)(generated|fixtures)\//.test(name))
    .sort();
}

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export function sourceFiles(): readonly SourceFile[] {
  return filesBelow('src').map((path) => {
    const text = textOf(`src/${path}`);
    const imports = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
    return { path, room: path.includes('/') ? (path.split('/')[0] ?? '') : '', text, imports };
  });
}

/** The file below `src/` that a relative specifier means. */
export function resolveImport(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier);
}

/** `mysql2` of `mysql2/promise`, `@scope/name` of `@scope/name/part`. */
export function packageOf(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

export function parse({ path, text }: Pick<SourceFile, 'path' | 'text'>): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
}

/** Calls `visit` with every node of a tree. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}
