// Builds a copy of the simulation in which a place of the source says something else.

import { readFile, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { SOURCE_MUTANTS } from './source-mutants.ts';

export type Simulation = typeof import('./simulation.ts');

/** @throws Error when a place of the source is not there, or there more than once. */
export async function buildMutant(name: string): Promise<Simulation> {
  const edits = SOURCE_MUTANTS[name] ?? [];
  const left = new Set(edits);
  const outfile = resolve('node_modules/.cache/snapback', `mutant-${process.pid}-${idOf(name)}.mjs`);
  await build({
    entryPoints: ['test/simulation/simulation.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['mysql2', 'mysql2/*', 'testcontainers', 'pino', 'vitest'],
    banner: { js: REQUIRE },
    logLevel: 'warning',
    plugins: [
      {
        name: 'mutant',
        setup: (builder) => {
          builder.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
            let contents = await readFile(path, 'utf8');
            for (const edit of edits.filter(({ file }) => path === resolve('src', file))) {
              if (contents.split(edit.from).length !== 2) throw new Error(`not once in src/${edit.file}: ${edit.from}`);
              contents = contents.replace(edit.from, () => edit.to);
              left.delete(edit);
            }
            return { contents, loader: 'ts' };
          });
        },
      },
    ],
  });
  try {
    if (left.size > 0 || edits.length === 0) throw new Error(`${name}: nothing was changed`);
    return (await import(pathToFileURL(outfile).href)) as Simulation;
  } finally {
    await rm(outfile, { force: true });
  }
}

const idOf = (name: string): string => name.replace(/\W+/g, '-');

/** Parts of the bundle that are CommonJS ask for modules of Node in their own way. */
const REQUIRE =
  "import { createRequire as snapbackRequire } from 'node:module'; const require = snapbackRequire(import.meta.url);";
