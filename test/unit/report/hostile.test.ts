// Names and values that would do something, or are far too long, in every format.

import { describe, expect, test } from 'vitest';
import { drawRun } from '../../../src/app/draw-plan.ts';
import {
  buildReport,
  renderHtml,
  renderJson,
  renderJunit,
  renderMarkdown,
  renderTerminal,
  type RunReport,
} from '../../../src/report/index.ts';
import { fault, JournalBuilder } from '../../support/journal-builder.ts';
import { HOSTILE, hostile } from '../../support/journals.ts';

const FORMATS = {
  html: renderHtml,
  json: renderJson,
  junit: renderJunit,
  markdown: renderMarkdown,
  svg: (report: RunReport) => drawRun(report, undefined) ?? '',
  terminal: (report: RunReport) => renderTerminal(report),
};
const names = Object.keys(FORMATS) as readonly (keyof typeof FORMATS)[];

/** Ten megabytes in every text that comes from outside. */
function huge(): RunReport {
  const cell = `${HOSTILE.html}${HOSTILE.command}\n`.repeat(180_000);
  const rows = { gone: 1, added: 0, changed: 0, is_exact: true, sample: [{ change: 'gone', key: cell }] } as const;
  const check = {
    check: 'query',
    subject: cell,
    passed: false,
    severity: 'error',
    expected: cell,
    found: cell,
  } as const;
  const difference = { object: 'table', name: cell, what: 'rows', expected: cell, found: cell, rows } as const;
  const { entries } = new JournalBuilder()
    .opened('huge', { vars: { evil: cell } })
    .intended('steps/migrate')
    .statement('steps/migrate', 0, { head: cell })
    .settled('steps/migrate', 5, { kind: 'failed', fault: fault('STATEMENT_FAILED', cell, cell), effect: 'none' })
    .failed('steps/check', 5, {
      fault: fault('CHECK_FAILED', cell),
      effect: 'none',
      evidence: { kind: 'verify', checks: [{ ...check, rows, differences: [difference] }] },
    })
    .did('auto/restore', 5, {
      kind: 'restore',
      snapshot: 's',
      table_count: 1,
      restored: [],
      row_count: 0,
      removed: [],
      destroyed: [difference],
      declared: [cell],
    })
    .failed('steps/program', 5, {
      fault: fault('PROGRAM_FAILED', cell),
      effect: 'unknown',
      evidence: { kind: 'run', exit_code: 1, signal: null, output_tail: cell },
    })
    .verdict('failed-clean', cell, 'steps/migrate');
  return buildReport(entries);
}

describe.each(names)('%s', (name) => {
  const text = FORMATS[name](buildReport(hostile().entries));

  test('holds no character that acts on a terminal or turns text around', () => {
    expect(text.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)).toEqual(null);
  });

  test('has no line that a CI log would obey', () => {
    expect(text.match(/^\s*::.*|##\[.*/m)).toEqual(null);
  });

  test('ten megabytes in every cell come out as two at most', () => {
    expect(Buffer.byteLength(FORMATS[name](huge()))).toBeLessThanOrEqual(2 * 1024 * 1024);
  });
});

test('the JSON report reads back as what was recorded', () => {
  const report = buildReport(hostile().entries);
  expect(JSON.parse(renderJson(report))).toEqual(JSON.parse(JSON.stringify(report)));
});
