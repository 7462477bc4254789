// Bundles the simulation and runs it: `npm run simulate -- --runs N --seed S`.
import { build } from 'esbuild';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';

const outfile = resolve('node_modules/.cache/snapback', `simulate-${process.pid}.mjs`);
await build({
  entryPoints: ['test/simulation/simulate.ts'],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['mysql2', 'mysql2/*', 'testcontainers', 'pino', 'vitest', 'esbuild'],
  banner: {
    js: "import { createRequire as snapbackRequire } from 'node:module'; const require = snapbackRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
try {
  process.argv[1] = outfile;
  await import(outfile);
} finally {
  await rm(outfile, { force: true });
}
