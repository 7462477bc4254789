// Evidence in words: what terminal, Markdown, JUnit and HTML all say in the same way. Nothing is escaped here.

import type { CheckResult, Evidence, ObjectDifference, ObjectKind, RowDifference } from '../kernel/index.ts';
import type { ActionReport } from './run-report.ts';
import { countOf, formatCount, formatTime, listOf } from './words.ts';

/** What an action did, in one line: `4 statements, 300,000 rows changed`. */
export function summaryOf(action: ActionReport): string {
  if (action.settled_by_person !== null) return `${action.settled_by_person}, says a person`;
  switch (action.state) {
    case 'not-reached':
      return 'not reached';
    case 'running':
      return action.started_at === null ? 'under way' : `under way since ${formatTime(action.started_at).slice(11)}`;
    case 'in-doubt':
      return `in doubt${doubtfulStatement(action)}: no outcome was recorded`;
    case 'failed':
      return failureOf(action);
    case 'succeeded':
    case 'skipped':
      return action.evidence === null ? 'done' : evidenceInWords(action.evidence);
  }
}

function doubtfulStatement({ statements }: ActionReport): string {
  const statement = statements.find(({ state, is_alone }) => state === 'in-doubt' && is_alone);
  return statement === undefined ? '' : ` at ${statement.at}`;
}

function failureOf({ evidence, fault, statements }: ActionReport): string {
  if (evidence?.kind === 'verify') return checksInWords(evidence.checks);
  if (evidence?.kind === 'proof') return proofInWords(evidence);
  if (evidence?.kind === 'run') return evidenceInWords(evidence);
  const failed = statements.find(({ state }) => state === 'failed');
  if (failed !== undefined) return `statement ${failed.index + 1} failed, at ${failed.at}`;
  return `failed${fault === null ? '' : `: ${fault.code}`}`;
}

function evidenceInWords(evidence: Evidence): string {
  switch (evidence.kind) {
    case 'snapshot': {
      const rows = evidence.row_count === undefined ? '' : `, ${countOf(evidence.row_count, 'row')}`;
      const found = evidence.is_reused === true ? ', found there' : '';
      const tables = evidence.table_count === undefined ? '' : `: ${countOf(evidence.table_count, 'table')}${rows}`;
      return `snapshot of ${evidence.scope}${found}${tables}`;
    }
    case 'sql':
      return `${countOf(evidence.statement_count, 'statement')}, ${countOf(evidence.rows_affected, 'row')} changed`;
    case 'run':
      return evidence.signal === null ? `exit code ${evidence.exit_code ?? 'unknown'}` : `ended by ${evidence.signal}`;
    case 'verify':
      return checksInWords(evidence.checks);
    case 'restore':
      return restoreInWords(evidence);
    case 'proof':
      return proofInWords(evidence);
    case 'drop':
      return evidence.snapshots.length === 1
        ? `snapshot ${evidence.snapshots[0] ?? ''} dropped`
        : `${countOf(evidence.snapshots.length, 'snapshot')} dropped`;
    case 'nothing':
      return `nothing to do: ${evidence.why}`;
  }
}

function checksInWords(checks: readonly CheckResult[]): string {
  const errors = checks.filter(({ passed, severity }) => !passed && severity === 'error').length;
  const warnings = checks.filter(({ passed, severity }) => !passed && severity === 'warn').length;
  const warned = warnings === 0 ? '' : `, ${countOf(warnings, 'warning')}`;
  if (errors > 0) return `${formatCount(errors)} of ${countOf(checks.length, 'check')} failed${warned}`;
  if (warnings > 0)
    return `${formatCount(checks.length - warnings)} of ${countOf(checks.length, 'check')} passed${warned}`;
  return `${countOf(checks.length, 'check')} passed`;
}

function restoreInWords(evidence: Extract<Evidence, { kind: 'restore' }>): string {
  const { restored, row_count, removed, table_count, into } = evidence;
  if (into !== undefined) {
    return `${countOf(row_count, 'row')} in ${countOf(table_count, 'table')} into the new account ${into}`;
  }
  const gone = removed.length === 0 ? '' : `${countOf(removed.length, 'new object')} removed`;
  if (restored.length === 0) return gone === '' ? `${countOf(table_count, 'table')}, nothing to put back` : gone;
  const put = `${countOf(row_count, 'row')} in ${countOf(restored.length, 'table')}`;
  return gone === '' ? put : `${put}, ${gone}`;
}

