// Fills the references in a plan's values. Every text is made twice: as it is used, and as the digest sees it, in which
// a
// value from outside that goes to a server or a program is only named: a new password does not make a new plan.

import { namesSecret, type Diagnostic } from '../kernel/index.ts';
import { locateWithin } from './locate.ts';
import type { PlanTree } from './parse-yaml.ts';
import { placeholder } from './placeholders.ts';
import { roleOf, type TextRole } from './roles.ts';
import { pointerOf, problem, PROBLEMS_MAX, shown, type PlanPath } from './source-text.ts';
import { didYouMean } from './suggest.ts';
import { piecesOf, type Piece } from './template.ts';

export interface Outside {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** From the command line; they stand above the plan's own. */
  readonly vars: Readonly<Record<string, string>>;
  /** Texts of the files that `${file:PATH}` names, by path; undefined: it is not there. */
  readonly files: ReadonlyMap<string, string | undefined>;
  /** A missing variable is an error for a run, and only worth a warning where nothing is run. */
  readonly purpose: 'validate' | 'run';
}

export interface Interpolated {
  readonly value: unknown;
  readonly forDigest: unknown;
  readonly vars: Readonly<Record<string, string>>;
  readonly varsForDigest: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** Variables of the environment that go to servers and programs. */
  readonly secretVariables: readonly string[];
  /** Pointers of texts that miss a variable; what they would be is not known. */
  readonly unknown: ReadonlySet<string>;
  readonly diagnostics: readonly Diagnostic[];
}

/** A text in its two readings, with what must not be printed of it. */
interface Filled {
  readonly value: string;
  readonly forDigest: string;
  readonly outside: readonly string[];
  readonly variables: readonly string[];
  readonly isKnown: boolean;
}

export function interpolate(tree: PlanTree, outside: Outside): Interpolated {
  const filler = new Filler(tree, outside);
  const plan = (tree.value ?? {}) as Readonly<Record<string, unknown>>;
  filler.fillVars(plan['vars']);
  const [value, forDigest] = filler.fillValue(plan, []);
  return { ...filler.found(), value, forDigest };
}

/** The paths of all `${file:PATH}` in a plan. */
export function filesNamed(value: unknown): readonly string[] {
  if (typeof value === 'string') {
    return piecesOf(value).flatMap((piece) => (piece.kind === 'file' ? [piece.path] : []));
  }
  return value === null || typeof value !== 'object' ? [] : Object.values(value).flatMap(filesNamed);
}

class Filler {
  readonly #tree: PlanTree;
  readonly #outside: Outside;
  readonly #vars = new Map<string, Filled>();
  readonly #secrets = new Set<string>();
  readonly #variables = new Set<string>();
  readonly #unknown = new Set<string>();
  readonly #diagnostics: Diagnostic[] = [];
  readonly #used = new Set<string>();

  constructor(tree: PlanTree, outside: Outside) {
    this.#tree = tree;
    this.#outside = outside;
  }

