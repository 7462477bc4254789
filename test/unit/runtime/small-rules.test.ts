import { describe, expect, test } from 'vitest';
import { Fault, systemClock, type RunId } from '../../../src/kernel/index.ts';
import { parseDurationMs, formatDuration } from '../../../src/kernel/duration.ts';
import { withDeadline } from '../../../src/runtime/deadline.ts';
import { asFailure, isStepFailure } from '../../../src/runtime/outcomes.ts';
import { union } from '../../../src/runtime/resolve-scope.ts';
import { delayBeforeNextMs } from '../../../src/runtime/retry.ts';
import { snapshotNameOf } from '../../../src/runtime/snapshot-name.ts';
import { headOf } from '../../../src/runtime/statements.ts';
import { common } from '../../support/plan-builder.ts';

const never = new AbortController().signal;

describe('retry', () => {
  const policy = { attempts: 4, delayMs: 100, on: ['deadlock'] } as const;

  test('waits twice as long before each further attempt, and no longer than a minute', () => {
    const patient = { ...policy, attempts: 99, delayMs: 1_000 };
    expect([1, 2, 3, 20].map((attempt) => delayBeforeNextMs(patient, attempt, 'DEADLOCK'))).toEqual([
      1_000, 2_000, 4_000, 60_000,
    ]);
  });

  test('ends with the last attempt, and never begins for a cause that the policy does not name', () => {
    expect([delayBeforeNextMs(policy, 4, 'DEADLOCK'), delayBeforeNextMs(policy, 1, 'LOCK_WAIT')]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('a deadline', () => {
  test('that passes turns the interruption that it caused into TIMEOUT', async () => {
    const work = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Fault('INTERRUPTED', 'the statement was ended')));
      });
    const failure = await withDeadline(5, systemClock, never, work).catch((problem: unknown) => problem);
    expect(failure).toEqual(new Fault('TIMEOUT', 'it took longer than its timeout of 5 ms'));
  });

  test("leaves the run's own interruption as it is", async () => {
    const run = new AbortController();
    const interruption = new Fault('INTERRUPTED', 'SIGINT arrived');
    const work = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(interruption));
        run.abort(interruption);
      });
    const failure = await withDeadline(60_000, systemClock, run.signal, work).catch((problem: unknown) => problem);
    expect(failure).toEqual(interruption);
  });

  test('that does not pass changes nothing', async () => {
    expect(await withDeadline(60_000, systemClock, never, async () => 'done')).toEqual('done');
  });
});

describe('a fault', () => {
  test.each(['CHECK_FAILED', 'STATEMENT_FAILED', 'SNAPSHOT_MISSING', 'UNKNOWN_DATABASE'] as const)(
    '%s is how a step failed',
    (code) => expect(isStepFailure(new Fault(code, 'so'))).toEqual(true),
  );

  test.each(['CONNECTION_LOST', 'INTERRUPTED', 'JOURNAL_UNWRITABLE', 'SCOPE_BUSY', 'NOT_QUIET'] as const)(
    '%s never becomes an outcome: it stops the process and leaves the run open',
    (code) => {
      const fault = new Fault(code, 'so');
      expect(() => asFailure(fault, 'none')).toThrow(fault);
    },
  );
});

describe('a snapshot without a name of its own', () => {
  test('carries its run, so that it can only be this run’s', () => {
    const step = { id: common('Before').id, name: undefined };
    expect(snapshotNameOf(step, 'abc123def456' as RunId)).toEqual('sb_abc123def456_before');
  });

  test('stays within 64 characters and apart from others, however long its step is called', () => {
    const names = ['a'.repeat(64), `${'a'.repeat(63)}b`].map((id) =>
      snapshotNameOf({ id: common(id).id, name: undefined }, 'abc123def456' as RunId),
    );
    expect({ short: names.every((name) => name.length <= 64), apart: names[0] !== names[1] }).toEqual({
      short: true,
      apart: true,
    });
  });
});

describe('the scope of a run', () => {
  const shop = { kind: 'databases', databases: ['shop'] } as const;

  test('is the union of its snapshots: tables and databases widen to databases', () => {
    const tables = { kind: 'tables', tables: [{ database: 'billing', table: 'invoices' }] } as const;
    expect(union(shop, tables)).toEqual({ kind: 'databases', databases: ['billing', 'shop'] });
  });

  test('is the account or the cluster where any snapshot covers it', () => {
    expect([union(shop, { kind: 'account', account: 'acc1' }), union({ kind: 'cluster' }, shop)]).toEqual([
      { kind: 'account', account: 'acc1' },
      { kind: 'cluster' },
    ]);
  });
});

describe('durations', () => {
  test.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
  ])('%s is read as %i ms', (text, ms) => expect(parseDurationMs(text)).toEqual({ kind: 'ok', value: ms }));

  test.each(['', '10', 'm', '10 m', '1x'])('`%s` is refused', (text) => {
    expect(parseDurationMs(text).kind).toEqual('err');
  });

  test('are shown short', () => {
    expect([400, 12_000, 185_000, 3_720_000].map(formatDuration)).toEqual(['0.4 s', '12.0 s', '3 m 05 s', '1 h 02 m']);
  });
});

test('the head of a statement is one line of at most 200 characters', () => {
  expect([headOf('SELECT\n  1'), headOf('x'.repeat(500)).length]).toEqual(['SELECT 1', 200]);
});
