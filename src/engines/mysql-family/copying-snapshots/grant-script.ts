// What an administrator would run so that a login can take a snapshot of its databases and put them back.

import { Fault, FAULTS } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteName } from '../../wire/quote.ts';
import { CATALOG_DATABASE } from '../catalog.ts';
import { textOf } from './result-rows.ts';
import type { FamilyServer } from './session-pins.ts';

/** A right, or a setting, that is missing. */
export type Need =
  | { readonly kind: 'database'; readonly database: string }
  | { readonly kind: 'own-databases' }
  | { readonly kind: 'references'; readonly database: string }
  | { readonly kind: 'routine-bodies' }
  | { readonly kind: 'function-creators' }
  /** `said`: the server's refusal, which names the right. */
  | { readonly kind: 'definer'; readonly definer: string; readonly said: string };

/** One reason for a refusal, and what would help, where that is known. */
export interface Lack {
  readonly reason: string;
  readonly need?: Need;
}

/** One fault for all reasons, with the script that mends those which rights can mend. */
export async function refuse(server: FamilyServer, session: Session, lacks: readonly Lack[]): Promise<Fault> {
  const needs = lacks.flatMap(({ need }) => (need === undefined ? [] : [need]));
  const message = lacks.map(({ reason }) => reason).join('; ');
  return new Fault(
    'SNAPSHOT_REFUSED',
    message,
    needs.length === 0 ? {} : { hint: await hintFor(server, session, needs) },
  );
}

/** The same fault with a script that gives every right on these databases; others come back as they are. */
export async function withRights(
  server: FamilyServer,
  session: Session,
  databases: readonly string[],
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof Fault) || error.code !== 'PRIVILEGE_MISSING' || !session.isOpen) return error;
  if (error.hint !== FAULTS.PRIVILEGE_MISSING.hint) return error;
  const needs = [
    ...databases.map((database): Need => ({ kind: 'database', database })),
    { kind: 'own-databases' } as const,
  ];
  const hint = await hintFor(server, session, needs);
  return new Fault('PRIVILEGE_MISSING', error.message, { cause: error, hint });
}

async function hintFor(server: FamilyServer, session: Session, needs: readonly Need[]): Promise<string> {
  const account = await currentAccount(session);
  const statements = new Set(needs.flatMap((need) => statementsFor(server, need, account)));
  return `Let an administrator run: ${[...statements].map((statement) => `${statement};`).join(' ')}`;
}

function statementsFor({ flavour }: FamilyServer, need: Need, account: string): readonly string[] {
  switch (need.kind) {
    case 'database':
      return [`GRANT ALL PRIVILEGES ON ${literalDatabase(need)}.* TO ${account}`];
    case 'references':
      return [`GRANT REFERENCES ON ${literalDatabase(need)}.* TO ${account}`];
    case 'own-databases':
      return [CATALOG_DATABASE, 'sb\\_%'].map((name) => `GRANT ALL PRIVILEGES ON ${quoteName(name)}.* TO ${account}`);
    case 'routine-bodies':
      return [
        flavour === 'mysql' ? `GRANT SHOW_ROUTINE ON *.* TO ${account}` : `GRANT SELECT ON mysql.proc TO ${account}`,
      ];
    case 'function-creators':
      return ['SET GLOBAL log_bin_trust_function_creators = 1'];
    case 'definer':
      return rightsForDefiner(flavour, need).map((right) => `GRANT ${right} ON *.* TO ${account}`);
  }
}

/** In a GRANT the name of a database is a pattern. */
function literalDatabase({ database }: { readonly database: string }): string {
  return quoteName(database.replace(/[_%\\]/g, '\\$&'));
}

/** The least right that the server asks for, and one more where MySQL's definer is an administrator. */
function rightsForDefiner(flavour: FamilyServer['flavour'], { definer, said }: Extract<Need, { kind: 'definer' }>) {
  const named = /at least one of\) the (.+?) privilege/.exec(said)?.[1]?.split(/, ?| or /) ?? [];
  const right = named.filter((one) => one !== 'SUPER').at(-1) ?? (flavour === 'mysql' ? 'SET_ANY_DEFINER' : 'SET USER');
  const isAdministrator = flavour === 'mysql' && /^`(?:root|mysql\.\w+)`@/.test(definer);
  return isAdministrator && right !== 'SYSTEM_USER' ? [right, 'SYSTEM_USER'] : [right];
}

async function currentAccount(session: Session): Promise<string> {
  const { rows } = await session.query('SELECT CURRENT_USER()');
  const account = textOf(rows[0]?.[0]);
  const at = account.lastIndexOf('@');
  return `${quoteName(account.slice(0, at))}@${quoteName(account.slice(at + 1))}`;
}
