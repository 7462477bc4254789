// The journal's disk fills up half-way. A limit on the size of files stands for it: the write fails in the same place.

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFrames } from '../../src/journal/index.ts';
import { CLI, snapback, workFolder, type CliEnd } from '../support/cli.ts';
import { hundredRows, LOSES_TEN, upgradePlan } from '../support/hundred-rows.ts';
import { describeEachEngine, logicalDump } from '../support/servers.ts';

/** Runs the program where no file may grow beyond so many KiB. */
function withFilesUpTo(kibibytes: number, words: readonly string[], cwd: string, url: string): Promise<CliEnd> {
  const script = `trap '' XFSZ; ulimit -f ${kibibytes}; exec "$0" "$@"`;
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', script, process.execPath, CLI, ...words], {
      cwd,
      env: { ...process.env, DATABASE_URL: url, NO_COLOR: '1' },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

function readingIn(folder: string) {
  const directory = join(folder, 'journals');
  const file = readdirSync(directory).find((name) => name.endsWith('.journal')) ?? '';
  return readFrames(readFileSync(join(directory, file)));
}

describeEachEngine(
  (server) => {
    test('a run whose disk fills up at any place stops with exit 12; resumed, it goes back and proves it', async () => {
      for (let kibibytes = 1; ; kibibytes += 2) {
        const { name, url } = await hundredRows(server);
        const folder = workFolder(upgradePlan(LOSES_TEN));
        const before = await logicalDump(server.url, [name]);
        const words = ['--journal-dir', 'journals'];
        const first = await withFilesUpTo(kibibytes, ['run', 'plan.yaml', ...words], folder, url);
        if (first.code === 4) {
          expect(kibibytes).toBeGreaterThan(4);
          return;
        }
        const left = readingIn(folder);
        const last = await snapback(['resume', ...words], folder, { DATABASE_URL: url });
        expect({
          kibibytes,
          first: first.code,
          said: /JOURNAL_UNWRITABLE: .*\.journal: the file may not grow further/.test(first.stderr),
          damage: left.kind === 'corrupt',
          last: last.code,
          isBefore: (await logicalDump(server.url, [name])) === before,
        }).toEqual({ kibibytes, first: 12, said: true, damage: false, last: 4, isBefore: true });
      }
    }, 300_000);
  },
  { engines: ['mariadb'], origins: ['binary', 'url'] },
);
