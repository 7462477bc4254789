// In a transaction, the marker row decides what happened: it is the transaction's first statement, so a rerun waits for
// the old transaction and learns how it ended. Outside of one, each statement has its own intent and outcome.

import type { Session } from '../../engines/index.ts';
import type { StatementState } from '../../journal/index.ts';
import { Fault, type StepOutcome } from '../../kernel/index.ts';
import type { SqlStep } from '../../plan/index.ts';
import { asFailure, isStepFailure, succeeded } from '../outcomes.ts';
import { assertGoingOn } from '../deadline.ts';
import type { ActionScope } from '../ports.ts';
import { carriesSessionState, headOf, isPlainChange, statementsOf, type PlacedStatement } from '../statements.ts';
import type { Finding, StepDriver } from '../step-driver.ts';

const GUARD_SAVEPOINT = 'snapback_guard';

export const sqlDriver: StepDriver<'sql'> = {
  async execute(step, scope) {
    const statements = statementsOf(step, scope);
    const database = databaseOf(step, scope);
    const done = scope.ports.history().statements.get(scope.key)?.settledCount ?? 0;
    let isTransaction = false;
    try {
      isTransaction = done === 0 && (await wantsTransaction(step, statements, scope));
    } catch (problem) {
      return asFailure(problem, 'none');
    }
    if (isTransaction) await scope.target.engine.markers.prepare(scope.signal);
    let session: Session;
    try {
      session = await scope.target.engine.openSession(`statements of ${step.id}`, database, scope.signal);
    } catch (problem) {
      return asFailure(problem, 'none');
    }
    try {
      if (isTransaction) return await inTransaction(step, statements, session, scope);
      return await oneByOne(step, statements, session, scope, done);
    } finally {
      await session.close();
    }
  },

  async probe(step, scope): Promise<Finding> {
    const seen = scope.ports.history().statements.get(scope.key);
    if (seen === undefined) return { kind: 'not-done', why: 'no statement of it had been sent' };
    if (seen.isTransaction || (seen.isSupposed && (await wasTransaction(step, seen, scope)))) {
      return probeMarker(step, scope);
    }
    if (seen.settledCount > 0 && carriesSessionState(statementsOf(step, scope).slice(0, seen.settledCount))) {
      return { kind: 'unknowable', why: 'what its first statements set in their session ended with that session' };
    }
    if (seen.inDoubt === undefined)
      return { kind: 'not-done', why: `its first ${seen.settledCount} statements are done` };
    const statement = statementsOf(step, scope)[seen.inDoubt];
    const head = statement === undefined ? '' : `: ${headOf(statement.text).slice(0, 80)}`;
    return { kind: 'unknowable', why: `statement ${seen.inDoubt + 1} was sent and never answered${head}` };
  },
};

function databaseOf(step: SqlStep, { target: { engine } }: ActionScope): string | undefined {
  return step.database ?? engine.address.database;
}

async function wantsTransaction(
  step: SqlStep,
  statements: readonly PlacedStatement[],
  scope: ActionScope,
): Promise<boolean> {
  if (step.transaction === 'no') return false;
  const can = await scope.target.engine.canRunInTransaction(statements, databaseOf(step, scope), scope.signal);
  if (can || step.transaction === 'auto') return can;
  throw new Fault(
    'STATEMENT_FAILED',
    'it asks for a transaction, and not all of its statements can be undone by ROLLBACK',
    {
      hint: 'Move what commits by itself (DDL, CALL, MyISAM) to a step of its own, or leave `transaction` out.',
    },
  );
}

/** Whether a statement that nobody is sure of can only have been one of a transaction: then its marker tells. */
async function wasTransaction(step: SqlStep, seen: StatementState, scope: ActionScope): Promise<boolean> {
  if (seen.settledCount > 0 || step.transaction === 'no') return false;
  if (step.transaction === 'yes') return true; // Had it not been possible, nothing would have been sent.
  return scope.target.engine.canRunInTransaction(statementsOf(step, scope), databaseOf(step, scope), scope.signal);
}

