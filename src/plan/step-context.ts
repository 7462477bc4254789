import type { Diagnostic, Result, SourceSpan } from '../kernel/index.ts';
import { locate, locateKey } from './locate.ts';
import type { PlanTree } from './parse-yaml.ts';
import { pointerOf, problem, shown, type PlanPath } from './source-text.ts';
import type { SqlSource } from './types.ts';

export interface ContextParts {
  readonly tree: PlanTree;
  /** Pointers of texts that miss a variable: what they would be is not known, so nothing is said against them. */
  readonly unknown: ReadonlySet<string>;
  readonly sqlFiles: ReadonlyMap<string, readonly SqlSource[]>;
  /** Where problems go. */
  readonly diagnostics: Diagnostic[];
}

/** What a normalizer knows of the value before it: where it stands, and where to complain. */
export class StepContext {
  readonly path: PlanPath;
  readonly #parts: ContextParts;

  constructor(path: PlanPath, parts: ContextParts) {
    this.path = path;
    this.#parts = parts;
  }

  in(...place: PlanPath): StepContext {
    return new StepContext([...this.path, ...place], this.#parts);
  }

  at(): SourceSpan {
    return locate(this.#parts.tree, this.path);
  }

  keyAt(): SourceSpan {
    return locateKey(this.#parts.tree, this.path);
  }

  isUnknown(): boolean {
    return this.#parts.unknown.has(pointerOf(this.path));
  }

  report(code: string, message: string, help?: string): void {
    this.#parts.diagnostics.push(problem(code, this.at(), message, help));
  }

  reportAtKey(code: string, message: string, help?: string): void {
    this.#parts.diagnostics.push(problem(code, this.keyAt(), message, help));
  }

  /** The value that `parse` makes of a text; undefined, and reported, where it makes none. */
  parsed<Value>(text: string, parse: (text: string) => Result<Value, string>): Value | undefined {
    if (this.isUnknown()) return undefined;
    const result = parse(text);
    if (result.kind === 'ok') return result.value;
    this.report('WRONG_VALUE', `\`${String(this.path.at(-1))}\` cannot be \`${shown(text)}\``, result.problem);
    return undefined;
  }

  sqlFiles(): readonly SqlSource[] {
    return this.#parts.sqlFiles.get(pointerOf(this.path)) ?? [];
  }
}
