import { expect, test } from 'vitest';
import { buildReport, HTML_BYTES_MAX, renderHtml, renderJunit, renderMarkdown } from '../../../src/report/index.ts';
import { fault, JournalBuilder } from '../../support/journal-builder.ts';

/** Steps of three statements, every hundredth of them a check; the last one fails. */
function longRun(stepCount: number): JournalBuilder {
  const journal = new JournalBuilder('7f3k').opened('long');
  const found = { check: 'query', passed: true, severity: 'error', expected: 'none', found: 'none' } as const;
  for (let at = 0; at < stepCount; at += 1) {
    const action = `steps/load-${at}`;
    if (at % 100 === 99) {
      const check = { ...found, subject: `nothing is lost ${at}` };
      journal.did(action, 5, { kind: 'verify', checks: [check] });
      continue;
    }
    journal.intended(action);
    const head = `UPDATE orders SET total_cents = total_cents + ${at} WHERE ${'customer_id > 0 AND '.repeat(8)} id > 0`;
    for (let index = 0; index < 3; index += 1) journal.statement(action, index, { head, rows: 1, durationMs: 1 });
    const evidence = { kind: 'sql', statement_count: 3, rows_affected: 3, is_transaction: false } as const;
    journal.settled(action, 5, { kind: 'succeeded', evidence });
  }
  const evidence = { kind: 'verify', checks: [{ ...found, subject: 'the last', passed: false }] } as const;
  return journal.failed('steps/last', 5, { fault: fault('CHECK_FAILED', 'failed'), effect: 'none', evidence });
}

const report = buildReport(longRun(1_000).entries);

test('the page of a run of a thousand steps fits, folds what went well and says what it leaves out', () => {
  const page = renderHtml(report);
  expect(Buffer.byteLength(page)).toBeLessThanOrEqual(HTML_BYTES_MAX);
  expect([...page.matchAll(/<h3>([^<]+)<\/h3>/g)].map(([, title]) => title)).toEqual(['1,000 steps', 'last']);
  expect([...page.matchAll(/and ([\d,]+) more in the JSON report/g)].map(([, count]) => count)).toEqual(['970']);
});

test('its other formats stay small too', () => {
  expect(Buffer.byteLength(renderJunit(report))).toBeLessThanOrEqual(1024 * 1024);
  expect(Buffer.byteLength(renderMarkdown(report))).toBeLessThanOrEqual(1024 * 1024);
});

test('a page is cut to whatever size is asked for, and keeps its verdict', () => {
  const page = renderHtml(report, { bytesMax: 60_000 });
  expect(Buffer.byteLength(page)).toBeLessThanOrEqual(60_000);
  const headline = /<h1[^>]*>(.+?)<\/h1>/s.exec(page)?.[1] ?? '';
  expect(headline.replaceAll(/<[^>]+>/g, '')).toEqual(report.sentence);
});
