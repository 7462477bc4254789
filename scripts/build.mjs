// Bundles the three doors with esbuild and writes their types with tsc. What a command does not need stays in a chunk of
// its own, so that `snapback --help` and `validate` start fast.
import { build } from 'esbuild';
import { rm } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';

await rm('dist', { recursive: true, force: true });
const shared = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true, // the time to parse is most of the time to start
  sourcemap: false,
  legalComments: 'none',
  external: ['mysql2', 'mysql2/*', 'testcontainers', 'pino', 'vitest'],
  // yaml, commander and others are CommonJS: a bundle of theirs asks for `require`.
  banner: {
    js: "import { createRequire as snapbackRequire } from 'node:module'; const require = snapbackRequire(import.meta.url);",
  },
  logLevel: 'warning',
};
// The command line apart from the library: fewer entry points make fewer and larger chunks, and each file costs a start.
await build({ ...shared, entryPoints: ['src/cli/main.ts'], outdir: 'dist/cli' });
await build({
  ...shared,
  entryPoints: ['src/index.ts', 'src/testing/index.ts', 'src/testing/vitest.ts'],
  outbase: 'src',
  outdir: 'dist',
});

if (!process.argv.includes('--no-types')) {
  const tsc = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'scripts/tsconfig.types.json'], {
    stdio: 'inherit',
  });
  process.exitCode = tsc.status ?? 1;
}
