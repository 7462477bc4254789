// Makes docs/report.png, the picture in the README, from a run of the demo:
//
//   npm run build && node dist/cli/main.js demo --journal-dir DIR && node scripts/report-picture.mjs DIR
//
// The newest run of the demo is the one that goes back. Wants Chromium: SNAPBACK_CHROMIUM, or Debian's.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const SIZE = { width: 1_000, height: 800 };

const [journals = '.snapback/runs'] = process.argv.slice(2);
const words = [join(ROOT, 'dist/cli/main.js'), 'report', '--journal-dir', journals, '--format', 'html'];
const folder = mkdtempSync(join(tmpdir(), 'snapback-picture-'));
const browser = await chromium.launch({
  executablePath: process.env.SNAPBACK_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const page = await browser.newPage({ viewport: SIZE, colorScheme: 'light' });
  const path = join(folder, 'report.html');
  writeFileSync(path, execFileSync(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] }));
  await page.goto(pathToFileURL(path).href);
  // As far as the story goes; the evidence below it is for who opens the page.
  const bottom = await page.evaluate("document.querySelector('.timeline').getBoundingClientRect().bottom");
  const clip = { x: 0, y: 0, width: SIZE.width, height: Math.ceil(bottom) + 24 };
  await page.screenshot({ path: join(ROOT, 'docs/report.png'), fullPage: true, clip });
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
