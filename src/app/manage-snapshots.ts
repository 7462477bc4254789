// `snapback snapshot create | show | restore | drop`, without flags and without printing.

import type { Engine, NewAccountPreview, ScopePart, SnapshotInfo } from '../engines/index.ts';
import {
  Fault,
  newRunId,
  parseSnapshotName,
  Secret,
  tableLabel,
  type Json,
  type ObjectDifference,
  type SnapshotEvidence,
  type SnapshotName,
} from '../kernel/index.ts';
import type { AppContext } from './context.ts';
import { NEW_ADMIN_PASSWORD } from './load-compiled.ts';
import { runTyped, type TypedResult } from './typed-command.ts';
import type { WorkResult } from './work-on-run.ts';

export type { NewAccountPreview, ScopePart, SnapshotInfo } from '../engines/index.ts';

export interface SnapshotLogin {
  readonly url: string;
  readonly journalDirectory: string;
}

/** What to take: `undefined` means the URL's database. */
export type WantedScope =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'account'; readonly account: string | undefined }
  | { readonly kind: 'databases'; readonly databases: readonly string[] }
  | { readonly kind: 'tables'; readonly tables: readonly string[] };

/** Takes a snapshot that stays until somebody drops it. */
export async function createSnapshot(
  request: SnapshotLogin & {
    readonly name: string | undefined;
    readonly scope: WantedScope | undefined;
    readonly limits?: SnapshotLimits;
  },
  context: AppContext,
): Promise<{ readonly result: WorkResult; readonly snapshot: SnapshotEvidence | undefined }> {
  const { name, scope, limits } = request;
  const named = name === undefined ? {} : { name: snapshotName(name) };
  const snapshot = { ...named, keep: 'always', ...scopeYaml(scope), ...saidLimits(limits) };
  const steps = [{ id: 'snapshot', snapshot }];
  const { result, evidence } = await runTyped({ ...request, command: 'snapshot create', steps }, context);
  return { result, snapshot: evidence.find((one) => one.kind === 'snapshot') };
}

/** As they are typed, and as a plan has them; what is undefined is left to its default. */
export type SnapshotLimits = Readonly<Record<'lock' | 'max_stall' | 'max_copy', string | undefined>>;