  found(): Omit<Interpolated, 'value' | 'forDigest'> {
    this.#checkVarsUsed();
    const vars = [...this.#vars];
    return {
      vars: Object.fromEntries(vars.map(([name, { value }]) => [name, value])),
      varsForDigest: Object.fromEntries(vars.map(([name, { forDigest }]) => [name, forDigest])),
      secrets: [...this.#secrets],
      secretVariables: [...this.#variables],
      unknown: this.#unknown,
      diagnostics: this.#diagnostics,
    };
  }

  fillVars(declared: unknown): void {
    for (const [name, written] of Object.entries(declared !== null && typeof declared === 'object' ? declared : {})) {
      const text = typeof written === 'string' ? written : String(written);
      if (Object.hasOwn(this.#outside.vars, name)) continue;
      const filled = this.#fillText(text, ['vars', name], 'secret');
      this.#vars.set(name, namesSecret(name) ? { ...filled, outside: [...filled.outside, filled.value] } : filled);
    }
    for (const [name, value] of Object.entries(this.#outside.vars)) {
      this.#vars.set(name, { value, forDigest: value, outside: [], variables: [], isKnown: true });
    }
  }

  /** The value as it is used, and as the digest sees it. */
  fillValue(value: unknown, path: PlanPath): readonly [unknown, unknown] {
    if (path.length === 1 && path[0] === 'vars') return [value, value];
    if (typeof value === 'string') {
      if (!value.includes('${')) return [value, value];
      const role = roleOf(path);
      const filled = this.#fillText(value, path, role);
      if (!filled.isKnown) this.#unknown.add(pointerOf(path));
      if (role === 'secret') {
        for (const secret of filled.outside) this.#secrets.add(secret);
        for (const name of filled.variables) this.#variables.add(name);
      }
      return [filled.value, role === 'secret' ? filled.forDigest : filled.value];
    }
    if (Array.isArray(value)) {
      const pairs = value.map((item, index) => this.fillValue(item, [...path, index]));
      return [pairs.map(([used]) => used), pairs.map(([, digest]) => digest)];
    }
    if (value === null || typeof value !== 'object') return [value, value];
    const pairs = Object.entries(value).map(
      ([key, member]) => [key, ...this.fillValue(member, [...path, key])] as const,
    );
    return [
      Object.fromEntries(pairs.map(([key, used]) => [key, used])),
      Object.fromEntries(pairs.map(([key, , digest]) => [key, digest])),
    ];
  }

  #fillText(text: string, path: PlanPath, role: TextRole): Filled {
    const parts = piecesOf(text).map((piece) => this.#fillPiece(piece, { path, role }));
    return {
      value: parts.map(({ value }) => value).join(''),
      forDigest: parts.map(({ forDigest }) => forDigest).join(''),
      outside: parts.flatMap(({ outside }) => outside),
      variables: parts.flatMap(({ variables }) => variables),
      isKnown: parts.every(({ isKnown }) => isKnown),
    };
  }

  #fillPiece(piece: Piece, place: Place): Filled {
    const same: Filled = { value: piece.text, forDigest: piece.text, outside: [], variables: [], isKnown: true };
    switch (piece.kind) {
      case 'text':
        return same;
      case 'run':
      case 'step': {
        const later = placeholder(piece.text.slice(2, -1));
        return { ...same, value: later, forDigest: later };
      }
      case 'unknown':
        if (place.role !== 'shell') this.#report('UNKNOWN_REFERENCE', piece, place, unknownReference(piece.text));
        return same;
      case 'env':
      case 'var':
      case 'file':
        if (place.role === 'sql' || place.role === 'shell') {
          this.#report('CODE_FROM_OUTSIDE', piece, place, codeFromOutside(piece.text, place.role));
          return same;
        }
        return this.#fillOutside(piece, place);
    }
  }

  #fillOutside(piece: Piece & { readonly kind: 'env' | 'var' | 'file' }, place: Place): Filled {
    if (piece.kind === 'var') {
      this.#used.add(piece.name);
      const known = place.path[0] === 'vars' ? undefined : this.#vars.get(piece.name);
      return known ?? this.#missing(piece, place, missingVar(piece.name, place, [...this.#vars.keys()]));
    }
    if (piece.kind === 'file') {
      const text = this.#outside.files.get(piece.path);
      if (text !== undefined)
        return { value: text, forDigest: piece.text, outside: [text], variables: [], isKnown: true };
      return this.#missing(piece, place, [
        `the file \`${shown(piece.path)}\` cannot be read`,
        'its path is relative to the plan',
      ]);
    }
    const set = this.#outside.env[piece.name];
    const value = piece.fallback !== undefined && (set === undefined || set === '') ? piece.fallback : set;
    if (value !== undefined) {
      const [outside, variables] = value === piece.fallback ? [[], []] : [[value], [piece.name]];
      return { value, forDigest: piece.text, outside, variables, isKnown: true };
    }
    const help = `set it, or write a default: \`\${env:${piece.name}:-..}\``;
    return this.#missing(piece, place, [`the environment variable \`${piece.name}\` is not set`, help]);
  }

  #missing(piece: Piece, place: Place, words: Words): Filled {
    this.#report('MISSING_VARIABLE', piece, place, words, this.#outside.purpose === 'run' ? 'error' : 'warning');
    return { value: piece.text, forDigest: piece.text, outside: [], variables: [], isKnown: false };
  }

  #report(
    code: string,
    piece: Piece,
    place: Place,
    [message, help]: Words,
    severity: Diagnostic['severity'] = 'error',
  ) {
    const { path, text } = this.#tree.source;
    const isMany = this.#diagnostics.length >= PROBLEMS_MAX;
    // Nobody will see where it is, but that there is an error counts.
    if (isMany && (severity === 'warning' || this.#diagnostics.length > 2 * PROBLEMS_MAX)) return;
    const at = isMany
      ? { path, start: text.length, end: text.length }
      : locateWithin(this.#tree, place.path, piece.text);
    this.#diagnostics.push({ ...problem(code, at, message, help), severity });
  }

  /**
   * A variable from the command line that nothing asks for is a misspelt one. One that is called a secret would stand
   * in the list of processes, and in the journal, for a resume needs it.
   */
  #checkVarsUsed(): void {
    const plan = this.#tree.value as { readonly vars?: unknown };
    const declared = plan.vars !== null && typeof plan.vars === 'object' ? Object.keys(plan.vars) : [];
    const known = [...new Set([...declared, ...this.#used])];
    for (const name of Object.keys(this.#outside.vars)) {
      const at = locateWithin(this.#tree, ['vars'], 'vars');
      if (namesSecret(name)) this.#diagnostics.push(problem('SECRET_ON_COMMAND_LINE', at, ...typedSecret(name)));
      if (known.includes(name)) continue;
      const help =
        didYouMean(name, known) ?? (known.length === 0 ? 'the plan has no `vars`' : `it has ${known.join(', ')}`);
      this.#diagnostics.push(problem('UNKNOWN_VARIABLE', at, `the plan has no variable \`${shown(name)}\``, help));
    }
  }
}

interface Place {
  readonly path: PlanPath;
  readonly role: TextRole;
}

type Words = readonly [message: string, help: string | undefined];

function unknownReference(text: string): Words {
  const [, name] = /^\$\{([A-Za-z_]\w*)\}$/.exec(text) ?? [];
  const known =
    'the references are `${env:NAME}`, `${var:NAME}`, `${file:PATH}`, `${run:id}` and `${step:ID.snapshot}`';
  const help = name === undefined ? known : `write \`\${env:${name}}\` or \`\${var:${name}}\``;
  return [`\`${shown(text)}\` is no reference`, `${help}; a literal \`\${\` is written \`$\${\``];
}

function typedSecret(name: string): Words {
  const message = `\`${shown(name)}\` is called a secret, which is not taken from the command line`;
  return [
    message,
    `set a variable of the environment, and write \`vars: { ${name}: "\${env:${name.toUpperCase()}}" }\``,
  ];
}

function codeFromOutside(text: string, role: 'sql' | 'shell'): Words {
  if (role === 'sql') {
    return [
      `\`${shown(text)}\` would become SQL`,
      `write \`?\` there, and \`params: ["${shown(text)}"]\` beside \`text:\``,
    ];
  }
  const handOver = `hand it over with \`env: { NAME: "${shown(text)}" }\` and write \`"$NAME"\``;
  const help = `${handOver}, or write the command as a list`;
  return [`\`${shown(text)}\` would become part of a shell command`, help];
}

function missingVar(name: string, { path }: Place, known: readonly string[]): Words {
  if (path[0] === 'vars') return [`a variable cannot be made from the variable \`${name}\``, undefined];
  const message = `the variable \`${name}\` has no value`;
  return [message, didYouMean(name, known) ?? `give it one under \`vars:\`, or with \`--var ${name}=..\``];
}
