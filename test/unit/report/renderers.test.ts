import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  buildReport,
  fitSummary,
  renderEvent,
  renderHtml,
  renderJunit,
  renderMarkdown,
  writeReport,
  type RunReport,
} from '../../../src/report/index.ts';
import { JournalBuilder } from '../../support/journal-builder.ts';
import * as journals from '../../support/journals.ts';

const EXPECTED = '../../fixtures/reports';
const report = ({ entries }: JournalBuilder): RunReport => buildReport(entries, journals.SHOP_SHAPE);
const endings = ['rolledBack', 'committed', 'failedClean', 'stuck', 'interrupted', 'hostile'] as const;

/** The tags of a page in their order, but for `code`, which back-quotes in a message are meant to become. */
const tagsOf = (markup: string): readonly string[] =>
  [...markup.matchAll(/<[^\s>]+/g)].map(([tag]) => tag).filter((tag) => !tag.endsWith('code'));

/** A run like the hostile one, in which every foreign text is harmless. */
function harmless(): RunReport {
  const text = JSON.stringify(report(journals.hostile()));
  const words = Object.values(journals.HOSTILE).map((word) => JSON.stringify(word).slice(1, -1));
  return JSON.parse(words.reduce((calm, word) => calm.replaceAll(word, 'harmless'), text)) as RunReport;
}

test.each(endings)('a job summary tells the verdict first: %s', async (ending) => {
  const summary = renderMarkdown(report(journals[ending]()), { mermaid: 'flowchart TD\n  a --> b\n' });
  await expect(summary).toMatchFileSnapshot(`${EXPECTED}/${ending}.md`);
});

test.each(endings)('steps and checks are test cases: %s', async (ending) => {
  await expect(renderJunit(report(journals[ending]()))).toMatchFileSnapshot(`${EXPECTED}/${ending}.xml`);
});

test.each(endings)('the page tells the same run to people who have no terminal: %s', async (ending) => {
  const page = renderHtml(report(journals[ending]())).replace(/<style>.*<\/style>/s, '<style></style>');
  await expect(page).toMatchFileSnapshot(`${EXPECTED}/${ending}.html`);
});

describe(renderHtml, () => {
  test('names and values from outside add no tag', () => {
    expect(tagsOf(renderHtml(report(journals.hostile())))).toEqual(tagsOf(renderHtml(harmless())));
  });

  test.each(endings)('it needs no network and runs no script: %s', (ending) => {
    const page = renderHtml(report(journals[ending]()));
    expect(page.match(/<script|<link|<img|<iframe| src=| href=(?!"#)|@import|url\(| on\w+=/g)).toEqual(null);
  });

  test('a plan that was typed keeps its lines, and a definition that differs is told line by line', () => {
    const diff = ['  `id` int', '+ `vat` int', '- `age` int'];
    const page = renderHtml(
      report(
        new JournalBuilder()
          .opened('protect-knex', { vars: { plan: 'version: 1\nname: protect-knex\n' } })
          .did('auto/restore', 5, {
            kind: 'restore',
            snapshot: 's',
            table_count: 1,
            restored: [],
            row_count: 0,
            removed: [],
            destroyed: [{ object: 'table', name: 'shop.customers', what: 'definition', diff }],
          }),
      ),
    );
    expect([...page.matchAll(/<pre[^>]*>(.*?)<\/pre>/gs)].map(([, text]) => text)).toEqual([
      '<span>  `id` int</span>\n<ins>+ `vat` int</ins>\n<del>- `age` int</del>',
      'version: 1\nname: protect-knex',
    ]);
  });

  test('a diagram stands in it as it was given', () => {
    const svg = '<svg viewBox="0 0 1 1"><title>The plan</title></svg>';
    expect(renderHtml(report(journals.committed()), { diagramSvg: svg }).split(svg).length).toEqual(2);
  });

  test('a run of many statements fits into two megabytes and says how many it does not show', () => {
    const journal = new JournalBuilder().opened().intended('steps/migrate');
    const head = `INSERT INTO t VALUES (${'1, '.repeat(300)})`;
    for (let index = 0; index < 3_000; index += 1) journal.statement('steps/migrate', index, { head, durationMs: 1 });
    const page = renderHtml(buildReport(journal.entries));
    expect(Buffer.byteLength(page)).toBeLessThanOrEqual(2 * 1024 * 1024);
    expect(/and ([\d,]+) more in the JSON report/.exec(page)?.[1]).toEqual('2,000');
  });
});

test('names and values from outside add no element to the JUnit file', () => {
  expect(tagsOf(renderJunit(report(journals.hostile())))).toEqual(tagsOf(renderJunit(harmless())));
});

describe(fitSummary, () => {
  test('keeps the sections that fit, in order, and says how many were left out', () => {
    const left = '_2 more sections in the JSON report._';
    expect(fitSummary(['verdict', 'x'.repeat(60), 'y'], 60)).toEqual(`verdict\n\n${left}\n`);
    expect(fitSummary(['verdict', 'x'], 60)).toEqual('verdict\n\nx\n');
  });

  test('refuses to leave out the verdict', () => {
    expect(() => fitSummary(['verdict', 'x'], 5)).toThrow(new RangeError('the verdict alone exceeds 5 bytes'));
  });

  test('counts bytes, not characters', () => {
    expect(() => fitSummary(['✓✓✓'], 9)).toThrow(new RangeError('the verdict alone exceeds 9 bytes'));
  });
});

describe(renderEvent, () => {
  test('a record is one line of JSON with a version', () => {
    const [, attached] = journals.committed().entries;
    expect(attached === undefined ? '' : renderEvent(attached)).toEqual(
      '{"version":1,"sequence":2,"time":"2026-01-31T07:41:20.000Z","event":"process-attached",' +
        `"data":{"pid":4711,"host":"ci-3","because":"run"},"hash":"${attached?.hash ?? ''}"}`,
    );
  });

  test('it holds nothing that a terminal would obey, and reads back as what was recorded', () => {
    const entry = journals.hostile().entries.find(({ record }) => record.kind === 'statement-intended');
    const line = entry === undefined ? '' : renderEvent(entry);

    expect(line.match(/[\u0000-\u001f\u007f-\u009f\u202e]/)).toEqual(null);
    const { data } = JSON.parse(line) as { data: { head: string } };
    expect(data.head).toEqual(Object.values(journals.HOSTILE).join('\n'));
  });
});

describe(writeReport, () => {
  test('replaces what stood there, whole, and leaves nothing else behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'snapback-report-'));
    try {
      const path = join(folder, 'report.html');
      await writeReport(path, 'first');
      await writeReport(path, 'second');
      expect({ text: await readFile(path, 'utf8'), files: await readdir(folder) }).toEqual({
        text: 'second',
        files: ['report.html'],
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('says so when the place is not there', async () => {
    await expect(writeReport(join(tmpdir(), 'no-such-folder-7f3k', 'report.html'), 'x')).rejects.toThrow('ENOENT');
  });
});
