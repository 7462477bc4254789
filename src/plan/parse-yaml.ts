import { parseAllDocuments, type Document, type ParsedNode } from 'yaml';
import type { Diagnostic, SourceSpan } from '../kernel/index.ts';
import { toPlain } from './plain-value.ts';
import { problem, type SourceText } from './source-text.ts';
import { mendTraps } from './traps.ts';
import { yamlProblem } from './yaml-problems.ts';

export interface PlanTree {
  readonly source: SourceText;
  readonly root: ParsedNode;
  /** The plan as plain data: integers that a double cannot hold are text, keys are text. */
  readonly value: unknown;
}

export interface ParsedYaml {
  /** Undefined when the text is no YAML at all; `diagnostics` then says why. */
  readonly tree: PlanTree | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** How often a text is mended and read again to find the traps behind a trap, and how many characters that may take. */
const ROUNDS_MAX = 10;
const REREAD_MAX = 4 * 1024 * 1024;

/** Reads one YAML 1.2 document. What YAML reads otherwise than people mean is reported, and read as it was meant. */
export function parseYaml(source: SourceText): ParsedYaml {
  const diagnostics: Diagnostic[] = [];
  let text = source.text;
  for (let round = 0; ; round += 1) {
    const documents = parseText(text);
    if (documents === undefined) return { tree: undefined, diagnostics: [tooDeep(source)] };
    const [document] = documents;
    if (document?.contents == null) return { tree: undefined, diagnostics: [...diagnostics, emptyPlan(source)] };
    const mended = mendTraps(document, text, source);
    diagnostics.push(...mended.diagnostics);
    if (mended.text === text || round * text.length > REREAD_MAX || round === ROUNDS_MAX) {
      const isUsable = document.errors.length === 0;
      // What remains to be said about a text behind a trap may well come from the trap.
      if (isUsable || diagnostics.length === 0) diagnostics.push(...complaints(documents, source));
      if (!isUsable || documents.length > 1) return { tree: undefined, diagnostics };
      const plain = toPlain(document.contents, { source, mended: text });
      diagnostics.push(...plain.diagnostics);
      const tree = plain.isComplete ? { source, root: document.contents, value: plain.value } : undefined;
      return { tree, diagnostics };
    }
    text = mended.text;
  }
}

function parseText(text: string): Document.Parsed[] | undefined {
  try {
    return [
      ...parseAllDocuments(text, {
        version: '1.2',
        intAsBigInt: true,
        prettyErrors: false,
        uniqueKeys: false, // `plain-value.ts` looks, in linear time
        strict: true,
        logLevel: 'silent',
      }),
    ] as Document.Parsed[];
  } catch (error) {
    if (error instanceof RangeError) return undefined; // the stack: brackets within brackets within brackets
    throw error;
  }
}

/** Errors follow from errors, so only the first is told. */
function complaints(documents: readonly Document.Parsed[], source: SourceText): Diagnostic[] {
  const [document, second] = documents;
  const [error] = document?.errors ?? [];
  if (error !== undefined) return [yamlProblem(error, document, source)];
  const found = second === undefined ? [] : [severalDocuments(second, source)];
  if (document?.directives.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    const at = { path: source.path, start: 0, end: 5 };
    found.push(problem('YAML_VERSION', at, 'a plan is YAML 1.2', 'remove the %YAML line'));
  }
  return found;
}

function severalDocuments(second: Document.Parsed, source: SourceText): Diagnostic {
  const mark = source.text.lastIndexOf('---', second.range[0]);
  const start = mark < 0 ? second.range[0] : mark;
  const at = { path: source.path, start, end: start + 3 };
  return problem(
    'YAML_SEVERAL_DOCUMENTS',
    at,
    'a plan is one YAML document; a second one begins here',
    'remove `---`, or put the second plan into a file of its own',
  );
}

function emptyPlan(source: SourceText): Diagnostic {
  return problem(
    'PLAN_EMPTY',
    startOf(source),
    'the plan is empty',
    'write `version: 1`, `target:` and `steps:`; `snapback init` makes a first plan',
  );
}

function tooDeep(source: SourceText): Diagnostic {
  return problem('YAML_TOO_DEEP', startOf(source), 'the plan is nested too deeply to be read');
}

function startOf({ path }: SourceText): SourceSpan {
  return { path, start: 0, end: 1 };
}
