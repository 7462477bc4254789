import { describe, expect, test } from 'vitest';
import { buildReport, type RunReport } from '../../../src/report/index.ts';
import { TimeScale } from '../../../src/report/time-scale.ts';
import { fault, JournalBuilder } from '../../support/journal-builder.ts';

const DONE = { kind: 'sql', statement_count: 1, rows_affected: 0, is_transaction: true } as const;

const report = ({ entries }: JournalBuilder): RunReport => buildReport(entries);

describe(TimeScale, () => {
  test('shows each attempt of an action and the waits between them', () => {
    const journal = new JournalBuilder('7f3k').opened('retries', { server: null });
    journal.add({ kind: 'action-intended', action: 'steps/fill', attempt: 1 });
    const lock = fault('LOCK_WAIT', 'a lock');
    journal.add({ kind: 'attempt-failed', action: 'steps/fill', attempt: 1, fault: lock, delay_ms: 2_000 }, 1_000);
    journal.add({ kind: 'action-intended', action: 'steps/fill', attempt: 2 }, 2_000);
    journal.settled('steps/fill', 1_000, { kind: 'succeeded', evidence: DONE }, 2);
    const told = report(journal);
    expect(told.actions.map((action) => new TimeScale(told).segmentsOf(action))).toEqual([
      [
        { kind: 'failed', left: 0, width: 25 },
        { kind: 'wait', left: 25, width: 50 },
        { kind: 'work', left: 75, width: 25 },
      ],
    ]);
  });

  test('cuts short the time in which nobody worked', () => {
    const day = 24 * 3_600_000;
    const journal = new JournalBuilder('7f3k').opened('resumed', { server: null });
    journal.intended('steps/one').settled('steps/one', 4_799, { kind: 'succeeded', evidence: DONE });
    journal.add({ kind: 'process-attached', pid: 2, host: 'ci-4', because: 'resume' }, day);
    journal.intended('steps/two').settled('steps/two', 4_799, { kind: 'succeeded', evidence: DONE });
    const told = report(journal);
    const widths = told.actions.map((action) => new TimeScale(told).segmentsOf(action).map(({ width }) => width));
    expect(widths.flat().map(Math.round)).toEqual([48, 48]);
  });

  test('an action that is under way lasts until the last word of the journal', () => {
    const journal = new JournalBuilder('7f3k').opened('open', { server: null }).intended('steps/one');
    journal.add({ kind: 'note', text: 'still there' }, 1_000);
    const told = report(journal);
    const [one] = told.actions;
    const segments = one === undefined ? [] : new TimeScale(told).segmentsOf(one);
    expect(segments.map(({ kind, left, width }) => [kind, Math.round(left + width)])).toEqual([['work', 100]]);
  });
});
