import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { buildReport, renderJson, type RunReport } from '../../../src/report/index.ts';
import { fault, JournalBuilder } from '../../support/journal-builder.ts';
import * as journals from '../../support/journals.ts';

const report = ({ entries }: JournalBuilder): RunReport => buildReport(entries, journals.SHOP_SHAPE);
const states = ({ actions }: RunReport): readonly string[] => actions.map(({ title, state }) => `${title}: ${state}`);

describe(buildReport, () => {
  test('a run that was rolled back has its verdict, its promise and everything that the restore destroyed', () => {
    const { actions, ...rest } = report(journals.rolledBack());
    expect(rest).toEqual({
      version: 1,
      run: '7f3k',
      plan: {
        name: 'add-order-currency',
        path: '/srv/plans/add-order-currency.yaml',
        digest: '20425373d278cebeb218385507af53b964d12fa361fd2f44c9ae2dc269775d10',
        vars: {},
      },
      tool_version: '0.1.0',
      servers: [
        {
          target: 'main',
          label: 'MariaDB 10.11',
          host: 'db1',
          port: 3306,
          version: '10.11.11-MariaDB',
          database: 'shop',
        },
      ],
      started_at: '2026-01-31T07:41:20.000Z',
      ended_at: '2026-01-31T07:41:37.431Z',
      duration_ms: 17_431,
      verdict: 'rolled-back',
      direction: null,
      exit_code: 4,
      sentence: 'Rolled back and proven: shop is as it was at 07:41:22 UTC.',
      promise: 'a step failed; rolled back and proven: as before the run',
      failed_action: 'steps/check',
      needs_person_at: null,
      destroyed: [
        {
          action: 'auto/restore',
          object: 'table',
          name: 'shop.orders',
          what: 'rows',
          expected: '300,000 rows',
          found: '299,987 rows',
          rows: { gone: 13, added: 0, changed: 299_987, is_exact: true, sample: [] },
        },
        {
          action: 'auto/restore',
          object: 'table',
          name: 'shop.orders',
          what: 'definition',
          expected: '5 columns',
          found: '6 columns',
        },
      ],
      interruptions: [],
      rollbacks_asked: [],
      processes: [{ time: '2026-01-31T07:41:20.000Z', pid: 4711, host: 'ci-3', because: 'run' }],
      quiet: [],
      notes: [],
      closed_because: null,
      next: [{ label: 'The whole story', command: 'snapback report 7f3k --format html' }],
      journal: {
        record_count: 25,
        last_time: '2026-01-31T07:41:37.431Z',
        last_hash: journals.rolledBack().entries.at(-1)?.hash,
      },
    });
    expect(states({ ...rest, actions })).toEqual([
      'before: succeeded',
      'migrate: succeeded',
      'check: failed',
      'restore: succeeded',
      'proof: succeeded',
      'release: succeeded',
    ]);
  });

  test('an action has its statements, its times and its evidence', () => {
    expect(report(journals.interrupted()).actions[1]).toEqual({
      action: 'steps/migrate',
      title: 'migrate',
      kind: 'sql',
      phase: 'steps',
      state: 'in-doubt',
      attempts: 1,
      started_at: '2026-01-31T07:41:21.914Z',
      ended_at: null,
      duration_ms: null,
      fault: null,
      effect: null,
      settled_by_person: null,
      failed_attempts: [],
      statements: [
        {
          index: 0,
          at: 'sql/migrate.sql:1',
          head: 'CREATE TABLE currencies (code CHAR(3) PRIMARY KEY)',
          is_alone: true,
          started_at: '2026-01-31T07:41:21.915Z',
          state: 'done',
          rows_affected: 0,
          duration_ms: 31,
        },
        {
          index: 1,
          at: 'sql/migrate.sql:4',
          head: 'ALTER TABLE orders ADD COLUMN currency CHAR(3)',
          is_alone: true,
          started_at: '2026-01-31T07:41:21.947Z',
          state: 'in-doubt',
          rows_affected: null,
          duration_ms: null,
        },
      ],
      evidence: null,
    });
  });

  test('statements of a transaction that failed are told as undone', () => {
    const journal = new JournalBuilder()
      .opened()
      .intended('steps/migrate')
      .statement('steps/migrate', 0, { head: 'INSERT ..', rows: 3, durationMs: 2, isAlone: false })
      .statement('steps/migrate', 1, { head: 'DELETE ..', isAlone: false })
      .settled('steps/migrate', 5, { kind: 'failed', fault: fault('STATEMENT_FAILED', 'no'), effect: 'none' });
    const [action] = buildReport(journal.entries).actions;
    expect(action?.statements.map(({ state }) => state)).toEqual(['undone', 'failed']);
  });

  test('a run that is open between two actions knows its way, or says that it does not', () => {
    const ways = [journals.migrated(), journals.checkFailed(), journals.interrupted()].map(report);
    expect(ways.map(({ direction, exit_code, sentence }) => ({ direction, exit_code, sentence }))).toEqual([
      { direction: 'forward', exit_code: null, sentence: 'Open, going forward: between two actions.' },
      { direction: null, exit_code: null, sentence: 'Open: between two actions.' },
      {
        direction: 'forward',
        exit_code: 6,
        sentence:
          'Open, going forward: interrupted by SIGINT while the server was still at work. ' +
          'What became of migrate is not recorded.',
      },
    ]);
  });

  test('a run that only a person can settle says which step, and how', () => {
    const journal = new JournalBuilder().opened().intended('steps/migrate');
    journal.add({ kind: 'interrupted', fault: fault('STEP_IN_DOUBT', 'migrate is in doubt: it is not idempotent') });
    const { exit_code, needs_person_at, next } = buildReport(journal.entries);
    expect({ exit_code, needs_person_at, next }).toEqual({
      exit_code: 7,
      needs_person_at: 'steps/migrate',
      next: [
        { label: 'Say what happened', command: 'snapback resume 7f3k --settle migrate=done|undone' },
        { label: 'Go back', command: 'snapback rollback 7f3k' },
        { label: 'Take over by hand', command: 'snapback close 7f3k --because TEXT' },
        { label: 'The whole story', command: 'snapback report 7f3k --format html' },
      ],
    });
  });

  test('a run that never began has the exit code of what was in its way', () => {
    const because = 'nobody answers at db1:3306';
    const journal = new JournalBuilder()
      .opened('nightly', { server: null })
      .add({ kind: 'interrupted', fault: fault('SERVER_UNREACHABLE', because) })
      .closed('failed-clean', because);
    const { verdict, exit_code, sentence, promise } = buildReport(journal.entries);
    expect({ verdict, exit_code, sentence, promise }).toEqual({
      verdict: 'failed-clean',
      exit_code: 9,
      sentence: 'Nothing was changed.',
      promise: 'server unreachable or login refused before any effect: untouched',
    });
  });

  test('a server that is gone in the middle of a run is no promise that nothing was touched', () => {
    const journal = journals.migrated().add({ kind: 'interrupted', fault: fault('SERVER_UNREACHABLE', 'gone') });
    expect(buildReport(journal.entries).exit_code).toEqual(6);
  });

  test('a stuck run that is taken up again is open until it has another verdict', () => {
    const journal = journals.stuck().attached('resume', 4_800).intended('auto/restore', 2);
    const { verdict, direction, ended_at } = buildReport(journal.entries);
    expect({ verdict, direction, ended_at }).toEqual({ verdict: 'open', direction: 'back', ended_at: null });
  });

  test('a process that takes a committed run up and does nothing changes nothing', () => {
    const { verdict } = buildReport(journals.committed().attached('rollback', 4_800).entries);
    expect(verdict).toEqual('committed');
  });

  test('a rollback that was asked for and proven is a success', () => {
    const journal = journals.committed().add({ kind: 'rollback-asked', because: 'a person asked for it' });
    journal.attached('rollback', 4_800).verdict('rolled-back', 'Rolled back and proven.');
    const { exit_code, promise } = buildReport(journal.entries);
    expect({ exit_code, promise }).toEqual({
      exit_code: 0,
      promise: 'rolled back as asked, and proven: as before the run',
    });
  });

  test('a run that a person closed says why', () => {
    const { verdict, sentence, exit_code } = buildReport(journals.stuck().closed('closed', 'restored by hand').entries);
    expect({ verdict, sentence, exit_code }).toEqual({
      verdict: 'closed',
      sentence: 'Closed by a person: restored by hand.',
      exit_code: 0,
    });
  });

  test('every prefix of a journal has a report', () => {
    const { entries } = journals.rolledBack();
    const verdicts = entries.map((_, at) => buildReport(entries.slice(0, at + 1)).verdict);
    expect(verdicts).toEqual([...Array<string>(21).fill('open'), ...Array<string>(4).fill('rolled-back')]);
  });
});