/** Those that were given. The plan's own check says what is wrong with them. */
export function saidLimits(limits: SnapshotLimits | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(limits ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** All snapshots that the server holds, oldest first. */
export function listSnapshots(url: string, context: AppContext): Promise<readonly SnapshotInfo[]> {
  return withEngine(url, context, async (engine) =>
    [...(await engine.snapshots.list(context.signal))].sort((one, other) => (one.takenAt < other.takenAt ? -1 : 1)),
  );
}

/**
 * What a restore would destroy. Reads only.
 *
 * @throws {Fault} SNAPSHOT_MISSING; SNAPSHOT_REFUSED for one that is half made.
 */
export function previewRestore(
  url: string,
  name: string,
  part: ScopePart | undefined,
  context: AppContext,
): Promise<Restorable & { readonly differences: readonly ObjectDifference[] }> {
  return withEngine(url, context, async (engine) => {
    const found = await restorable(engine, name, context);
    return { ...found, differences: await engine.snapshots.compare(found.info.name, part, readingEffect(context)) };
  });
}

export interface Restorable {
  readonly info: SnapshotInfo;
  /** What a restore that fails may leave behind on this server, one sentence each. */
  readonly risks: readonly string[];
}

/**
 * The snapshot alone: comparing reads everything, and the restore does so anyway. @throws {Fault} as `previewRestore`
 */
export function findRestorable(url: string, name: string, context: AppContext): Promise<Restorable> {
  return withEngine(url, context, (engine) => restorable(engine, name, context));
}

async function restorable(engine: Engine, name: string, context: AppContext): Promise<Restorable> {
  const info = await present(engine, snapshotName(name), context);
  if (info.state === 'partial') throw new Fault('SNAPSHOT_REFUSED', `${name} is half made: it can only be dropped`);
  return { info, risks: engine.previews.restore(info).risks };
}

/** An account that a restore creates, as it is typed. */
export interface TypedAccount {
  readonly account: string;
  readonly admin: string;
  readonly password: string;
}

/**
 * What a restore into a new account would do. Reads only.
 *
 * @throws {Fault} SNAPSHOT_MISSING; SNAPSHOT_REFUSED when it cannot be done, or the name is taken.
 */
export function previewNewAccount(
  url: string,
  name: string,
  into: TypedAccount,
  context: AppContext,
): Promise<{ readonly info: SnapshotInfo; readonly preview: NewAccountPreview }> {
  return withEngine(url, context, async (engine) => {
    const info = await present(engine, snapshotName(name), context);
    const { newAccounts } = engine.snapshots;
    if (newAccounts === undefined) {
      throw new Fault('SNAPSHOT_REFUSED', `${engine.label} has no accounts: a new one is for MatrixOne`);
    }
    const wanted = { ...into, password: new Secret(into.password) };
    return { info, preview: await newAccounts.preview(info.name, wanted, readingEffect(context)) };
  });
}

/** For questions: nothing of ours is locked, nobody watches. */
function readingEffect({ entropy, signal }: AppContext) {
  return {
    run: newRunId(entropy),
    signal,
    onProgress: () => undefined,
    assertLocked: () => Promise.resolve(),
  };
}

/**
 * Restores and proves. A verdict of `committed` says that the part equals the snapshot; with anything else the result's
 * exit code is not 0.
 */
export async function restoreSnapshot(
  request: SnapshotLogin & {
    readonly name: string;
    readonly part: ScopePart | undefined;
    /** Into a new account in place of the one that the snapshot is of; without a part. */
    readonly into?: TypedAccount | undefined;
  },
  context: AppContext,
): Promise<TypedResult> {
  const snapshot = { name: snapshotName(request.name) };
  if (request.into !== undefined) return restoreIntoAccount({ ...request, into: request.into }, snapshot, context);
  const { databases, tables } = request.part ?? {};
  const restore = {
    snapshot,
    ...(databases === undefined ? {} : { databases }),
    ...(tables === undefined ? {} : { tables: tables.map(tableLabel) }),
  };
  const steps = [
    { id: 'restore', restore, on_failure: 'stop' },
    { id: 'proof', verify: { matches: snapshot }, on_failure: 'stop' },
  ];
  const typed = await runTyped({ ...request, command: 'snapshot restore', steps }, context);
  if (typed.result.verdict !== 'stopped') return typed;
  return { ...typed, result: { ...typed.result, exitCode: typed.isUntouched ? 4 : 5 } };
}

/** The step compares and logs in by itself; what fails is gone again, and nothing else was touched. */
function restoreIntoAccount(
  request: SnapshotLogin & { readonly into: TypedAccount },
  snapshot: { readonly name: SnapshotName },
  context: AppContext,
): Promise<TypedResult> {
  const { account, admin, password } = request.into;
  const into = { account, admin, password: `\${env:${NEW_ADMIN_PASSWORD}}` };
  const steps = [{ id: 'restore', restore: { snapshot, into } }];
  return runTyped({ ...request, command: 'snapshot restore', steps, env: { [NEW_ADMIN_PASSWORD]: password } }, context);
}

/**
 * The snapshot that would be dropped.
 *
 * @throws {Fault} SNAPSHOT_MISSING; GUARD_REFUSED when an open or stuck run may still need it, or it is being restored.
 */
export function previewDrop(url: string, name: string, context: AppContext): Promise<SnapshotInfo> {
  return withEngine(url, context, async (engine) => {
    const info = await present(engine, snapshotName(name), context);
    if (info.state === 'restoring')
      throw new Fault('GUARD_REFUSED', `${name} is being restored from: finish that first`);
    const needing = await needingRuns(engine, context);
    const holder = [...needing].find(([snapshot, run]) => snapshot === info.name || run === info.run);
    if (holder !== undefined) {
      throw new Fault('GUARD_REFUSED', `${name} is the way back of run ${holder[1]}, which has not ended`, {
        hint: `End it with \`snapback resume ${holder[1]}\`, \`rollback\` or \`close\` first.`,
      });
    }
    return info;
  });
}

/** Drops these snapshots, journaled. */
export async function dropSnapshots(
  request: SnapshotLogin & { readonly names: readonly string[]; readonly command: string },
  context: AppContext,
): Promise<WorkResult> {
  const steps = request.names.map((name, at) => ({
    id: `drop-${at + 1}`,
    drop: { snapshot: { name: snapshotName(name) } },
  }));
  return (await runTyped({ ...request, steps }, context)).result;
}

/** Opens the server for questions only. */
export async function withEngine<Value>(
  url: string,
  context: AppContext,
  work: (engine: Engine) => Promise<Value>,
): Promise<Value> {
  const options = { onSessionOpened: () => Promise.resolve(), run: undefined };
  const engine = await context.openEngine(new Secret(url), options, context.signal);
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

/** Pairs of snapshot and run for all runs that have not ended; a run without a snapshot has an empty name. */
async function needingRuns(engine: Engine, { signal }: AppContext) {
  const rows = (await engine.runs.list(signal)).filter(({ state }) => state === 'open' || state === 'stuck');
  return rows.flatMap(({ run, snapshots }) => ['', ...snapshots].map((snapshot) => [snapshot, run] as const));
}

async function present(engine: Engine, name: SnapshotName, { signal }: AppContext): Promise<SnapshotInfo> {
  const info = await engine.snapshots.find(name, signal);
  if (info !== undefined) return info;
  throw new Fault('SNAPSHOT_MISSING', `${engine.address.host}:${engine.address.port} holds no snapshot ${name}`);
}

function snapshotName(text: string): SnapshotName {
  const parsed = parseSnapshotName(text);
  if (parsed.kind === 'ok') return parsed.value;
  throw new Fault('USAGE', `${JSON.stringify(text)}: ${parsed.problem}`);
}

function scopeYaml(scope: WantedScope | undefined): Readonly<Record<string, Json>> {
  switch (scope?.kind) {
    case undefined:
      return {};
    case 'cluster':
      return { cluster: true };
    case 'account':
      return { account: scope.account ?? true };
    case 'databases':
      return { databases: [...scope.databases] };
    case 'tables':
      return { tables: [...scope.tables] };
  }
}

/** The columns of `show`: what the scope is called, level by level. */
export function levelsOf({ scope, account = '' }: Pick<SnapshotInfo, 'scope' | 'account'>) {
  switch (scope.kind) {
    case 'cluster':
      return { level: 'cluster', account: '', database: '', table: '' };
    case 'account':
      return { level: 'account', account: scope.account, database: '', table: '' };
    case 'databases':
      return { level: 'database', account, database: scope.databases.join(','), table: '' };
    case 'tables':
      return {
        level: 'table',
        account,
        database: [...new Set(scope.tables.map(({ database }) => database))].join(','),
        table: scope.tables.map(({ table }) => table).join(','),
      };
  }
}
