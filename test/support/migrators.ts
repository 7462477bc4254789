// Migration programs of other people, from the npm registry, as their users install them.

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PACKAGES = ['knex@3.3.0', 'dbmate@2.36.0'];
const CACHE = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url));

/** A `node_modules` with their programs: `knex`, `dbmate`. Installed once; the versions are part of its name. */
export async function installMigrators(): Promise<string> {
  const folder = join(CACHE, `migrators-${PACKAGES.join('-').replaceAll('@', '-')}`);
  if (!existsSync(folder)) {
    const draft = `${folder}.${process.pid}`;
    mkdirSync(draft, { recursive: true });
    writeFileSync(join(draft, 'package.json'), '{ "private": true }\n');
    const words = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', ...PACKAGES];
    await promisify(execFile)('npm', words, { cwd: draft });
    // Another process may have been quicker: its folder is as good.
    if (existsSync(folder)) rmSync(draft, { recursive: true });
    else renameSync(draft, folder);
  }
  return join(folder, 'node_modules');
}