describe('schemas/report.v1.schema.json', () => {
  const runs = { ...journals };
  const names = ['rolledBack', 'committed', 'failedClean', 'stuck', 'interrupted', 'hostile', 'migrated', 'everything'];
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(
    closed(JSON.parse(readFileSync('schemas/report.v1.schema.json', 'utf8'))) as object,
  );

  test.each(names)('describes every field of a report: %s', (name) => {
    const journal = name === 'everything' ? everything() : runs[name as 'rolledBack']();
    validate(JSON.parse(renderJson(report(journal))));
    expect(validate.errors).toEqual(null);
  });

  test('refuses a report with a field that it does not know', () => {
    expect(validate({ ...report(journals.committed()), mood: 'good' })).toEqual(false);
  });
});

/** The published schema lets fields be added later; here none may be missing from it. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== 'object') return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return 'properties' in inner && inner['type'] === 'object' ? { ...inner, additionalProperties: false } : inner;
}

/** A run with every kind of record and evidence that the others lack. */
function everything(): JournalBuilder {
  return new JournalBuilder()
    .opened('all', { vars: { currency: 'EUR' } })
    .add({ kind: 'note', text: 'a new version' })
    .add({ kind: 'quiet-reached', sessions_ended: 1, programs_ended: 0 })
    .failed('steps/tool', 5, {
      fault: fault('PROGRAM_FAILED', 'it failed'),
      effect: 'unknown',
      evidence: { kind: 'run', exit_code: null, signal: 'SIGKILL', output_tail: 'boom' },
    })
    .intended('steps/migrate')
    .add({ kind: 'attempt-failed', action: 'steps/migrate', attempt: 1, fault: fault('DEADLOCK', 'x'), delay_ms: 10 })
    .add({ kind: 'settled-by-person', action: 'steps/migrate', as: 'done' })
    .did('undo/tool/1', 0, { kind: 'nothing', why: 'tool had not begun' })
    .did('rollback/1', 3, { kind: 'sql', statement_count: 1, rows_affected: 0, is_transaction: true })
    .add({ kind: 'rollback-asked', because: 'a person asked for it' })
    .add({ kind: 'interrupted', fault: fault('INTERRUPTED', 'SIGTERM') });
}
