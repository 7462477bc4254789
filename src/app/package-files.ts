import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invariant } from '../kernel/index.ts';

/** The path of a file that ships with the package, wherever the bundler put the code that asks. */
export function packageFile(...path: readonly string[]): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    invariant(folder !== dirname(folder), 'snapback runs from inside its package');
    folder = dirname(folder);
  }
  return join(folder, ...path);
}
