import { describe, expect, test } from 'vitest';
import { buildReport, LiveTerminal, renderTerminal, type LiveOptions } from '../../../src/report/index.ts';
import { fault, JournalBuilder } from '../../support/journal-builder.ts';
import * as journals from '../../support/journals.ts';

/** An output that remembers what was written, and a clock that goes where it is told. */
class Screen {
  readonly isTty: boolean;
  readonly columns: number;
  readonly color = false;
  written = '';
  nowMs = 0;

  constructor({ isTty = false, columns = 80 } = {}) {
    this.isTty = isTty;
    this.columns = columns;
  }

  write(text: string): void {
    this.written += text;
  }

  /** What a person sees: a line that was wiped is gone. */
  get lines(): readonly string[] {
    return this.written.split('\n').map((line) => line.split('\r\u001b[2K').at(-1) ?? '');
  }

  terminal(options: Partial<LiveOptions> = {}): LiveTerminal {
    return new LiveTerminal({ output: this, clock: { nowMs: () => this.nowMs }, ...options });
  }
}

function play(terminal: LiveTerminal, { entries }: JournalBuilder): void {
  for (const entry of entries) terminal.onEntry(entry);
}

const endings = ['rolledBack', 'committed', 'stuck', 'hostile'] as const;

describe(LiveTerminal, () => {
  test.each(endings)('a run that is seen from its beginning looks as it is told afterwards: %s', (ending) => {
    const journal = journals[ending]();
    const screen = new Screen();
    const terminal = screen.terminal();
    play(terminal, journal);
    terminal.finish();
    expect(screen.written).toEqual(renderTerminal(buildReport(journal.entries)));
  });

  test.each(endings)('a terminal ends with the same lines as a plain output: %s', (ending) => {
    const screen = new Screen({ isTty: true });
    const terminal = screen.terminal();
    for (const entry of journals[ending]().entries) {
      terminal.onEntry(entry);
      terminal.tick();
    }
    terminal.finish();
    expect(screen.lines.join('\n')).toEqual(renderTerminal(buildReport(journals[ending]().entries)));
  });

  test('quiet prints what is true and what to type next, and nothing else', () => {
    const screen = new Screen({ isTty: true });
    const terminal = screen.terminal({ quiet: true });
    play(terminal, journals.rolledBack());
    terminal.tick();
    terminal.finish();
    expect(screen.written).toEqual(
      'Rolled back and proven: shop is as it was at 07:41:22 UTC. (exit 4)\n' +
        'The whole story: snapback report 7f3k --format html\n',
    );
  });

  test('the live line shows how far a copy is, how fast, and how long it will take', () => {
    const screen = new Screen({ isTty: true });
    const terminal = screen.terminal({ shape: journals.SHOP_SHAPE });
    play(terminal, new JournalBuilder().opened().intended('steps/before'));
    const seen = [0, 100_000, 322_000, 900_000].map((rowsDone, at) => {
      screen.nowMs = at * 1_500;
      terminal.onProgress('steps/before', { what: 'shop.orders', rowsDone, rowsTotal: 1_204_331 });
      terminal.tick();
      return screen.lines.at(-1);
    });
    expect(seen).toEqual([
      '  ⠙ before    0% of 1,204,331 rows, shop.orders                        0.0 s',
      '  ⠹ before    8% of 1,204,331 rows, 67,000 rows/s, 16.6 s left         1.5 s',
      '  ⠸ before    26% of 1,204,331 rows, 110,000 rows/s, 8.2 s left        3.0 s',
      '  ⠼ before    74% of 1,204,331 rows, 200,000 rows/s, 1.5 s left        4.5 s',
    ]);
  });

  test('the live line shows the statement under way, cut so that it never breaks', () => {
    const screen = new Screen({ isTty: true, columns: 60 });
    const terminal = screen.terminal({ shape: journals.SHOP_SHAPE });
    const journal = new JournalBuilder().opened().intended('steps/migrate');
    play(terminal, journal.statement('steps/migrate', 1, { head: 'ALTER TABLE orders ADD COLUMN currency CHAR(3)' }));
    terminal.tick();
    expect(screen.lines.at(-1)).toEqual('  ⠙ migrate   statement 2, sql/migrate.sql:4: AL…  0.0 s');
  });

  test('on an output that is no terminal a long step gives a sign of life every half minute', () => {
    const screen = new Screen();
    const terminal = screen.terminal({ shape: journals.SHOP_SHAPE });
    play(terminal, new JournalBuilder().opened().intended('steps/before'));
    for (screen.nowMs = 0; screen.nowMs <= 70_000; screen.nowMs += 1_000) terminal.tick();
    expect(screen.lines).toEqual([
      'add-order-currency   run 7f3k   shop on db1:3306, MariaDB 10.11',
      '',
      '  … before                                                            30.0 s',
      '  … before                                                            60.0 s',
      '',
    ]);
  });

  test('a retry, a note, sessions that were ended and an interruption get one line each', () => {
    const journal = new JournalBuilder()
      .opened()
      .add({ kind: 'quiet-reached', sessions_ended: 0, programs_ended: 0 })
      .intended('steps/migrate')
      .add({
        kind: 'attempt-failed',
        action: 'steps/migrate',
        attempt: 1,
        fault: fault('DEADLOCK', 'Deadlock found when trying to get lock'),
        delay_ms: 1_000,
      })
      .intended('steps/migrate', 2)
      .add({ kind: 'note', text: 'MariaDB 10.11 was 10.11.10 when the run began, it is 10.11.11 now' })
      .add({ kind: 'quiet-reached', sessions_ended: 2, programs_ended: 1 })
      .add({ kind: 'interrupted', fault: fault('INTERRUPTED', 'interrupted by SIGTERM') });
    const screen = new Screen();
    play(screen.terminal({ shape: journals.SHOP_SHAPE }), journal);
    expect(screen.lines.slice(2)).toEqual([
      '  ↻ migrate   attempt 1 failed with DEADLOCK; again after 1.0 s: Deadlock',
      '              found when trying to get lock',
      '  · note      MariaDB 10.11 was 10.11.10 when the run began, it is 10.11.11',
      '              now',
      '  · quiet     2 sessions and 1 program of earlier processes ended',
      '  ! stopped   interrupted by SIGTERM',
      '',
    ]);
  });

  test('a resume explains what is not done again, what is in doubt, and what is done again', () => {
    const journal = journals.interrupted();
    const earlier = [...journal.entries];
    const screen = new Screen();
    const terminal = screen.terminal({ shape: journals.SHOP_SHAPE, earlier });
    journal.attached('resume', 4_799).intended('steps/migrate', 2);
    for (const entry of journal.entries.slice(earlier.length)) terminal.onEntry(entry);
    expect(screen.lines).toEqual([
      'add-order-currency   run 7f3k   shop on db1:3306, MariaDB 10.11',
      '',
      '  · resume    process 4799 on ci-3 takes the run up',
      '  · before    snapshot of shop: 14 tables, 1,204,331 rows; recorded at',
      '              07:41:21 UTC, not done again',
      '  ? migrate   in doubt at sql/migrate.sql:4: no outcome was recorded; what',
      '              became of it is found out first',
      '  ↻ migrate   done again, attempt 2',
      '',
    ]);
  });

  test('what a program printed is not told again when it fails; told afterwards, it stands below', () => {
    const journal = new JournalBuilder().opened().failed('steps/change', 400, {
      fault: fault('PROGRAM_FAILED', 'npx exited with 1: no such table'),
      effect: 'unknown',
      evidence: { kind: 'run', exit_code: 1, signal: null, output_tail: 'applying\nno such table\n' },
    });
    const screen = new Screen();
    const terminal = screen.terminal();
    for (const entry of journal.entries) {
      terminal.onEntry(entry);
      if (entry.record.kind !== 'action-intended') continue;
      for (const line of ['applying', 'no such table']) terminal.onProgramLine(line);
    }
    const head = '  ✗ change    exit code 1                                              0.4 s';
    const said = ['      npx exited with 1: no such table', '      Whether it changed anything is not known.'];
    const afterwards = renderTerminal(buildReport(journal.entries)).split('\n').slice(2, 7);
    expect({ live: screen.lines.slice(2), afterwards }).toEqual({
      live: ['      | applying', '      | no such table', head, ...said, ''],
      afterwards: [head, ...said, '      │ applying', '      │ no such table'],
    });
  });

  test('a rollback that a person asked for says so, and then what the restore found', () => {
    const journal = journals.committed();
    const earlier = [...journal.entries];
    const screen = new Screen();
    const terminal = screen.terminal({ shape: journals.SHOP_SHAPE, earlier });
    journal
      .add({ kind: 'rollback-asked', because: 'a person asked for it' })
      .attached('rollback', 4_800)
      .did('auto/restore', 90, {
        kind: 'restore',
        snapshot: 'snapback_7f3k_before',
        table_count: 14,
        restored: ['shop.orders'],
        row_count: 300_000,
        removed: [],
        destroyed: [],
      })
      .verdict('rolled-back', 'Rolled back and proven: shop is as it was at 07:41:22 UTC.')
      .closed('rolled-back');
    for (const entry of journal.entries.slice(earlier.length)) terminal.onEntry(entry);
    terminal.finish();
    expect(screen.lines.slice(2)).toEqual([
      '  ↶ rollback  a person asked for it',
      '  · rollback  process 4800 on ci-3 takes the run up',
      '  ↶ rollback  1 of 14 tables differs: orders',
      '  ✓ restore   300,000 rows in 1 table                                  90 ms',
      '',
      'Rolled back and proven: shop is as it was at 07:41:22 UTC. (exit 0)',
      'The whole story: snapback report 7f3k --format html',
      '',
    ]);
  });
});
