import { describe, expect, test } from 'vitest';
import { RunFold, type JournalRecord, type RunState } from '../../../src/journal/index.ts';
import type { RunId, StepOutcome } from '../../../src/kernel/index.ts';

const OPENED: JournalRecord = {
  kind: 'run-opened',
  run: 'abc123def456' as RunId,
  plan_name: 'nightly',
  plan_path: '/plans/nightly.yaml',
  plan_digest: 'd'.repeat(64),
  vars: {},
  tool_version: '0.1.0',
};
const done: StepOutcome = { kind: 'succeeded', evidence: { kind: 'nothing', why: 'told to' } };
const intended = (action: string, attempt = 1): JournalRecord => ({ kind: 'action-intended', action, attempt });
const settled = (action: string): JournalRecord => ({
  kind: 'action-settled',
  action,
  attempt: 1,
  outcome: done,
  duration_ms: 5,
});
const sent = (index: number, isAlone = true): JournalRecord => ({
  kind: 'statement-intended',
  action: 'steps/migrate',
  index,
  at: 'plan:1',
  head: 'ALTER ..',
  is_alone: isAlone,
});
const ended = (index: number): JournalRecord => ({
  kind: 'statement-settled',
  action: 'steps/migrate',
  index,
  rows_affected: 7,
  duration_ms: 5,
});

function fold(...records: readonly JournalRecord[]): RunState {
  const all = new RunFold();
  [OPENED, ...records].forEach((record, index) => {
    all.add({ sequence: index + 1, time: '2026-01-31T07:41:22.000Z', record, hash: '' });
  });
  const state = all.state();
  if (state === undefined) throw new Error('a journal begins with run-opened');
  return state;
}

describe('an action', () => {
  test('is in doubt from its intent to its outcome', () => {
    const before = fold(intended('steps/migrate'));
    const after = fold(intended('steps/migrate'), settled('steps/migrate'));
    expect([[...before.inDoubt.keys()], [...after.inDoubt.keys()], [...after.settled.keys()]]).toEqual([
      ['steps/migrate'],
      [],
      ['steps/migrate'],
    ]);
  });

  test('sent alone, its statement is in doubt until it is answered, and the next one begins where it ended', () => {
    expect([
      fold(sent(0), ended(0), sent(1)).statements.get('steps/migrate'),
      fold(sent(0), ended(0)).statements.get('steps/migrate'),
    ]).toEqual([
      { settledCount: 1, inDoubt: 1, isSupposed: false, isTransaction: false, rowsAffected: 7 },
      { settledCount: 1, inDoubt: undefined, isSupposed: false, isTransaction: false, rowsAffected: 7 },
    ]);
  });

  test('is answered for by a person statement by statement, and as a whole where no statement is in doubt', () => {
    const answer = (as: 'done' | 'undone'): JournalRecord => ({
      kind: 'settled-by-person',
      action: 'steps/migrate',
      as,
    });
    const answered = (...records: readonly JournalRecord[]) => {
      const { statements, settledByPerson } = fold(intended('steps/migrate'), ...records);
      const { settledCount, inDoubt } = statements.get('steps/migrate') ?? {};
      return { settledCount, inDoubt, whole: settledByPerson.get('steps/migrate') };
    };
    expect([
      answered(sent(0), ended(0), sent(1), answer('done')),
      answered(sent(0), ended(0), sent(1), answer('undone')),
      answered(answer('done')),
    ]).toEqual([
      { settledCount: 2, inDoubt: undefined, whole: undefined },
      { settledCount: 1, inDoubt: undefined, whole: undefined },
      { settledCount: undefined, inDoubt: undefined, whole: 'done' },
    ]);
  });

  test('in a transaction, the marker row decides and no statement is in doubt by itself', () => {
    expect(fold(sent(0, false)).statements.get('steps/migrate')).toEqual({
      settledCount: 0,
      inDoubt: undefined,
      isSupposed: false,
      isTransaction: true,
      rowsAffected: 0,
    });
  });
});

test('after a torn tail was cut, the next statement of an action in doubt, or the next action, counts as begun', () => {
  const cut: JournalRecord = { kind: 'note', text: 'a torn last record was cut off', cut_at_byte: 100 };
  const inside = fold(intended('steps/migrate'), sent(0), ended(0), cut);
  const between = fold(settled('steps/before'), cut);
  const later = fold(settled('steps/before'), cut, intended('steps/migrate'));
  expect([inside.statements.get('steps/migrate')?.inDoubt, between.isTailCut, later.isTailCut]).toEqual([
    1,
    true,
    false,
  ]);
});

describe('a run', () => {
  test('is open until it is closed', () => {
    const verdict: JournalRecord = {
      kind: 'verdict-reached',
      verdict: 'committed',
      failed_action: undefined,
      sentence: 'Committed.',
    };
    const open = fold(verdict);
    const closed = fold(verdict, { kind: 'run-closed', verdict: 'committed', because: undefined });
    expect([open.isClosed, open.verdict, closed.isClosed, closed.verdict]).toEqual([
      false,
      'committed',
      true,
      'committed',
    ]);
  });

  test('asked to go back again, keeps what its steps did and begins its way back anew', () => {
    const again = fold(
      settled('steps/before'),
      settled('auto/restore'),
      { kind: 'run-closed', verdict: 'stuck', because: undefined },
      { kind: 'rollback-asked', because: 'a stuck run was resumed' },
    );
    expect({ settled: [...again.settled.keys()], isClosed: again.isClosed, verdict: again.verdict }).toEqual({
      settled: ['steps/before'],
      isClosed: false,
      verdict: undefined,
    });
  });
});
