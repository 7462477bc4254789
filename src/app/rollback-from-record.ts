// The way back of a run whose journal is lost, from the server's own record: a CI runner's disk dies with its job.
// A new journal takes the old one's place. It holds what the server tells of the run: which snapshots it took.

import {
  databasesOf,
  scopeLabel,
  type Engine,
  type RunRow,
  type Scope,
  type ScopeLock,
  type SnapshotInfo,
} from '../engines/index.ts';
import { createJournal, type Journal } from '../journal/index.ts';
import { Fault, redact, tableLabel, type Json } from '../kernel/index.ts';
import { holderOf, type AppContext } from './context.ts';
import { loadCompiled, TYPED_TEXT } from './load-compiled.ts';
import { withEngine } from './manage-snapshots.ts';
import { planText, typedContext } from './typed-command.ts';
import { letHear, workOnRun, type WorkResult } from './work-on-run.ts';

const COMMAND = 'rollback';
const LOCK_PATIENCE_MS = 2_000;
const LOCK_RETRY_MS = 200;

export interface RecordedRun {
  readonly row: RunRow;
  /** What it took and the server still holds whole, oldest first. */
  readonly snapshots: readonly SnapshotInfo[];
  /** For a question. */
  readonly summary: string;
}

/**
 * A run as a server's record knows it, by its id or an unambiguous beginning of it; without one the newest open run.
 *
 * @throws {Fault} RUN_UNKNOWN
 */
export function recordedRun(url: string, wanted: string | undefined, context: AppContext): Promise<RecordedRun> {
  return withEngine(url, context, async (engine) => {
    const row = chosen(await engine.runs.list(context.signal), wanted, engine);
    const all = await engine.snapshots.list(context.signal);
    const snapshots = all
      .filter(({ run = row.run, name, state }) => {
        // Under the same name another run may have taken one since.
        return (
          run === row.run && (row.snapshots.includes(name) || name.startsWith(`sb_${row.run}_`)) && state !== 'partial'
        );
      })
      .sort((a, b) => (a.takenAt < b.takenAt ? -1 : 1));
    const names = snapshots.map(({ name, takenAt }) => `${name}, taken ${takenAt}`).join('; ');
    const where = `${scopeLabel(row.scope)} on ${engine.address.host}:${engine.address.port}`;
    const begun = `begun ${row.openedAt} by ${row.holder}`;
    const summary = `Run ${row.run} of ${row.planName} on ${where}, ${begun}: ${row.state}.`;
    return { row, snapshots, summary: names === '' ? summary : `${summary}\nSnapshots: ${names}.` };
  });
}

/**
 * Restores what the run's snapshots cover on this server and proves it, journaled under the run's own id.
 *
 * @throws {Fault} RUN_NOT_OPEN when there is nothing to go back to; GUARD_REFUSED for a committed run without consent;
 * SCOPE_BUSY while a process still works on the run, which is left alone; JOURNAL_UNWRITABLE.
 */
export async function rollbackFromRecord(
  request: {
    readonly url: string;
    readonly recorded: RecordedRun;
    readonly journalDirectory: string;
    readonly discardLaterWrites: boolean;
  },
  context: AppContext,
): Promise<WorkResult> {
  const { recorded, journalDirectory: directory } = request;
  const { row, snapshots } = recorded;
  assertCanGoBack(recorded, request.discardLaterWrites);
  await assertNobodyWorks(request.url, row, context);
  const path = `(${COMMAND})`;
  const vars = { [TYPED_TEXT]: planText({ command: COMMAND, steps: snapshots.map((info) => stepOf(info, row)) }) };
  const env = { ...context.env, DATABASE_URL: request.url };
  const { compiled, diagnostics } = await loadCompiled({ path, env, vars, purpose: 'run' });
  if (compiled === undefined) {
    throw new Fault('RUN_NOT_OPEN', `run ${row.run}: ${diagnostics[0]?.message ?? 'its record makes no sound plan'}`);
  }
  const { plan } = compiled;
  const { run } = row;
  const journal = await createJournal({
    directory,
    run,
    clock: context.clock,
    redact: (text) => redact(text, plan.secrets),
  });
  try {
    letHear(compiled, journal, context);
    const { name, digest } = plan;
    const facts = { run, plan_name: name, plan_path: path, plan_digest: digest, vars };
    await journal.append({ kind: 'run-opened', ...facts, tool_version: context.toolVersion });
    const text = `taken over from the server's record: ${recorded.summary}`;
    await journal.append({ kind: 'note', text, took_over: row.holder });
    for (const [at, info] of snapshots.entries()) await remember(journal, `steps/${plan.steps[at]?.id ?? ''}`, info);
    await journal.append({ kind: 'rollback-asked', because: 'a person asked for it, on another machine than the run' });
    return await workOnRun(compiled, journal, 'rollback', typedContext(compiled, context));
  } finally {
    await journal.close();
  }
}

