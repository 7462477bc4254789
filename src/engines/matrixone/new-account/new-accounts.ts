import { Fault, type RestoreEvidence, type SnapshotName } from '../../../kernel/index.ts';
import type { Effect, NewAccount, NewAccounts } from '../../port.ts';
import { snapshotContent, type Comparison } from '../compare.ts';
import type { MatrixoneServer } from '../native-snapshots/server.ts';
import { objectLabel } from '../objects.ts';
import { withSession } from '../session.ts';
import {
  assertEqual,
  compareWithSource,
  createAccount,
  dropAccount,
  fill,
  logIn,
  nameMaker,
  type Making,
} from './make.ts';
import { prepare, previewOf, wayOf } from './prepare.ts';
import { assertFree, forget, intend, markMade } from './registry.ts';

/** Restores into new accounts; only a login of `sys` can do any. */
export function newAccounts(server: MatrixoneServer): NewAccounts {
  return {
    preview: (name, given, { run, signal }) =>
      withSession(server.connector, { purpose: 'question about accounts', writes: false }, signal, async (session) => {
        const wanted = folded(given);
        const prepared = await prepare(server, session, { name, wanted }, signal);
        await assertFree(session, { account: wanted.account, run }, signal);
        return previewOf(prepared);
      }),
    restore: (name, given, effect) => restoreInto(server, { name, wanted: folded(given) }, effect),
  };
}

/** As the server writes names of accounts. */
function folded(wanted: NewAccount): NewAccount {
  return { ...wanted, account: wanted.account.toLowerCase() };
}

async function restoreInto(
  server: MatrixoneServer,
  { name, wanted }: { readonly name: SnapshotName; readonly wanted: NewAccount },
  effect: Effect,
): Promise<RestoreEvidence> {
  const { run, signal } = effect;
  const { account } = wanted;
  return withSession(
    server.connector,
    { purpose: 'restore into a new account', writes: true },
    signal,
    async (session) => {
      const prepared = await prepare(server, session, { name, wanted }, signal);
      const making: Making = { server, session, prepared, wanted, effect };
      let found = await intend(session, { account, run }, signal);
      if (found === 'half-made') {
        await dropAccount(session, account, signal);
        await forget(session, account, signal);
        found = await intend(session, { account, run }, signal);
      }
      try {
        const told = found === 'made-by-us' ? [] : await make(making);
        const comparison = await compareWithSource(making);
        assertEqual(comparison, name, account);
        await logIn(making);
        await nameMaker(making);
        await markMade(session, { account, run }, signal);
        return await evidenceOf(making, comparison, told);
      } catch (error) {
        if (found === 'made-by-us') throw error;
        throw await undone(making, error);
      }
    },
  );
}

async function make(making: Making): Promise<readonly string[]> {
  await createAccount(making);
  return fill(making);
}

/** What failed goes away again. When that cannot be, the row in the catalog says that it is half made. */
async function undone({ session, wanted, prepared }: Making, error: unknown): Promise<unknown> {
  const isOver = error instanceof Fault && error.code !== 'INTERRUPTED' && error.code !== 'CONNECTION_LOST';
  if (!isOver || !session.isOpen) return error;
  await dropAccount(session, wanted.account);
  await forget(session, wanted.account, new AbortController().signal);
  const { name } = prepared.snapshot.info;
  return new Fault(
    'RESTORE_FAILED',
    `${name} into account ${wanted.account}: ${error.message}; the account was dropped again`,
    {
      hint: 'Mend what the message names and try again; nothing is left of this try.',
      cause: error,
    },
  );
}

async function evidenceOf(
  { server, session, prepared, wanted, effect }: Making,
  { wanted: before }: Comparison,
  told: readonly string[],
): Promise<RestoreEvidence> {
  const tables = before.objects.filter(({ kind, isExternal }) => kind === 'table' && !isExternal);
  const comparing = { session, since: prepared.snapshot.serverName, memory: server.memory };
  let rowCount = 0;
  for (const table of tables) rowCount += (await snapshotContent(comparing, table, effect.signal)).rowCount;
  const views = before.objects.filter(({ kind }) => kind === 'view').length;
  const looked = counted(tables.length, 'table') + (views === 0 ? '' : `, ${counted(views, 'view')}`);
  return {
    kind: 'restore',
    snapshot: prepared.snapshot.info.name,
    into: wanted.account,
    table_count: tables.length,
    restored: tables.map(objectLabel),
    row_count: rowCount,
    removed: [],
    destroyed: [],
    declared: [
      wayOf(prepared.recipe),
      `compared with the snapshot at one moment: ${looked} equal`,
      `${wanted.account}:${wanted.admin} logs in`,
      ...told,
      ...prepared.notCarried.map((what) => `not carried: ${what}`),
    ],
  };
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
