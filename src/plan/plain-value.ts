import { isAlias, isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import type { Diagnostic } from '../kernel/index.ts';
import { problem, PROBLEMS_MAX, shown, type PlanPath, type SourceText } from './source-text.ts';

interface PlainValue {
  readonly value: unknown;
  readonly diagnostics: readonly Diagnostic[];
  /** False when the value was too large to be made. */
  readonly isComplete: boolean;
}

/** How many values aliases may add to a plan. More is an attack, or a mistake. */
const ALIASED_VALUES_MAX = 10_000;
/** How many values lie within each other, so that walking them needs no deep stack. */
const DEPTH_MAX = 100;

/** Plain data from YAML nodes, with the numbers reported that do not say what was typed. */
export function toPlain(root: Node, texts: { readonly source: SourceText; readonly mended: string }): PlainValue {
  const reader = new PlainReader(texts.source, texts.mended);
  const value = reader.read(root, []);
  return { value, diagnostics: [...reader.diagnostics.values()], isComplete: reader.isComplete };
}

class PlainReader {
  /** By code and place: an alias reads the same node again. */
  readonly diagnostics = new Map<string, Diagnostic>();
  isComplete = true;
  readonly #source: SourceText;
  readonly #mended: string;
  readonly #anchors = new Map<string, Node>();
  #aliasDepth = 0;
  #outermostAlias: Node | undefined;
  #aliasedCount = 0;

  constructor(source: SourceText, mended: string) {
    this.#source = source;
    this.#mended = mended;
  }

  read(node: Node | null | undefined, path: PlanPath): unknown {
    if (!this.isComplete || node == null) return null;
    if (this.#aliasDepth > 0 && (this.#aliasedCount += 1) > ALIASED_VALUES_MAX) {
      const alias = this.#outermostAlias ?? node;
      return this.#stop('YAML_ALIAS_BOMB', alias, `aliases make this plan larger than ${ALIASED_VALUES_MAX} values`);
    }
    if (path.length > DEPTH_MAX) return this.#stop('YAML_TOO_DEEP', node, 'this is nested too deeply');
    if ('anchor' in node && typeof node.anchor === 'string') this.#anchors.set(node.anchor, node);
    if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:')) this.#reportTag(node.tag, node);
    if (isAlias(node)) return this.#readAlias(node.source, node, path);
    if (isScalar(node)) return this.#readScalar(node, path);
    if (isSeq(node)) return node.items.map((item, index) => this.read(item as Node, [...path, index]));
    if (isMap(node)) {
      const entries = new Map<string, unknown>();
      for (const { key, value } of node.items) {
        const name = this.#readKey(key as Node | null, node);
        if (entries.has(name))
          this.#report('DUPLICATE_KEY', key as Node, `the key \`${shown(name)}\` is here twice`, 'keep one of them');
        entries.set(name, this.read(value as Node | null, [...path, name]));
      }
      return Object.fromEntries(entries);
    }
    return null;
  }

  #readAlias(name: string, node: Node, path: PlanPath): unknown {
    const target = this.#anchors.get(name);
    if (target === undefined) return null; // reported as an unquoted star
    if (this.#aliasDepth === 0) this.#outermostAlias = node;
    this.#aliasDepth += 1;
    const value = this.read(target, path);
    this.#aliasDepth -= 1;
    return value;
  }

  #readKey(key: Node | null, map: Node): string {
    if (isScalar(key)) return keyText(key, this.#source.text);
    this.#report('YAML_KEY', key ?? map, 'a key is plain text', 'put quotes around it');
    return '';
  }

  #readScalar(node: Scalar, path: PlanPath): unknown {
    const [start, end] = node.range ?? [0, 0];
    const written = this.#source.text.slice(start, end);
    if (node.type === 'PLAIN' && written !== this.#mended.slice(start, end)) return written;
    if (typeof node.value === 'bigint') return this.#readInteger(node.value, written, node, path);
    if (typeof node.value === 'number') this.#checkNumber(node.value, written, node, path);
    return node.value;
  }

  #readInteger(value: bigint, written: string, node: Scalar, path: PlanPath): number | string {
    if (isRowExpectation(path) && /^[+-]/.test(written)) {
      const message = `YAML reads \`${written}\` as the number ${value}, not as a change by ${written}`;
      this.#report('YAML_UNQUOTED_CHANGE', node, message, `quote it: \`"${written}"\``);
    } else if (/^[+-]?0\d|^0[xo]/.test(written)) {
      this.#reportNumber(value.toString(), written, node);
    }
    // A double would round it. As text it reaches the server whole.
    return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  }

  /** Version numbers, prices and hashes: `1.10`, `12e5`, more digits than a double holds. */
  #checkNumber(value: number, written: string, node: Scalar, path: PlanPath): void {
    const isExact = /^[-+]?\d+\.\d*[1-9]$/.test(written) && written.replace(/\D/g, '').length <= 15;
    if (!isExact && path[0] !== 'version') this.#reportNumber(String(value), written, node);
  }

  #reportNumber(value: string, written: string, node: Scalar): void {
    this.#report(
      'YAML_UNQUOTED_NUMBER',
      node,
      `YAML reads \`${shown(written)}\` as the number ${value}`,
      `quote it: \`"${shown(written)}"\``,
    );
  }

  /** A tag stands before the range of its value. */
  #reportTag(tag: string, node: Node): void {
    const end = node.range?.[0] ?? 0;
    const start = Math.max(0, this.#source.text.lastIndexOf('!', end - 1));
    const at = { path: this.#source.path, start, end: start + tag.length };
    const found = problem('YAML_TAG', at, `a plan has no use for the tag \`${shown(tag)}\``, 'remove it');
    this.diagnostics.set(`YAML_TAG ${start}`, found);
  }

  #stop(code: string, node: Node, message: string): null {
    this.isComplete = false;
    this.#report(code, node, message);
    return null;
  }

  #report(code: string, node: Node, message: string, help?: string): void {
    const [start, end] = node.range ?? [0, 1];
    const at = { path: this.#source.path, start, end };
    if (this.diagnostics.size <= PROBLEMS_MAX)
      this.diagnostics.set(`${code} ${start}`, problem(code, at, message, help));
  }
}

/** A key as it was typed: `5` and `1.10` are names where a name is wanted. */
export function keyText(key: Scalar, text: string): string {
  if (key.type !== 'PLAIN' || key.range == null) return String(key.value);
  return text.slice(key.range[0], key.range[1]).trimEnd();
}

function isRowExpectation(path: PlanPath): boolean {
  const place = path.slice(path.at(-1) === 'expect' ? -4 : -3).map(String);
  return place[0] === 'verify' && place[1] === 'rows' && place.length >= 3;
}