/**
 * Closes the run's row on this server and touches no data: a person takes over. Who, and why, stands in the row then.
 *
 * @throws {Fault} RUN_NOT_OPEN; SCOPE_BUSY while a process still works on the run.
 */
export function closeFromRecord(
  url: string,
  { row }: RecordedRun,
  because: string,
  context: AppContext,
): Promise<void> {
  if (row.state !== 'open' && row.state !== 'stuck') throw new Fault('RUN_NOT_OPEN', `run ${row.run} is ${row.state}`);
  return whileLocked(url, row, context, async (engine) => {
    const by = `closed by ${holderOf(context)}: ${because}`;
    await engine.runs.setState(row.run, 'closed', context.signal, by);
  });
}

/** What makes a run quiet ends every session with its mark: those of a process that is alive, too. */
function assertNobodyWorks(url: string, row: RunRow, context: AppContext): Promise<void> {
  return whileLocked(url, row, context, () => Promise.resolve());
}

function whileLocked(
  url: string,
  { scope }: RunRow,
  context: AppContext,
  act: (engine: Engine) => Promise<void>,
): Promise<void> {
  return withEngine(url, context, async (engine) => {
    const lock = await lockPatiently(engine, scope, context);
    try {
      await act(engine);
    } finally {
      await lock.release();
    }
  });
}

/** A server may need a moment to notice that the connection of a killed process is gone. */
async function lockPatiently(engine: Engine, scope: Scope, context: AppContext): Promise<ScopeLock> {
  const { clock, signal } = context;
  const until = clock.nowMs() + LOCK_PATIENCE_MS;
  for (;;) {
    try {
      return await engine.lockScope(scope, holderOf(context), signal);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'SCOPE_BUSY' || clock.nowMs() >= until) throw error;
    }
    await clock.sleep(LOCK_RETRY_MS, signal);
  }
}

function chosen(rows: readonly RunRow[], wanted: string | undefined, { address }: Engine): RunRow {
  const isMeant = ({ run, state }: RunRow): boolean =>
    wanted === undefined ? state === 'open' || state === 'stuck' : run.startsWith(wanted.toLowerCase());
  const matching = rows.filter(isMeant);
  const [first, other] = matching;
  const what = wanted === undefined ? 'an open run' : `a run ${wanted}`;
  if (first === undefined) throw new Fault('RUN_UNKNOWN', `${address.host}:${address.port} has no record of ${what}`);
  if (wanted === undefined || other === undefined) return first;
  throw new Fault('RUN_UNKNOWN', `${wanted} could be ${matching.map(({ run }) => run).join(' or ')}`);
}

function assertCanGoBack({ row, snapshots }: RecordedRun, discardLaterWrites: boolean): void {
  if (row.state === 'rolled-back' || row.state === 'failed-clean' || row.state === 'closed') {
    throw new Fault('RUN_NOT_OPEN', `run ${row.run} is ${row.state}: there is nothing to take back`);
  }
  if (snapshots.length === 0) {
    throw new Fault('RUN_NOT_OPEN', `the server holds no snapshot of run ${row.run}: there is nothing to go back to`, {
      hint: `Look at the data, then \`snapback close ${row.run} --url .. --because TEXT\` lets other runs in.`,
    });
  }
  if (row.state !== 'committed' || discardLaterWrites) return;
  throw new Fault(
    'GUARD_REFUSED',
    `run ${row.run} was committed: whatever was written to its scope since would be lost`,
    {
      hint: 'If that is meant, add --discard-later-writes.',
    },
  );
}

/** A name that the run gave by itself makes the same step again, so that the snapshot goes at the proof as it would. */
function stepOf({ name, scope }: SnapshotInfo, { run }: RunRow): Readonly<Record<string, Json>> {
  const prefix = `sb_${run}_`;
  const id = name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
  const isOurs = id !== undefined && /^[a-z][a-z0-9_-]{0,40}$/.test(id);
  return { ...(isOurs ? { id } : {}), snapshot: { ...(isOurs ? {} : { name }), ...scopeYaml(scope) } };
}

async function remember(journal: Journal, action: string, info: SnapshotInfo): Promise<void> {
  await journal.append({ kind: 'action-intended', action, attempt: 1 });
  const { name, scope, takenAt } = info;
  const evidence = {
    kind: 'snapshot',
    name,
    scope: scopeLabel(scope),
    databases: databasesOf(scope),
    taken_at: takenAt,
    ...(info.tableCount === undefined ? {} : { table_count: info.tableCount }),
    ...(info.rowCount === undefined ? {} : { row_count: info.rowCount }),
  } as const;
  const outcome = { kind: 'succeeded', evidence } as const;
  await journal.append({ kind: 'action-settled', action, attempt: 1, outcome, duration_ms: 0 });
}

function scopeYaml(scope: Scope): Readonly<Record<string, Json>> {
  switch (scope.kind) {
    case 'cluster':
      return { cluster: true };
    case 'account':
      return { account: scope.account };
    case 'databases':
      return { databases: [...scope.databases] };
    case 'tables':
      return { tables: scope.tables.map(tableLabel) };
  }
}