function proofInWords({ is_equal, tables, objects, differences }: Extract<Evidence, { kind: 'proof' }>): string {
  if (!is_equal) return `not equal to the snapshot: ${countOf(differences.length, 'difference')}`;
  const others = Object.entries(objects).filter(([, count]) => count > 0);
  const parts = others.map(([kind, count]) => countOf(count, objectWord(kind as ObjectKind)));
  return `${[countOf(tables.length, 'table'), ...parts].join(', ')} equal to the snapshot`;
}

function objectWord(kind: ObjectKind): string {
  return kind === 'foreign-key' ? 'foreign key' : kind;
}

/** What the way back found, where a restore looked: `3 of 14 tables differ: orders, order_items, currencies`. */
export function restoredInWords(evidence: Extract<Evidence, { kind: 'restore' }>): string {
  const { restored, removed, table_count } = evidence;
  const created = removed.length === 0 ? '' : `${countOf(removed.length, 'object')} not in the snapshot`;
  if (restored.length === 0) return created === '' ? `none of ${countOf(table_count, 'table')} differs` : created;
  const differ = restored.length === 1 ? 'differs' : 'differ';
  const names = joined(shortNames(restored), 5);
  const named = `${formatCount(restored.length)} of ${countOf(table_count, 'table')} ${differ}: ${names}`;
  return created === '' ? named : `${named}; ${created}`;
}

function joined(names: readonly string[], max: number): string {
  return names.length > max ? listOf(names, max) : names.join(', ');
}

/** Without their database where all are of one. */
function shortNames(names: readonly string[]): readonly string[] {
  const databases = new Set(names.map((name) => name.slice(0, name.indexOf('.') + 1)));
  const [only = ''] = databases;
  return databases.size === 1 ? names.map((name) => name.slice(only.length)) : names;
}

/** `expected the same 300,000 rows, found 299,987` */
export function findingOf({ expected, found }: CheckResult): string {
  return `expected ${expected}, found ${found}`;
}

const CHANGES = ['gone', 'added', 'changed'] as const;

/** One line per kind of change: `gone: id 41, 977, 1203, 1204 and 9 more`. */
export function rowsInWords(rows: RowDifference, max: number): readonly string[] {
  return CHANGES.flatMap((change) => {
    const count = rows[change];
    if (count === 0) return [];
    const keys = rows.sample.filter((row) => row.change === change).map(({ key }) => key);
    const bound = rows.is_exact ? '' : 'at least ';
    if (keys.length === 0) return [`${change}: ${bound}${countOf(count, 'row')}`];
    return [`${change}: ${rows.is_exact ? '' : `at least ${formatCount(count)}, `}${keysInWords(keys, max, count)}`];
  });
}

/** What else is to be said of a difference, one text a line: which rows, or how the definition differs. */
export function detailOfDifference({ rows, diff = [] }: ObjectDifference, max: number): readonly string[] {
  return [...(rows === undefined ? [] : rowsInWords(rows, max)), ...diff];
}

function keysInWords(keys: readonly string[], max: number, total: number): string {
  const shown = total <= 2 * max ? keys : keys.slice(0, max); // not "and 1 more" for what could stand there
  const column = /^([^=,\s]+)=/.exec(shown[0] ?? '')?.[1];
  const isPlain = column !== undefined && shown.every((key) => isKeyOf(key, column));
  const names = isPlain ? shown.map((key) => key.slice(column.length + 1)) : shown;
  const rest = Math.max(0, total - names.length);
  const list = names.join(isPlain ? ', ' : '; ');
  return `${isPlain ? `${column} ` : ''}${list}${rest === 0 ? '' : ` and ${formatCount(rest)} more`}`;
}

function isKeyOf(key: string, column: string): boolean {
  return key.startsWith(`${column}=`) && !/[=,;]/.test(key.slice(column.length + 1));
}

const WHAT: Readonly<Record<ObjectDifference['what'], string>> = {
  missing: 'is missing',
  extra: 'is not in the snapshot',
  definition: 'has another definition',
  rows: 'has other rows',
  'auto-increment': 'has another next AUTO_INCREMENT',
};

/** `table has other rows`; expected and found stand beside it. */
export function differenceInWords({ object, what }: ObjectDifference): string {
  return `${objectWord(object)} ${WHAT[what]}`;
}

/** `expected X, found Y`, or what of it is known; nothing where a diff tells it better. */
export function comparisonOf({ expected, found, diff = [] }: ObjectDifference): string {
  if (diff.length > 0) return '';
  const parts = [expected === undefined ? '' : `expected ${expected}`, found === undefined ? '' : `found ${found}`];
  return parts.filter((part) => part !== '').join(', ');
}
