// `snapback pitr create | show | alter | restore | drop`, without flags and without printing.

import { databasesOf, type Engine, type PitrInfo, type PitrPreview, type PitrRange } from '../engines/index.ts';
import type { PitrRestore, PitrScope, Pitrs, Scope } from '../engines/index.ts';
import { Fault, type Json } from '../kernel/index.ts';
import { holderOf, type AppContext } from './context.ts';
import { withEngine, type SnapshotLogin } from './manage-snapshots.ts';
import { runTyped } from './typed-command.ts';
import type { WorkResult } from './work-on-run.ts';

export type { PitrInfo, PitrPreview, PitrRange, PitrRestore, PitrScope } from '../engines/index.ts';

/** A RESTORE waits for open transactions of others without any limit of the server's. */
const RESTORE_TIMEOUT = '30m';

/** All that this login may see. */
export function listPitrs(url: string, context: AppContext): Promise<readonly PitrInfo[]> {
  return withPitrs(url, context, (pitrs) => pitrs.list(context.signal));
}

/** @throws {Fault} USAGE for a range that no server takes. */
export async function createPitr(
  request: SnapshotLogin & { readonly name: string; readonly scope: PitrScope; readonly range: PitrRange },
  context: AppContext,
): Promise<WorkResult> {
  const { name, scope, range } = request;
  assertRange(range);
  return change(request, 'pitr create', (pitrs) => pitrs.createStatement(name, scope, range), context);
}

export async function alterPitr(
  request: SnapshotLogin & { readonly name: string; readonly range: PitrRange },
  context: AppContext,
): Promise<WorkResult> {
  const { name, range } = request;
  assertRange(range);
  return change(request, 'pitr alter', (pitrs) => pitrs.alterStatement(name, range), context);
}

export async function dropPitr(
  request: SnapshotLogin & { readonly name: string },
  context: AppContext,
): Promise<WorkResult> {
  return change(request, 'pitr drop', (pitrs) => pitrs.dropStatement(request.name), context);
}

/** @throws {Fault} SNAPSHOT_MISSING */
export function findPitr(url: string, name: string, context: AppContext): Promise<PitrInfo> {
  return withPitrs(url, context, (pitrs, engine) => present(pitrs, engine, name, context));
}

/**
 * What a restore would take away. Reads only.
 *
 * @throws {Fault} SNAPSHOT_MISSING for the name; SNAPSHOT_REFUSED with what the server would lose or not do.
 */
export function previewPitrRestore(url: string, wanted: PitrRestore, context: AppContext): Promise<PitrPreview> {
  return withPitrs(url, context, async (pitrs, engine) => {
    await present(pitrs, engine, wanted.name, context);
    await pitrs.refuseUnrestorable(wanted, context.signal);
    return pitrs.compare(wanted, context.signal);
  });
}

export interface PitrRestored {
  readonly result: WorkResult;
  /** What still differs from that moment, and what could not be looked at; undefined when nothing was restored. */
  readonly after: PitrPreview | undefined;
}

/**
 * Goes back, journaled, and looks at the data afterwards: the server's OK means nothing. Exit code 0 only if what this
 * login sees is equal to that moment.
 *
 * @throws {Fault} SCOPE_BUSY while another run holds any of it.
 */
export function restorePitr(
  request: SnapshotLogin & { readonly wanted: PitrRestore },
  context: AppContext,
): Promise<PitrRestored> {
  const { url, wanted } = request;
  return withPitrs(url, context, async (pitrs, engine) => {
    const scope = scopeOf(wanted.scope, engine);
    await assertNobodyNeeds(engine, scope, context);
    const lock = await engine.lockScope(scope, holderOf(context), context.signal);
    try {
      const sql = await pitrs.restoreStatement(wanted, context.signal);
      const { signal } = new AbortController(); // the record is written again even if somebody interrupts
      const result = await pitrs.keepingRecord(wanted.scope, signal, () =>
        typed({ ...request, command: 'pitr restore', sql, step: { timeout: RESTORE_TIMEOUT } }, context),
      );
      if (result.exitCode !== 0) return { result, after: undefined };
      const after = await pitrs.compare(wanted, context.signal);
      return { result: after.differences.length === 0 ? result : { ...result, exitCode: 5 }, after };
    } finally {
      await lock.release();
    }
  });
}

