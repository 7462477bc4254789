// The server keeps rights by the number of an object, and a restore gives objects new numbers: they are granted again.

import { tableLabel } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteName, quoteTable } from '../../wire/quote.ts';
import { literals } from '../literal.ts';
import { relationIds, type Owner } from '../objects.ts';
import { texts } from '../session.ts';
import { atMoment } from '../statements.ts';

export interface ObjectGrant {
  readonly role: string;
  readonly privilege: string;
  readonly object: { readonly kind: 'database'; readonly database: string } | TableGrant;
  readonly canGrant: boolean;
}

interface TableGrant {
  readonly kind: 'table';
  readonly database: string;
  readonly table: string;
}

export interface GrantsRequest {
  readonly databases: readonly string[];
  /** A snapshot on the server; undefined: now. */
  readonly at: string | undefined;
  readonly owner?: Owner;
  /** Rights of roles that are there at this snapshot are wanted; undefined: of roles that are there now. */
  readonly rolesAt?: string | undefined;
}

/**
 * Rights on these databases and on what is in them. What has come under another number since the snapshot (a DELETE of
 * all rows is enough) has lost its rights already.
 */
export async function objectGrants(
  session: Session,
  { databases, at, owner, rolesAt }: GrantsRequest,
  signal: AbortSignal,
): Promise<readonly ObjectGrant[]> {
  const ids = await relationIds(session, databases, at, signal, owner);
  const roles = await texts(session, `SELECT role_name FROM mo_catalog.mo_role${atMoment(rolesAt)}`, signal);
  const isThere = new Set(roles.map(([role = '']) => role));
  const objects = new Map<string, ObjectGrant['object']>();
  for (const [database, id] of ids.databases) objects.set(`database ${id}`, { kind: 'database', database });
  for (const [label, id] of ids.tables) {
    const database = databases.find((name) => label.startsWith(`${name}.`)) ?? '';
    objects.set(`table ${id}`, { kind: 'table', database, table: label.slice(database.length + 1) });
  }
  const numbers = [...objects.keys()].map((key) => key.split(' ')[1] ?? '');
  const rows = await texts(
    session,
    'SELECT role_name, privilege_name, obj_type, CAST(obj_id AS CHAR), CAST(with_grant_option AS CHAR)' +
      ` FROM mo_catalog.mo_role_privs${atMoment(at)} WHERE obj_type IN ('table', 'database')` +
      ` AND CAST(obj_id AS CHAR) IN (${literals(numbers)})`,
    signal,
  );
  return rows.flatMap(([role = '', privilege = '', kind = '', id = '', option = '']) => {
    const object = objects.get(`${kind} ${id}`);
    return object === undefined || !isThere.has(role)
      ? []
      : [{ role, privilege, object, canGrant: option === '1' || option === 'true' }];
  });
}

/** Each once. */
export function uniqueGrants(grants: readonly ObjectGrant[]): readonly ObjectGrant[] {
  return [...new Map(grants.map((grant) => [grantSql(grant), grant])).values()];
}

/** `select on table shop.orders to app` */
export function grantInWords({ role, privilege, object, canGrant }: ObjectGrant): string {
  const option = canGrant ? ' with grant option' : '';
  return `${privilege} on ${object.kind} ${grantLabel(object)} to ${role}${option}`;
}

export function grantLabel(object: ObjectGrant['object']): string {
  return object.kind === 'database' ? object.database : tableLabel(object);
}

export function grantSql({ role, privilege, object, canGrant }: ObjectGrant): string {
  const what = privilege.replace(/^(?:table|database) (?=all|ownership)/, '');
  const target =
    object.kind === 'database'
      ? `DATABASE ${quoteName(object.database)}`
      : `TABLE ${quoteTable({ database: object.database, table: object.table })}`;
  return `GRANT ${what} ON ${target} TO ${quoteName(role)}${canGrant ? ' WITH GRANT OPTION' : ''}`;
}
