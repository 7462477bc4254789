// Everything that is asked before an account is made; nothing is changed here.

import { Fault, type SnapshotName } from '../../../kernel/index.ts';
import type { NewAccount, NewAccountPreview, Session } from '../../port.ts';
import { extentOf, isUserDatabase } from '../extent.ts';
import { literal } from '../literal.ts';
import { ownerOf } from '../native-snapshots/accounts.ts';
import { foreignKeys } from '../native-snapshots/foreign-keys.ts';
import { namesOf } from '../native-snapshots/logins.ts';
import { cannotPutBack, subscriptions, viewProblems } from '../native-snapshots/preflight.ts';
import { readySnapshot } from '../native-snapshots/restore.ts';
import type { MatrixoneServer } from '../native-snapshots/server.ts';
import type { KnownSnapshot } from '../native-snapshots/snapshot-rows.ts';
import { describe, type Description } from '../objects.ts';
import { one } from '../session.ts';
import { isSameAccount, isSystemAccount } from '../tenant.ts';
import { notCarried } from './not-carried.ts';
import { recipeFor, type Recipe, type Source } from './recipe.ts';

export interface Prepared {
  readonly snapshot: KnownSnapshot;
  readonly source: Source;
  readonly recipe: Recipe;
  readonly notCarried: readonly string[];
}

/** @throws {Fault} SNAPSHOT_REFUSED, SNAPSHOT_MISSING */
export async function prepare(
  server: MatrixoneServer,
  session: Session,
  { name, wanted }: { readonly name: SnapshotName; readonly wanted: NewAccount },
  signal: AbortSignal,
): Promise<Prepared> {
  assertMayMake(server, wanted);
  const snapshot = await readySnapshot(session, name, signal);
  const source = await sourceOf(server, session, snapshot, signal);
  const since = snapshot.serverName;
  if (isSameAccount(source.account, wanted.account)) {
    throw new Fault('SNAPSHOT_REFUSED', `${wanted.account} is the account that ${name} is of`, {
      hint: 'Leave the new account out to restore it in place.',
    });
  }
  const problems = await viewProblems(session, source.description, since, signal);
  if (problems.length > 0) throw cannotPutBack(problems);
  const recipe = recipeFor(source, wanted.admin);
  const reading = { since, owner: ownerOf(server, snapshot) };
  return { snapshot, source, recipe, notCarried: await notCarried(session, { source, recipe, reading }, signal) };
}

export function previewOf({ source, recipe, notCarried: left }: Prepared): NewAccountPreview {
  const { databases, objects } = source.description;
  return {
    source: source.account,
    databases,
    tableCount: objects.filter(({ kind }) => kind === 'table').length,
    way: wayOf(recipe),
    notCarried: left,
  };
}

/** `cloned database by database, because ...` */
export function wayOf({ kind, why }: Recipe): string {
  const how = kind === 'clone' ? 'cloned database by database' : 'restored by the server as a whole account';
  return `${how}, because ${why}`;
}

function assertMayMake({ account }: MatrixoneServer, wanted: NewAccount): void {
  if (!isSystemAccount(account)) {
    throw new Fault('SNAPSHOT_REFUSED', `only account sys can make a new account, and this login is ${account}'s`, {
      hint: 'Nothing was changed. Log in as a user of account sys: `root` or `sys:root`.',
    });
  }
  const isName = (text: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/.test(text);
  if (!isName(wanted.account) || isSystemAccount(wanted.account)) {
    throw new Fault('SNAPSHOT_REFUSED', `${JSON.stringify(wanted.account)} cannot be the name of a new account`);
  }
  if (!isName(wanted.admin)) {
    throw new Fault('SNAPSHOT_REFUSED', `${JSON.stringify(wanted.admin)} cannot be the name of an administrator`);
  }
  if (wanted.password.reveal() === '') throw new Fault('SNAPSHOT_REFUSED', 'the new administrator needs a password');
}

async function sourceOf(
  server: MatrixoneServer,
  session: Session,
  snapshot: KnownSnapshot,
  signal: AbortSignal,
): Promise<Source> {
  const { name, scope } = snapshot.info;
  if (scope.kind !== 'account') {
    const level = scope.kind === 'cluster' ? 'of the whole cluster' : 'not of a whole account';
    throw new Fault('SNAPSHOT_REFUSED', `${name} is ${level}: only a snapshot of an account goes into a new one`, {
      hint: 'Nothing was changed. Take one with --level account.',
    });
  }
  const since = snapshot.serverName;
  const owner = ownerOf(server, snapshot);
  const whole = await describe(session, extentOf(scope), since, signal, owner);
  const description = without(whole, await subscriptions(session, owner, signal));
  const keys = (await foreignKeys(session, since, signal)).filter(({ child }) => isUserDatabase(child.database));
  return { account: scope.account, admin: await adminOf(session, scope.account, since, signal), description, keys };
}

/** Nothing is known of an account that is gone: its snapshot does not name its administrator. */
async function adminOf(session: Session, account: string, since: string, signal: AbortSignal) {
  const sql = `SELECT admin_name FROM mo_catalog.mo_account WHERE account_name = ${literal(account.toLowerCase())}`;
  const admin = await one(session, sql, signal);
  const users = await namesOf(session, 'user', since, signal);
  return admin !== undefined && users.has(admin) ? admin : undefined;
}

function without({ databases, objects }: Description, left: readonly string[]): Description {
  return {
    databases: databases.filter((name) => !left.includes(name)),
    objects: objects.filter(({ database }) => !left.includes(database)),
  };
}
