// Takes a snapshot: the row first, then the server's snapshot, then the row says that it is whole.

import { Fault, systemEntropy, SNAPSHOT_NAME_LENGTH_MAX, type SnapshotName } from '../../../kernel/index.ts';
import type { Effect, Session, SnapshotInfo, SnapshotSpec } from '../../port.ts';
import { serverErrorOf } from '../../wire/errors.ts';
import { ensureCatalog } from '../catalog.ts';
import { extentOf } from '../extent.ts';
import { describe } from '../objects.ts';
import { isoOf, NOW, one, withSession } from '../session.ts';
import { assertMayCover, otherAccount, ownerOf } from './accounts.ts';
import { removeSnapshot, dropOnServer } from './drop.ts';
import { nativeScopeOf, takeNative } from './native-scope.ts';
import { cannotPutBack, unrestorable } from './preflight.ts';
import type { MatrixoneServer } from './server.ts';
import { findSnapshot, writeSnapshotRow, type KnownSnapshot, type SnapshotRow } from './snapshot-rows.ts';

const INTERNAL_ERRNO = 20101;

/** See `SnapshotStore.create`. */
export async function takeSnapshot(
  server: MatrixoneServer,
  spec: SnapshotSpec,
  { run, signal }: Effect,
): Promise<SnapshotInfo> {
  const { name, scope, replace } = spec;
  return withSession(server.connector, { purpose: 'snapshot', writes: true }, signal, async (session) => {
    assertMayCover(server, scope);
    let there = await findSnapshot(session, name, signal);
    if (there?.info.state === 'ready' && !replace) {
      throw new Fault('SNAPSHOT_EXISTS', `a snapshot called ${name} is there already, taken ${there.info.takenAt}`);
    }
    const own = await lookedAt({ server, session, spec }, signal);
    await ensureCatalog(session, signal);
    if (there?.info.state === 'partial') {
      await removeSnapshot(session, name, signal);
      there = undefined;
    }
    if (there?.row !== undefined && there.row.pending !== '') await dropOnServer(session, there.row.pending, signal);
    const serverName = there === undefined ? name : following(name);
    const { tableCount } = own;
    const kept = spec.keepForMs === undefined ? {} : { keepUntil: await later(session, spec.keepForMs, signal) };
    const fresh = { name, serverName, pending: '', run, scope, declared: [], tableCount, ...kept };
    const row: SnapshotRow = { ...fresh, state: 'taking' };
    await writeSnapshotRow(session, there === undefined ? row : pendingRow(row, there), signal);
    const native = nativeScopeOf(scope, otherAccount(server, scope));
    const other = await asTaken(takeNative(session, serverName, native, signal), name);
    const declared = [...own.declared, ...other];
    await writeSnapshotRow(session, { ...row, state: 'ready', declared }, signal);
    if (there !== undefined) await dropOnServer(session, there.serverName, signal);
    return listed(server, { session, name }, signal);
  });
}

/** So long after now, by the server's clock. */
async function later(session: Session, ms: number, signal: AbortSignal): Promise<string> {
  const now = isoOf(await one(session, `SELECT ${NOW}`, signal));
  return new Date(Date.parse(now) + ms).toISOString();
}

interface Taking {
  readonly server: MatrixoneServer;
  readonly session: Session;
  readonly spec: SnapshotSpec;
}

/** What could not be put back is refused, or declared where a person asked for the snapshot alone. */
async function lookedAt({ server, session, spec }: Taking, signal: AbortSignal) {
  // Of another account `sys` sees the objects only once the snapshot is there.
  if (otherAccount(server, spec.scope) !== undefined) return { tableCount: 0, declared: [] };
  const request = { server, extent: extentOf(spec.scope), since: undefined };
  const { description, problems } = await unrestorable(session, request, signal);
  if (problems.length > 0 && spec.mayLose !== true) throw cannotPutBack(problems);
  const tableCount = description.objects.filter(({ kind }) => kind === 'table').length;
  return { tableCount, declared: problems.map((problem) => `a restore of all of it would be refused: ${problem}`) };
}

/** As the server lists it, with the tables of another account counted. */
async function listed(
  server: MatrixoneServer,
  { session, name }: { readonly session: Session; readonly name: SnapshotName },
  signal: AbortSignal,
): Promise<SnapshotInfo> {
  const taken = await findSnapshot(session, name, signal);
  if (taken === undefined) throw new Fault('SNAPSHOT_REFUSED', `the server does not list ${name} after taking it`);
  const owner = ownerOf(server, taken);
  if (owner === undefined) return taken.info;
  const { objects } = await describe(session, extentOf(taken.info.scope), taken.serverName, signal, owner);
  return { ...taken.info, tableCount: objects.filter(({ kind }) => kind === 'table').length };
}

/** The snapshot that is there stays the one that counts until the new one is whole. */
function pendingRow(row: SnapshotRow, { info, serverName }: KnownSnapshot): SnapshotRow {
  return {
    ...row,
    scope: info.scope,
    run: info.run ?? row.run,
    serverName,
    pending: row.serverName,
    state: 'ready',
    declared: info.declared,
    tableCount: info.tableCount ?? 0,
  };
}

/** The server cannot rename a snapshot: one that takes another's place has a longer name there. */
function following(name: string): string {
  const tail = `_${systemEntropy.token(8)}`;
  return `${name.slice(0, SNAPSHOT_NAME_LENGTH_MAX - tail.length)}${tail}`;
}

async function asTaken<Value>(taking: Promise<Value>, name: string): Promise<Value> {
  try {
    return await taking;
  } catch (error) {
    const said = serverErrorOf(error);
    if (said?.errno !== INTERNAL_ERRNO || !(error instanceof Fault)) throw error;
    if (said.message.includes('already exists')) {
      throw new Fault('SNAPSHOT_EXISTS', `the server has a snapshot called ${name} that this user cannot see`, {
        cause: error,
      });
    }
    if (!said.message.includes('reached the limit')) throw error;
    throw new Fault('SNAPSHOT_REFUSED', `the server refuses another snapshot: ${said.message}`, {
      hint: 'Drop snapshots that nobody needs; a plan takes its own away at its end.',
      cause: error,
    });
  }
}
