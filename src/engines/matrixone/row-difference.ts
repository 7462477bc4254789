// Which rows differ between two moments of a table, found in the server.

import type { RowDifference, TableRef } from '../../kernel/index.ts';
import type { Session } from '../port.ts';
import { quoteName, quoteTable } from '../wire/quote.ts';
import { countRows, rowHash } from './contents.ts';
import type { Column, DescribedObject } from './objects.ts';
import { one, texts } from './session.ts';
import { atMoment } from './statements.ts';

export interface RowDifferenceRequest {
  readonly before: DescribedObject;
  readonly now: DescribedObject;
  /** The snapshot of `before` on the server. */
  readonly since: string;
  /** Where the other side is read; undefined: live. */
  readonly until: string | undefined;
  readonly sampleMax: number;
}

/** Compares the columns that both have. Rows of tables without a common key are told apart by all their values. */
export async function readRowDifference(
  session: Session,
  request: RowDifferenceRequest,
  signal: AbortSignal,
): Promise<RowDifference> {
  const { before, now } = request;
  const hasKey = before.primaryKey.length > 0 && before.primaryKey.join('\0') === now.primaryKey.join('\0');
  return hasKey ? byKey(session, request, signal) : byContent(session, request, signal);
}

async function byKey(
  session: Session,
  { before, now, since, until, sampleMax }: RowDifferenceRequest,
  signal: AbortSignal,
): Promise<RowDifference> {
  const key = before.primaryKey.map(quoteName);
  const [old, live] = [side(before, since), side(now, until)];
  const on = key.map((name) => `s.${name} = l.${name}`).join(' AND ');
  const columns = commonColumns(before, now);
  const froms = {
    gone: { from: `${old} AS s LEFT JOIN ${live} AS l ON ${on} WHERE l.${key[0] ?? ''} IS NULL`, alias: 's' },
    changed: {
      from: `${old} AS s JOIN ${live} AS l ON ${on} WHERE ${rowHash(columns, 's')} <> ${rowHash(columns, 'l')}`,
      alias: 's',
    },
    added: { from: `${live} AS l LEFT JOIN ${old} AS s ON ${on} WHERE s.${key[0] ?? ''} IS NULL`, alias: 'l' },
  };
  const counts = { gone: 0, changed: 0, added: 0 };
  const sample: RowDifference['sample'][number][] = [];
  for (const change of ['gone', 'changed', 'added'] as const) {
    const { from, alias } = froms[change];
    counts[change] = Number(await one(session, `SELECT COUNT(*) FROM ${from}`, signal));
    const left = sampleMax - sample.length;
    if (counts[change] === 0 || left <= 0) continue;
    const cells = before.primaryKey.map((name) => printed(before.columns, name, alias)).join(', ');
    const order = key.map((name) => `${alias}.${name}`).join(', ');
    for (const row of await texts(session, `SELECT ${cells} FROM ${from} ORDER BY ${order} LIMIT ${left}`, signal)) {
      sample.push({ change, key: before.primaryKey.map((name, index) => `${name}=${row[index] ?? ''}`).join(' ') });
    }
  }
  return { ...counts, is_exact: true, sample };
}

/** How often each row stands on either side. Other columns: only the numbers of rows can be compared. */
async function byContent(
  session: Session,
  { before, now, since, until }: RowDifferenceRequest,
  signal: AbortSignal,
): Promise<RowDifference> {
  if (columnsText(before) !== columnsText(now)) {
    const counts = [
      await countRows(session, refOf(before), since, signal),
      await countRows(session, refOf(now), until, signal),
    ];
    const [then = 0, today = 0] = counts;
    return {
      gone: Math.max(0, then - today),
      added: Math.max(0, today - then),
      changed: 0,
      is_exact: false,
      sample: [],
    };
  }
  const grouped = (from: string): string =>
    `(SELECT ${rowHash(before.columns)} AS h, COUNT(*) AS n FROM ${from} GROUP BY h)`;
  const more = (left: string, right: string): string =>
    'SELECT COALESCE(SUM(CASE WHEN b.n IS NULL THEN a.n WHEN a.n > b.n THEN a.n - b.n ELSE 0 END), 0)' +
    ` FROM ${grouped(left)} AS a LEFT JOIN ${grouped(right)} AS b ON a.h = b.h`;
  const [old, live] = [side(before, since), side(now, until)];
  const gone = Number(await one(session, more(old, live), signal));
  const added = Number(await one(session, more(live, old), signal));
  return { gone, added, changed: 0, is_exact: true, sample: [] };
}

function side(object: DescribedObject, at: string | undefined): string {
  return `${quoteTable(refOf(object))}${atMoment(at)}`;
}

function refOf({ database, name }: DescribedObject): TableRef {
  return { database, table: name };
}

function commonColumns(before: DescribedObject, now: DescribedObject): readonly Column[] {
  return before.columns.filter(({ name, type }) =>
    now.columns.some((column) => column.name === name && column.type === type),
  );
}

export function columnsText({ columns }: DescribedObject): string {
  return JSON.stringify(columns.map(({ name, type }) => [name, type]));
}

function printed(columns: readonly Column[], name: string, alias: string): string {
  const type = columns.find((column) => column.name === name)?.type ?? '';
  const column = `${alias}.${quoteName(name)}`;
  return /binary|blob|bit/.test(type) ? `CONCAT('0x', HEX(${column}))` : `CAST(${column} AS CHAR)`;
}
