// Secrets that are known again wherever they turn up, whole or in part: each holds a word that stands nowhere else.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** `canary7NAME` with all that somebody may have to quote, escape or encode around it. */
export function canary(name: string): string {
  return `pre'fix "q" canary7${name} %40&<b> post`;
}

/** The names of all canaries that a text holds, as they are written or as a URL, JSON or HTML has them. */
export function canariesIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/canary7([a-z]+)/g)].map(([, name = '']) => name))].sort();
}

/** Every file below a folder, its content in one text. */
export function filesBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => `${path}\n${readFileSync(path, 'utf8')}`)
    .join('\n');
}
