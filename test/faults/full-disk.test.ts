// The journal's disk fails half-way. A limit on the size of files stands for a full one, and so does a disk that
// refuses what the program asks of it.

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { readFrames } from '../../src/journal/index.ts';
import { CLI, runNode, snapback, workFolder, type CliEnd } from '../support/cli.ts';
import { hundredRows, LOSES_TEN, upgradePlan } from '../support/hundred-rows.ts';
import { describeEachEngine, logicalDump } from '../support/servers.ts';

const FAILING_DISK = pathToFileURL(fileURLToPath(new URL('../support/failing-disk.mjs', import.meta.url))).href;
const WORDS = ['--journal-dir', 'journals'];

/** Runs the program where no file may grow beyond so many KiB. */
function withFilesUpTo(kibibytes: number, cwd: string, url: string): Promise<CliEnd> {
  const script = `trap '' XFSZ; ulimit -f ${kibibytes}; exec "$0" "$@"`;
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', script, process.execPath, CLI, 'run', 'plan.yaml', ...WORDS], {
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

/**
 * What is told, and what is left; a run that had begun must not say that nothing was touched. What could not be synced
 * may be read again, but announces nothing.
 */
function aftermath(first: CliEnd, folder: string, unsynced = 0) {
  const left = readingIn(folder);
  const synced = left.entries.slice(0, left.entries.length - unsynced);
  const isBegun = synced.some(({ record }) => record.kind === 'action-intended');
  const why = /JOURNAL_UNWRITABLE: .*\.journal: (.*)\n/.exec(first.stderr)?.[1];
  return { code: first.code, wanted: isBegun ? 6 : 12, why, isDamaged: left.kind === 'corrupt' };
}

describeEachEngine(
  (server) => {
    test('a run whose disk fills up stops, with exit 6 once it has begun; resumed, it goes back', async () => {
      const codes = new Set<number | null>();
      for (let kibibytes = 1; ; kibibytes += 2) {
        const { name, url } = await hundredRows(server);
        const folder = workFolder(upgradePlan(LOSES_TEN));
        const before = await logicalDump(server.url, [name]);
        const first = await withFilesUpTo(kibibytes, folder, url);
        if (first.code === 4) {
          expect([...codes].sort()).toEqual([12, 6]);
          return;
        }
        codes.add(first.code);
        const { code, wanted, why, isDamaged } = aftermath(first, folder);
        const last = await snapback(['resume', ...WORDS], folder, { DATABASE_URL: url });
        const isBefore = (await logicalDump(server.url, [name])) === before;
        expect({ kibibytes, code, why, isDamaged, last: last.code, isBefore }).toEqual({
          kibibytes,
          code: wanted,
          why: 'the file may not grow further',
          isDamaged: false,
          last: 4,
          isBefore: true,
        });
      }
    }, 300_000);

    test.each<{ disk: string; call: string; code: string; why: string }>([
      { disk: 'is full', call: 'write', code: 'ENOSPC', why: 'the disk is full' },
      { disk: 'loses what it is to sync', call: 'datasync', code: 'EIO', why: 'the disk reports an error' },
      { disk: 'turns read-only', call: 'write', code: 'EROFS', why: 'the file system is read-only' },
    ])(
      'a run whose disk $disk half-way says so, and goes back when it is resumed',
      async ({ call, code, why }) => {
        for (const times of [2, 6, 14, 20]) {
          const { name, url } = await hundredRows(server);
          const folder = workFolder(upgradePlan(LOSES_TEN));
          const before = await logicalDump(server.url, [name]);
          const env = { DATABASE_URL: url, FAILING_DISK: `${call} ${code} ${times}` };
          const first = await runNode(['--import', FAILING_DISK, CLI, 'run', 'plan.yaml', ...WORDS], folder, env);
          const told = aftermath(first, folder, call === 'datasync' ? 1 : 0);
          const last = await snapback(['resume', ...WORDS], folder, { DATABASE_URL: url });
          const isBefore = (await logicalDump(server.url, [name])) === before;
          expect({
            times,
            code: told.code,
            why: told.why,
            isDamaged: told.isDamaged,
            last: last.code,
            isBefore,
          }).toEqual({ times, code: told.wanted, why, isDamaged: false, last: 4, isBefore: true });
        }
      },
      300_000,
    );
  },
  { engines: ['mariadb'], origins: ['binary', 'url'] },
);