async function inTransaction(
  step: SqlStep,
  statements: readonly PlacedStatement[],
  session: Session,
  scope: ActionScope,
): Promise<StepOutcome> {
  const { engine } = scope.target;
  const { signal, key } = scope;
  let rowsAffected = 0;
  let effect: 'none' | 'some' = 'none';
  await scope.ports.append(intent(statements[0], { key, index: 0, isAlone: false }));
  try {
    await scope.effect.assertLocked();
    await session.query('START TRANSACTION', { signal });
    const claim = await engine.markers.claim(session, scope.ports.run, key, signal);
    if (claim === 'already-there') {
      await session.query('ROLLBACK', { signal });
      return evidenceOf(statements.length, 0, true);
    }
    if (!engine.capabilities.hasTransactionalDdl) await session.query(`SAVEPOINT ${GUARD_SAVEPOINT}`, { signal });
    for (const [index, statement] of statements.entries()) {
      rowsAffected += await perform({ step, statement, index, session, scope });
    }
    effect = 'some'; // Without its savepoint, the transaction has been committed behind our back.
    if (!engine.capabilities.hasTransactionalDdl) await assertSavepoint(session, signal);
    effect = 'none';
    await session.query('COMMIT', { signal });
  } catch (problem) {
    if (!isStepFailure(problem)) throw problem;
    await session.query('ROLLBACK');
    return asFailure(problem, effect);
  }
  return evidenceOf(statements.length, rowsAffected, true);
}

/** An implicit commit inside a transaction takes its savepoints with it: then "all or nothing" was not kept. */
async function assertSavepoint(session: Session, signal: AbortSignal): Promise<void> {
  try {
    await session.query(`RELEASE SAVEPOINT ${GUARD_SAVEPOINT}`, { signal });
  } catch (problem) {
    if (!(problem instanceof Fault) || problem.code !== 'STATEMENT_FAILED') throw problem;
    throw new Fault('STATEMENT_FAILED', 'a statement committed implicitly inside the transaction of this step', {
      hint: 'Write `transaction: no` on the step, or move the statement to a step of its own.',
      cause: problem,
    });
  }
}

async function oneByOne(
  step: SqlStep,
  statements: readonly PlacedStatement[],
  session: Session,
  scope: ActionScope,
  done: number,
): Promise<StepOutcome> {
  let rowsAffected = 0;
  for (const [index, statement] of statements.entries()) {
    if (index < done) continue;
    try {
      await scope.effect.assertLocked();
      await scope.ports.append(intent(statement, { key: scope.key, index, isAlone: true }));
      rowsAffected += await perform({ step, statement, index, session, scope });
    } catch (problem) {
      return asFailure(problem, index === 0 && isPlainChange(statement) ? 'none' : 'some');
    }
  }
  return evidenceOf(statements.length, rowsAffected, false);
}

interface Performance {
  readonly step: SqlStep;
  readonly statement: PlacedStatement;
  readonly index: number;
  readonly session: Session;
  readonly scope: ActionScope;
}

async function perform({ step, statement, index, session, scope }: Performance): Promise<number> {
  const startedMs = scope.ports.clock.nowMs();
  const params = step.params === undefined ? {} : { params: step.params };
  try {
    const { rowsAffected } = await session.query(statement.text, { signal: scope.signal, ...params });
    // MySQL ends some killed statements with success: after an abort, success proves nothing.
    assertGoingOn(scope.signal);
    const durationMs = scope.ports.clock.nowMs() - startedMs;
    await scope.ports.append({
      kind: 'statement-settled',
      action: scope.key,
      index,
      rows_affected: rowsAffected,
      duration_ms: durationMs,
    });
    return rowsAffected;
  } catch (problem) {
    if (!isStepFailure(problem)) throw problem;
    throw new Fault(problem.code, `${statement.place}: ${problem.message}`, { hint: problem.hint, cause: problem });
  }
}

async function probeMarker(step: SqlStep, scope: ActionScope): Promise<Finding> {
  const { engine } = scope.target;
  await engine.markers.prepare(scope.signal);
  const session = await engine.openSession(`probe of ${step.id}`, undefined, scope.signal);
  try {
    await session.query('START TRANSACTION', { signal: scope.signal });
    const claim = await engine.markers.claim(session, scope.ports.run, scope.key, scope.signal);
    await session.query('ROLLBACK', { signal: scope.signal });
    if (claim === 'claimed') return { kind: 'not-done', why: 'its transaction was not committed' };
    const count = statementsOf(step, scope).length;
    return { kind: 'done', outcome: evidenceOf(count, rowsSettled(scope), true) };
  } finally {
    await session.close();
  }
}

function rowsSettled({ ports, key }: ActionScope): number {
  return ports.history().statements.get(key)?.rowsAffected ?? 0;
}

function intent(statement: PlacedStatement | undefined, at: { key: string; index: number; isAlone: boolean }) {
  return {
    kind: 'statement-intended',
    action: at.key,
    index: at.index,
    at: statement?.place ?? '',
    head: statement === undefined ? '' : headOf(statement.text),
    is_alone: at.isAlone,
  } as const;
}

function evidenceOf(count: number, rowsAffected: number, isTransaction: boolean): StepOutcome {
  return succeeded({ kind: 'sql', statement_count: count, rows_affected: rowsAffected, is_transaction: isTransaction });
}
