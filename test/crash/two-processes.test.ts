import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createJournal, openJournal, readJournalOf, type JournalRequest } from '../../src/journal/index.ts';
import { Fault, systemClock, type RunId } from '../../src/kernel/index.ts';

const OPENED = {
  kind: 'run-opened',
  run: 'abc123def456' as RunId,
  plan_name: 'nightly',
  plan_path: '/plans/nightly.yaml',
  plan_digest: 'd'.repeat(64),
  vars: {},
  tool_version: '0.1.0',
} as const;

function request(changes: Partial<JournalRequest> = {}): JournalRequest {
  const directory = mkdtempSync(join(tmpdir(), 'snapback-journal-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return { directory, run: OPENED.run, clock: systemClock, redact: (text) => text, ...changes };
}

const codeOf = (problem: unknown): string => (problem instanceof Fault ? problem.code : String(problem));

test('a journal that one process has open is refused to another, which is told who has it', async () => {
  const takenMs = systemClock.nowMs();
  const asked = request({ clock: { ...systemClock, nowMs: () => takenMs } });
  const journal = await createJournal(asked);
  const later = { ...asked, clock: { ...systemClock, nowMs: () => takenMs + 90_000 } };
  const refused = await openJournal(later).catch((problem: unknown) => problem);
  await journal.close();
  const who = `process ${process.pid} on ${hostname()}`;
  expect(refused).toEqual(new Fault('JOURNAL_LOCKED', `${who} has been working on this run for 90.0 s`));
});

test('of ten that open a journal at the same time, one gets it', async () => {
  const asked = request();
  const journal = await createJournal(asked);
  await journal.append(OPENED);
  await journal.close();
  const attempts = await Promise.all(Array.from({ length: 10 }, () => openJournal(asked).catch(codeOf)));
  const refused = attempts.filter((one) => one === 'JOURNAL_LOCKED');
  for (const one of attempts) if (typeof one !== 'string') await one.close();
  expect(refused.length).toEqual(9);
});

test('the lock of a process that was killed is taken over', async () => {
  const asked = request();
  const journal = await createJournal(asked);
  await journal.append(OPENED);
  await journal.close();
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const owner = { pid: child.pid, host: hostname(), started: '', since: '2026-01-31T07:41:22.000Z' };
  writeFileSync(join(asked.directory, `${asked.run}.lock`), JSON.stringify(owner));
  const whileAlive = await openJournal(asked).catch(codeOf);
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  const after = await openJournal(asked);
  await after.close();
  expect([whileAlive, after.entries.length]).toEqual(['JOURNAL_LOCKED', 1]);
});

test('a torn tail is left alone by readers, and cut, with a note, by the process that goes on', async () => {
  const asked = request();
  const journal = await createJournal(asked);
  await journal.append(OPENED);
  await journal.append({ kind: 'note', text: 'this one is lost' });
  await journal.close();
  const path = join(asked.directory, `${asked.run}.journal`);
  const whole = readFileSync(path);
  writeFileSync(path, whole.subarray(0, -10));

  const read = await readJournalOf(asked);
  const again = await openJournal(asked);
  await again.close();
  const kinds = (await readJournalOf(asked)).entries.map(({ record }) => record.kind);
  expect({ isTorn: read.isTorn, read: read.entries.length, kinds }).toEqual({
    isTorn: true,
    read: 1,
    kinds: ['run-opened', 'note'],
  });
});

test('a damaged journal is refused with the byte of the damage', async () => {
  const asked = request();
  const journal = await createJournal(asked);
  await journal.append(OPENED);
  await journal.append({ kind: 'note', text: 'fine' });
  await journal.close();
  const path = join(asked.directory, `${asked.run}.journal`);
  writeFileSync(path, readFileSync(path, 'utf8').replace('nightly', 'mightly'));
  expect(await openJournal(asked).catch((problem: unknown) => problem)).toEqual(
    new Fault('JOURNAL_CORRUPT', `${path} is damaged at byte 0, after 0 good records`),
  );
});

test('a secret is never written', async () => {
  const asked = request({ redact: (text) => text.replaceAll('hunter22', '***') });
  const journal = await createJournal(asked);
  await journal.append({ ...OPENED, vars: { note: 'password hunter22' } });
  await journal.close();
  expect(readFileSync(join(asked.directory, `${asked.run}.journal`), 'utf8').includes('hunter22')).toEqual(false);
});

test('a journal that cannot be written says why', async () => {
  const asked = request();
  writeFileSync(join(asked.directory, 'file'), '');
  const failure = await createJournal({ ...asked, directory: join(asked.directory, 'file') }).catch(codeOf);
  expect(failure).toEqual('JOURNAL_UNWRITABLE');
});
