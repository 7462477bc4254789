// What of an account does not come along into a new one, told before and after. The server says nothing of it.

import type { Session } from '../../port.ts';
import { namesOf } from '../native-snapshots/logins.ts';
import { publications, subscriptions } from '../native-snapshots/preflight.ts';
import { objectLabel, type Owner } from '../objects.ts';
import { texts } from '../session.ts';
import { atMoment } from '../statements.ts';
import type { Recipe, Source } from './recipe.ts';

const BUILT_IN: Readonly<Record<'user' | 'role', readonly string[]>> = {
  user: ['root', 'dump'],
  role: ['accountadmin', 'moadmin', 'public'],
};

export interface Reading {
  /** The snapshot's name on the server. */
  readonly since: string;
  readonly owner: Owner;
}

/** One sentence part for each kind of thing. */
export async function notCarried(
  session: Session,
  { source, recipe, reading }: { readonly source: Source; readonly recipe: Recipe; readonly reading: Reading },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { objects } = source.description;
  const sequences = objects.filter(({ kind }) => kind === 'sequence').map(objectLabel);
  const external = objects.filter(({ isExternal }) => isExternal).map(objectLabel);
  const published = (await publications(session, reading.owner, signal)).map(({ name }) => name);
  const subscribed = await subscriptions(session, reading.owner, signal);
  const both = [
    ...listed('sequences', sequences),
    ...listed('external tables', external),
    ...listed('publications', published),
    ...listed('databases subscribed from other accounts', subscribed),
    'snapshots and PITRs',
  ];
  if (recipe.kind === 'restore') return both;
  return [
    ...(await loginParts(session, reading, signal)),
    ...listed('functions', await column(session, 'name', 'mo_user_defined_function', reading, signal)),
    ...listed('procedures', await column(session, 'name', 'mo_stored_procedure', reading, signal)),
    ...listed('stages', await column(session, 'stage_name', 'mo_stages', reading, signal)),
    ...both,
  ];
}

async function loginParts(session: Session, { since }: Reading, signal: AbortSignal): Promise<readonly string[]> {
  const parts: string[] = [];
  for (const kind of ['user', 'role'] as const) {
    const names = [...(await namesOf(session, kind, since, signal)).keys()];
    parts.push(
      ...listed(
        `${kind}s`,
        names.filter((name) => !BUILT_IN[kind].includes(name)),
      ),
    );
  }
  return [...parts, 'rights and passwords'];
}

async function column(session: Session, name: string, table: string, { since }: Reading, signal: AbortSignal) {
  const sql = `SELECT DISTINCT ${name} FROM mo_catalog.${table}${atMoment(since)} ORDER BY 1`;
  return (await texts(session, sql, signal)).map(([cell = '']) => cell);
}

const NAMED_MAX = 10;

function listed(what: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
  return [`${what}: ${names.slice(0, NAMED_MAX).join(', ')}${more}`];
}
