// The pages as people get them: opened from disk by a real browser.

import axe from 'axe-core';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drawPlan, drawRun } from '../../src/app/draw-plan.ts';
import { buildReport, renderHtml, renderJunit, type RunReport } from '../../src/report/index.ts';
import { findChromium, openChromium } from '../support/chromium.ts';
import * as journals from '../support/journals.ts';
import { shopTopology } from '../support/shop-topology.ts';

const executable = findChromium();
const NAMES = ['committed', 'rolledBack', 'stuck', 'hostile'] as const;
interface Look {
  readonly colorScheme: 'light' | 'dark';
  readonly width: number;
  readonly media?: 'print' | 'screen';
}

/** Every run is looked at in the first three of these, one in all. */
const LOOKS: readonly Look[] = [
  { colorScheme: 'light', width: 1_100 },
  { colorScheme: 'dark', width: 1_100 },
  { colorScheme: 'dark', width: 360 },
  { colorScheme: 'light', width: 360 },
  { colorScheme: 'dark', width: 720, media: 'print' },
];

const report = (name: (typeof NAMES)[number]): RunReport => buildReport(journals[name]().entries, journals.SHOP_SHAPE);

if (executable === undefined) {
  test('not tried, for want of chromium', () => expect(executable).toEqual(undefined));
} else {
  describe('the HTML report in a browser', () => inBrowser(executable));
}

function inBrowser(path: string): void {
  let browser: Browser;
  const folder = mkdtempSync(join(tmpdir(), 'snapback-pages-'));
  beforeAll(async () => {
    browser = await openChromium(path);
    for (const name of NAMES) {
      const diagramSvg = drawRun(report(name), name === 'hostile' ? undefined : shopTopology());
      writeFileSync(join(folder, `${name}.html`), renderHtml(report(name), { diagramSvg }));
    }
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  describe.each(NAMES)('of a run: %s', (name) => {
    test.each(name === 'rolledBack' ? LOOKS : LOOKS.slice(0, 3))(
      'asks for nothing, complains of nothing, is accessible and fits: $colorScheme, $width pixels wide',
      async ({ colorScheme, width, media = 'screen' }: Look) => {
        const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
        try {
          await page.emulateMedia({ media, colorScheme });
          const url = pathToFileURL(join(folder, `${name}.html`)).href;
          const heard = listenTo(page, url);
          await page.goto(url);
          const found = await problemsIn(page);
          const scrolls = await page.evaluate<number>('document.documentElement.scrollWidth');
          expect({ heard, found, isTooWide: scrolls > width }).toEqual({ heard: [], found: [], isTooWide: false });
        } finally {
          await page.close();
        }
      },
      60_000,
    );
  });

  test('every part can be reached by keyboard alone', async () => {
    const page = await browser.newPage({ viewport: { width: 1_100, height: 800 } });
    try {
      await page.goto(pathToFileURL(join(folder, 'rolledBack.html')).href);
      const reached = new Set<string>();
      for (let press = 0; press < 40; press += 1) {
        await page.keyboard.press('Tab');
        const script = "(document.activeElement.closest('section, nav')?.querySelector('h2')?.id ?? 'nav')";
        reached.add(await page.evaluate<string>(script));
      }
      expect([...reached].sort()).toEqual(['checks', 'destroyed', 'diagram', 'nav', 'proof', 'statements']);
    } finally {
      await page.close();
    }
  }, 60_000);

  test.each(NAMES)(
    'what is XML is well-formed: %s',
    async (name) => {
      const page = await browser.newPage();
      try {
        const texts = [renderJunit(report(name)), drawRun(report(name), undefined) ?? '', drawPlan(shopTopology())];
        const script = `${JSON.stringify(texts)}.map((text) => {
        const parsed = new DOMParser().parseFromString(text, 'text/xml');
        return parsed.querySelector('parsererror')?.textContent ?? parsed.documentElement.nodeName;
      })`;
        expect(await page.evaluate<string[]>(script)).toEqual(['testsuites', 'svg', 'svg']);
      } finally {
        await page.close();
      }
    },
    60_000,
  );
}

/** What the console says and the page asks for, besides itself. */
function listenTo(page: Page, url: string): readonly string[] {
  const heard: string[] = [];
  page.on('console', (message) => heard.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (problem) => heard.push(`error: ${problem.message}`));
  page.on('dialog', (dialog) => heard.push(`dialog: ${dialog.message()}`));
  page.on('request', (request) => (request.url() === url ? undefined : heard.push(`request: ${request.url()}`)));
  return heard;
}

async function problemsIn(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>("axe.run({ resultTypes: ['violations'] })");
  return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}
