// `snapback protect`: flags -> the plan that they stand for. Contacts nothing.

import { Fault, isSecretVariable } from '../kernel/index.ts';
import {
  literalText,
  writeName,
  writePlanText,
  type RawPlan,
  type RawSnapshot,
  type RawVerify,
} from '../plan/index.ts';
import { saidLimits, type SnapshotLimits, type WantedScope } from './manage-snapshots.ts';

/** What a person asks for, as typed; what is left out has the plan language's default. */
export interface ProtectWishes {
  /** The program and its words; no shell. */
  readonly command: readonly string[];
  /** `undefined` means the URL's database. */
  readonly scope: WantedScope | undefined;
  /** `same`, or `TABLE=EXPECTATION` with `*` in names: `shop.audit_log=no less`, `shop.books=any`, `shop.days=1..7`. */
  readonly rows: readonly string[];
  /** Tables whose content must not change; `*` in names. */
  readonly unchanged: readonly string[];
  /** No definition may change. */
  readonly isSchemaSame: boolean;
  /** `NAME: SQL => none | some | VALUE`; the name may be left out. */
  readonly queries: readonly string[];
  readonly keep: string | undefined;
  /** Of the snapshot, as a plan has them. */
  readonly limits?: SnapshotLimits;
  readonly timeout: string | undefined;
  /** What the plan and the step in its middle are called. Left out: `protect-` and the program, `change`. */
  readonly names?: { readonly plan: string; readonly step: string };
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The plan as YAML: snapshot, program, checks; a failure of the program or of a check goes back, as in every plan.
 *
 * A word that holds the URL, or the value of a variable that is called a password, a secret or a token, names the
 * variable instead: the text goes to the journal.
 *
 * @throws {Fault} USAGE
 */
export function protectPlanText(wishes: ProtectWishes, env: Env, comments: readonly string[] = []): string {
  return writePlanText(protectPlan(wishes, env), comments);
}

function protectPlan(wishes: ProtectWishes, env: Env): RawPlan {
  const verify = checksOf(wishes);
  const { timeout, scope, names } = wishes;
  const isWide = scope?.kind === 'account' || scope?.kind === 'cluster';
  return {
    version: 1,
    name: names?.plan ?? `protect-${programName(wishes.command.filter((word) => !holdsSecret(word, env)))}`,
    target: { url: '${env:DATABASE_URL}' },
    ...(isWide ? { guards: { wide: [scope.kind] } } : {}),
    steps: [
      { id: 'before', snapshot: snapshotOf(wishes) },
      {
        id: names?.step ?? 'change',
        run: wishes.command.map((word) => wordOf(word, env)),
        ...(timeout === undefined ? {} : { timeout }),
      },
      ...(verify === undefined ? [] : [{ id: 'check', verify }]),
    ],
  };
}

function snapshotOf({ scope, keep, limits }: ProtectWishes): NonNullable<RawSnapshot> {
  return { ...scopeOf(scope), ...(keep === undefined ? {} : { keep }), ...saidLimits(limits) };
}

function scopeOf(scope: WantedScope | undefined): NonNullable<RawSnapshot> {
  switch (scope?.kind) {
    case undefined:
      return {};
    case 'cluster':
      return { cluster: true };
    case 'account':
      return { account: scope.account === undefined ? true : literalText(scope.account) };
    case 'databases':
      return { databases: scope.databases.map(literalText) };
    case 'tables':
      return { tables: scope.tables.map(literalText) };
  }
}

function checksOf(wishes: ProtectWishes): RawVerify | undefined {
  const rows = rowsOf(wishes);
  const queries = wishes.queries.map(queryOf);
  const unchanged = wishes.unchanged.map(literalText);
  const isEmpty = rows === undefined && queries.length === 0 && unchanged.length === 0 && !wishes.isSchemaSame;
  if (isEmpty) return undefined;
  return {
    ...(rows === undefined ? {} : { rows }),
    ...(queries.length === 0 ? {} : { queries }),
    ...(unchanged.length === 0 ? {} : { unchanged }),
    ...(wishes.isSchemaSame ? { schema: 'same' } : {}),
  };
}

/** `same` alone is about the whole scope; beside rules for tables it becomes the widest rule. */
function rowsOf({ rows, scope }: ProtectWishes): RawVerify['rows'] | undefined {
  const isSame = rows.includes('same');
  const rules = rows.filter((rule) => rule !== 'same').map(rowRule);
  if (rules.length === 0) return isSame ? 'same' : undefined;
  const wide = isSame ? widest(scope).map((pattern) => [pattern, 'same'] as const) : [];
  return Object.fromEntries([...wide, ...rules].map(([table, expect]) => [literalText(table), expect]));
}

type RowExpectation = Exclude<RawVerify['rows'], string | undefined>[string];

function rowRule(text: string): readonly [table: string, expect: RowExpectation] {
  const at = text.lastIndexOf('=');
  const [table, expect] = [text.slice(0, Math.max(at, 0)).trim(), text.slice(at + 1).trim()];
  if (table !== '' && expect !== '') return [table, rowExpectation(expect)];
  throw new Fault('USAGE', `--rows ${text}: write \`same\` or TABLE=EXPECTATION`, {
    hint: "For example --rows same --rows 'shop.audit_log=no less' --rows shop.currencies=+3",
  });
}

/** `any` is for a table in which the program keeps its own books: it is there at the end, and that is all. */
function rowExpectation(text: string): RowExpectation {
  if (text === 'any') return { min: 0 };
  const [, min, max] = /^(\d*)\.\.(\d*)$/.exec(text) ?? [];
  if (min === undefined || max === undefined || min + max === '') return literalText(text);
  return { ...(min === '' ? {} : { min: Number(min) }), ...(max === '' ? {} : { max: Number(max) }) };
}

function widest(scope: WantedScope | undefined): readonly string[] {
  switch (scope?.kind) {
    case undefined:
      return ['*'];
    case 'cluster':
    case 'account':
      return ['*.*'];
    case 'databases':
      return scope.databases.map((database) => `${writeName(database)}.*`);
    case 'tables':
      return scope.tables;
  }
}

/** `=>` parts the query from what it must give: `=` is what SQL is full of. */
function queryOf(text: string): NonNullable<RawVerify['queries']>[number] {
  const at = text.lastIndexOf('=>');
  const [asked, expect] = [text.slice(0, Math.max(at, 0)).trim(), text.slice(at + 2).trim()];
  if (at < 1 || asked === '' || expect === '') {
    throw new Fault('USAGE', `--query ${text}: write NAME: SQL => EXPECTATION`, {
      hint: "For example --query 'every order has a currency: SELECT id FROM orders WHERE currency IS NULL => none'",
    });
  }
  const [, name, sql] = /^([^:]+):\s+([A-Za-z(].*)$/s.exec(asked) ?? [];
  const isNamed = name !== undefined && !/^(select|with|show|table|values)\b/i.test(name);
  return {
    ...(isNamed ? { name: literalText(name.trim()) } : {}),
    sql: literalText(isNamed ? (sql ?? '') : asked),
    expect: expectationOf(expect),
  };
}

function expectationOf(text: string): string | { value: string | number | null } {
  if (text === 'none' || text === 'some') return text;
  if (/^null$/i.test(text)) return { value: null };
  const number = Number(text);
  if (/^-?\d+(\.\d+)?$/.test(text) && String(number) === text) return { value: number };
  const [, , quoted] = /^(['"])(.*)\1$/s.exec(text) ?? [];
  return { value: literalText(quoted ?? text) };
}

const SECRET_CHARACTERS_MIN = 4;

/** The word as the plan has it. The longest value first: a URL holds the password that another variable has alone. */
function wordOf(word: string, env: Env): string {
  const secrets = Object.entries(env)
    .flatMap(([name, value = '']) => (isSecret(name, value) ? [{ name, value }] : []))
    .sort((one, other) => other.value.length - one.value.length);
  let parts: readonly (string | { readonly name: string })[] = [word];
  for (const { name, value } of secrets) {
    parts = parts.flatMap((part) =>
      typeof part === 'string'
        ? part.split(value).flatMap((text, at) => (at === 0 ? [text] : [{ name }, text]))
        : [part],
    );
  }
  return parts.map((part) => (typeof part === 'string' ? literalText(part) : `\${env:${part.name}}`)).join('');
}

/** A plan's name is told to everybody. */
function holdsSecret(word: string, env: Env): boolean {
  return wordOf(word, env) !== literalText(word);
}

function isSecret(name: string, value: string): boolean {
  if (value.length < SECRET_CHARACTERS_MIN || !/^[A-Za-z_]\w*$/.test(name)) return false;
  return name === 'DATABASE_URL' || isSecretVariable(name, value);
}

const RUNNERS = new Set(['npx', 'pnpm', 'yarn', 'bunx', 'npm', 'bundle', 'uv', 'uvx', 'poetry', 'sudo', 'env', 'node']);

/** What people call the program: `npx prisma migrate deploy` is prisma. */
function programName(words: readonly string[]): string {
  const names = words.map((word) => word.split(/[\\/]/).at(-1) ?? '').map((word) => word.replace(/[^\w.-]/g, ''));
  const [first = '', ...others] = names;
  const next = others.find(
    (word, at) => word !== '' && !/^(exec|run|dlx|x)$/.test(word) && !words[at + 1]?.startsWith('-'),
  );
  const name = RUNNERS.has(first) ? (next ?? first) : first;
  return (name === '' ? 'program' : name).slice(0, 60);
}
