// Makes the account, fills it, looks at it, and logs in to it. Every statement that creates or drops names the new
// account; nothing here names the source as a target.

import { Fault, type SnapshotName } from '../../../kernel/index.ts';
import type { Effect, NewAccount, Session } from '../../port.ts';
import { quoteName } from '../../wire/quote.ts';
import { CATALOG_DATABASE } from '../catalog.ts';
import { compareMoments, type Comparison } from '../compare.ts';
import { literal } from '../literal.ts';
import { accountNumber, ownerOf } from '../native-snapshots/accounts.ts';
import { boundedRestore } from '../native-snapshots/bounded-restore.ts';
import { grantSql, objectGrants, uniqueGrants } from '../native-snapshots/grants.ts';
import { atOneMoment } from '../native-snapshots/moment.ts';
import type { MatrixoneServer } from '../native-snapshots/server.ts';
import { one, withSession } from '../session.ts';
import { atMoment } from '../statements.ts';
import { tenant } from '../tenant.ts';
import type { Prepared } from './prepare.ts';
import { markOf } from './registry.ts';

export interface Making {
  readonly server: MatrixoneServer;
  readonly session: Session;
  readonly prepared: Prepared;
  readonly wanted: NewAccount;
  readonly effect: Effect;
}

export async function createAccount({ session, wanted, effect }: Making): Promise<void> {
  const { account, admin, password } = wanted;
  const login = `ADMIN_NAME ${literal(admin)} IDENTIFIED BY ${literal(password.reveal())}`;
  const sql = `CREATE ACCOUNT ${quoteName(tenant(account))} ${login} COMMENT ${literal(markOf(effect.run))}`;
  await session.query(sql, { signal: effect.signal });
}

export async function dropAccount(session: Session, account: string, signal?: AbortSignal): Promise<void> {
  const options = signal === undefined ? {} : { signal };
  await session.query(`DROP ACCOUNT IF EXISTS ${quoteName(tenant(account))}`, options);
}

/** Says of the account that it is whole. */
export async function nameMaker({ session, prepared, wanted, effect }: Making): Promise<void> {
  const text = `made by snapback run ${effect.run} from snapshot ${prepared.snapshot.info.name}`;
  const sql = `ALTER ACCOUNT ${quoteName(tenant(wanted.account))} COMMENT ${literal(text)}`;
  await session.query(sql, { signal: effect.signal });
}

/** Returns what is worth telling. */
export async function fill(making: Making): Promise<readonly string[]> {
  const { prepared } = making;
  if (prepared.recipe.kind === 'restore') return restoreWhole(making);
  for (const database of prepared.recipe.databases) await cloneDatabase(making, database);
  return [];
}

async function cloneDatabase({ server, session, prepared, wanted, effect }: Making, database: string): Promise<void> {
  const name = quoteName(database);
  const at = atMoment(prepared.snapshot.serverName);
  const sql = `CREATE DATABASE ${name} CLONE ${name}${at} TO ACCOUNT ${quoteName(tenant(wanted.account))}`;
  const tableCount = prepared.source.description.objects.filter((object) => object.database === database).length;
  await boundedRestore(server, session, { sql, tableCount }, effect);
}

async function restoreWhole(making: Making): Promise<readonly string[]> {
  const { server, session, prepared, wanted, effect } = making;
  const { source, snapshot } = prepared;
  const tableCount = source.description.objects.length + 100;
  const names = { source: source.account, snapshot: snapshot.serverName, into: wanted.account };
  await boundedRestore(server, session, { sql: server.grammar.accountInto(names), tableCount }, effect);
  // The source's administrator has come with the source's password.
  const login = `ADMIN_NAME ${literal(wanted.admin)} IDENTIFIED BY ${literal(wanted.password.reveal())}`;
  await session.query(`ALTER ACCOUNT ${quoteName(tenant(wanted.account))} ${login}`, { signal: effect.signal });
  return grantAgain(making);
}

/** Rights on single tables and databases do not come along; only the new account can grant them. */
async function grantAgain(making: Making): Promise<readonly string[]> {
  const { server, session, prepared, effect } = making;
  const { description } = prepared.source;
  const at = { at: prepared.snapshot.serverName, owner: ownerOf(server, prepared.snapshot) };
  const found = await objectGrants(session, { databases: description.databases, ...at, rolesAt: at.at }, effect.signal);
  const grants = uniqueGrants(found);
  await asAdmin(making, async (own) => {
    // The record of snapback's runs is the source's: two accounts with one identity would be taken for each other.
    await own.query(`DROP DATABASE IF EXISTS ${quoteName(CATALOG_DATABASE)}`, { signal: effect.signal });
    for (const grant of grants) await own.query(grantSql(grant), { signal: effect.signal });
  });
  return grants.length === 0 ? [] : [`${grants.length} rights on tables and databases were granted again`];
}

/** @throws {Fault} RESTORE_FAILED when the login that was asked for is refused. */
export async function asAdmin<Value>(
  { server, wanted, effect }: Making,
  work: (session: Session) => Promise<Value>,
): Promise<Value> {
  const { account, admin, password } = wanted;
  const login = { user: `${account}:${admin}`, password };
  try {
    return await withSession(server.connector, { purpose: 'new account', writes: true, login }, effect.signal, work);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'LOGIN_REFUSED') throw error;
    throw new Fault('RESTORE_FAILED', `${login.user} cannot log in to the new account: ${error.message}`, {
      cause: error,
    });
  }
}

/** The new administrator logs in and is where it should be. */
export async function logIn(making: Making): Promise<void> {
  const { wanted, effect } = making;
  const found = await asAdmin(making, (own) => one(own, 'SELECT current_account_name()', effect.signal));
  if (found === wanted.account.toLowerCase()) return;
  throw new Fault('RESTORE_FAILED', `${wanted.admin} logs in to account ${found ?? ''} and not to ${wanted.account}`);
}

/** Objects, definitions and rows of the new account against the snapshot, at one moment. */
export async function compareWithSource({ server, session, prepared, wanted, effect }: Making): Promise<Comparison> {
  const { signal } = effect;
  const until = await accountNumber(session, wanted.account, signal);
  if (until === undefined)
    throw new Fault('RESTORE_FAILED', `the server has no account ${wanted.account} after making it`);
  const extent = { isWhole: false, databases: prepared.source.description.databases, tables: [] };
  const owners = { since: ownerOf(server, prepared.snapshot), until };
  const since = prepared.snapshot.serverName;
  const comparison = await atOneMoment(session, { account: wanted.account, effect }, (moment) =>
    compareMoments({ session, extent, since, until: moment, owners, memory: server.memory }, signal),
  );
  // What is known not to come along was told before.
  const left = new Set(
    prepared.source.description.objects
      .filter(({ kind, isExternal }) => kind === 'sequence' || isExternal)
      .map(({ database, name }) => `${database}.${name}`),
  );
  return { ...comparison, differences: comparison.differences.filter(({ name }) => !left.has(name)) };
}

/** @throws {Fault} RESTORE_FAILED naming what differs. */
export function assertEqual({ differences }: Comparison, name: SnapshotName, account: string): void {
  if (differences.length === 0) return;
  const some = differences.slice(0, 5).map((one_) => `${one_.name} (${one_.what})`);
  const more = differences.length > some.length ? ` and ${differences.length - some.length} more` : '';
  throw new Fault('RESTORE_FAILED', `account ${account} differs from ${name}: ${some.join(', ')}${more}`);
}
