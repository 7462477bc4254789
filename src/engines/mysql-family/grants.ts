// Which rights a login has, read from SHOW GRANTS: asking by trying would stand in the server's log as an attempt.

import { quoteName } from '../wire/quote.ts';
import type { Session } from '../port.ts';

/** Rights on one level: `*.*`, a database pattern, or something narrower. */
export interface HeldRights {
  /** As GRANT has it, without quotes: `*`, `shop`, `sb\_%`. */
  readonly database: string;
  /** `*`, or the name of one table or routine. */
  readonly object: string;
  readonly rights: ReadonlySet<string>;
}

/** What a snapshot needs in a database that it covers, and a restore to put everything back. */
export const SCOPE_RIGHTS = [
  ...['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'INDEX', 'REFERENCES', 'LOCK TABLES'],
  ...['CREATE VIEW', 'SHOW VIEW', 'TRIGGER', 'CREATE ROUTINE', 'ALTER ROUTINE', 'EXECUTE', 'EVENT'],
] as const;

/** What snapback needs in databases of its own. */
export const OWN_RIGHTS = SCOPE_RIGHTS.slice(0, 10);

export async function heldRights(session: Session, signal: AbortSignal): Promise<readonly HeldRights[]> {
  const { rows } = await session.query('SHOW GRANTS', { signal });
  return rows.flatMap(([line]) => parseGrant(line ?? '') ?? []);
}

const NAME = '(\\*|`(?:[^`]|``)+`)';
const GRANT = new RegExp(
  `^GRANT (.+?) ON (?:(?:TABLE|PROCEDURE|FUNCTION|PACKAGE(?: BODY)?) )?${NAME}\\.${NAME} TO `,
  'i',
);

/** Undefined for a line that gives no rights: a role, a proxy. */
export function parseGrant(line: string): HeldRights | undefined {
  const [, list = '', database = '', object = ''] = GRANT.exec(line) ?? [];
  if (database === '') return undefined;
  const rights = list.replace(/\([^)]*\)/g, '').split(',');
  return {
    database: plain(database),
    object: plain(object),
    rights: new Set(rights.map((right) => right.trim().toUpperCase())),
  };
}

function plain(name: string): string {
  return name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name;
}

/** Which of these rights are not held on all of the database. */
export function missingOn(held: readonly HeldRights[], database: string, wanted: readonly string[]): readonly string[] {
  const onIt = held.filter(({ object, database: pattern }) => object === '*' && matches(pattern, database));
  return wanted.filter((right) => !onIt.some(({ rights }) => rights.has(right) || rights.has('ALL PRIVILEGES')));
}

/** In a GRANT the name of a database is a pattern, and `\` takes the meaning from `_` and `%`. */
function matches(pattern: string, database: string): boolean {
  if (pattern === '*' || pattern === database) return true;
  const source = pattern.replace(
    /\\([_%])|([_%])|([^\\_%]+|\\)/g,
    (_all, escaped?: string, wild?: string, text = '') => {
      if (wild !== undefined) return wild === '%' ? '.*' : '.';
      return (escaped ?? String(text)).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    },
  );
  return new RegExp(`^${source}$`, 's').test(database);
}

/** `` `app`@`%` `` */
export async function accountOf(session: Session, signal: AbortSignal): Promise<string> {
  const { rows } = await session.query('SELECT CURRENT_USER()', { signal });
  const account = rows[0]?.[0] ?? '';
  const at = account.lastIndexOf('@');
  return `${quoteName(account.slice(0, at))}@${quoteName(account.slice(at + 1))}`;
}
