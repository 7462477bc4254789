// A real browser for pages: Debian's Chromium, or whatever SNAPBACK_CHROMIUM names.

import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Undefined where there is none on this machine. */
export function findChromium(): string | undefined {
  const named = process.env['SNAPBACK_CHROMIUM'];
  return named ?? PLACES.find((path) => existsSync(path));
}

export function openChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}