async function change(
  request: SnapshotLogin,
  command: string,
  statement: (pitrs: Pitrs) => string,
  context: AppContext,
): Promise<WorkResult> {
  const sql = await withPitrs(request.url, context, (pitrs) => Promise.resolve(statement(pitrs)));
  return typed({ ...request, command, sql, step: {} }, context);
}

/**
 * All of them may be sent again after a crash; a CREATE that had happened says so then. Each happens whole or not at
 * all,
 * so that one that failed has changed nothing, but for old servers that restore a cluster in halves.
 */
async function typed(
  request: SnapshotLogin & {
    readonly command: string;
    readonly sql: string;
    readonly step: Readonly<Record<string, Json>>;
  },
  context: AppContext,
): Promise<WorkResult> {
  const [, id = ''] = request.command.split(' ');
  const steps = [{ id, sql: { text: request.sql }, on_failure: 'stop', in_doubt: 'rerun', ...request.step }];
  const { result } = await runTyped({ ...request, steps }, context);
  if (result.verdict !== 'stopped') return result;
  return { ...result, exitCode: request.sql.startsWith('RESTORE CLUSTER') ? 5 : 4 };
}

function withPitrs<Value>(
  url: string,
  context: AppContext,
  work: (pitrs: Pitrs, engine: Engine) => Promise<Value>,
): Promise<Value> {
  return withEngine(url, context, (engine) => {
    if (engine.pitrs !== undefined) return work(engine.pitrs, engine);
    throw new Fault('UNSUPPORTED_SERVER', `${engine.label} has no point-in-time recovery that SQL could ask for`, {
      hint: 'Use snapshots: `snapback snapshot create`.',
    });
  });
}

async function present(pitrs: Pitrs, engine: Engine, name: string, { signal }: AppContext): Promise<PitrInfo> {
  const found = (await pitrs.list(signal)).find((one) => one.name === name.toLowerCase());
  if (found !== undefined) return found;
  throw new Fault('SNAPSHOT_MISSING', `${engine.address.host}:${engine.address.port} has no PITR ${name}`, {
    hint: 'Run `snapback pitr show` to list what the server keeps.',
  });
}

function scopeOf(scope: PitrScope, { address }: Engine): Scope {
  switch (scope.kind) {
    case 'cluster':
      return scope;
    case 'account':
      return { kind: 'account', account: scope.account ?? address.user };
    case 'database':
      return { kind: 'databases', databases: [scope.database] };
    case 'table':
      return { kind: 'tables', tables: [scope.table] };
  }
}

/** What an open run has begun would be pulled from under it. */
async function assertNobodyNeeds(engine: Engine, scope: Scope, { signal }: AppContext): Promise<void> {
  const own = databasesOf(scope);
  const touches = (other: Scope): boolean => {
    const theirs = databasesOf(other);
    return own.length === 0 || theirs.length === 0 || theirs.some((database) => own.includes(database));
  };
  const open = (await engine.runs.list(signal)).filter(({ state }) => state === 'open' || state === 'stuck');
  const other = open.find((row) => touches(row.scope));
  if (other === undefined) return;
  throw new Fault('SCOPE_BUSY', `run ${other.run} of ${other.planName} has not ended, and works on the same data`);
}

const LENGTH_MAX = 100;

function assertRange({ length }: PitrRange): void {
  if (Number.isInteger(length) && length >= 1 && length <= LENGTH_MAX) return;
  throw new Fault('USAGE', `a range is 1 to ${LENGTH_MAX} long, not ${length}`);
}
