import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { acquireLock, type LockOwner } from '../../../src/journal/lock.ts';
import { Fault, sha256, type Clock } from '../../../src/kernel/index.ts';

const NOW_MS = Date.parse('2026-01-31T07:43:22.000Z');
const clock: Clock = { nowMs: () => NOW_MS, sleep: () => Promise.resolve() };

/** A pid that no process has: above what Linux, macOS and Windows give out. */
const GONE: LockOwner = {
  pid: 99_999_999,
  host: hostname(),
  started: '1',
  since: '2026-01-31T07:41:22.000Z',
  token: 'k2',
};

function lockPath(): string {
  const directory = mkdtempSync(join(tmpdir(), 'snapback-lock-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'abc123def456.lock');
}

interface Pause {
  readonly path: string;
  readonly reached: () => void;
  readonly goingOn: Promise<void>;
}

const pauses = vi.hoisted((): Pause[] => []);

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    readFile: async (path: string, encoding: 'utf8') => {
      const text = await real.readFile(path, encoding);
      const at = pauses.findIndex((pause) => pause.path === path);
      const [pause] = at === -1 ? [] : pauses.splice(at, 1);
      pause?.reached();
      await pause?.goingOn;
      return text;
    },
  };
});

/** Stops whoever reads that file next, after the reading. */
function pauseAfterReading(path: string): { readonly isReached: Promise<void>; readonly goOn: () => void } {
  let goOn = (): void => undefined;
  let reached = (): void => undefined;
  const goingOn = new Promise<void>((resolve) => (goOn = resolve));
  const isReached = new Promise<void>((resolve) => (reached = resolve));
  pauses.push({ path, reached, goingOn });
  return { isReached, goOn };
}

const outcomeOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => 'taken',
    (problem: unknown) => problem,
  );

describe('a lock', () => {
  test('names the process that holds it, and is gone when it is let go', async () => {
    const path = lockPath();
    const lock = await acquireLock(path, clock);
    const { pid, host } = JSON.parse(readFileSync(path, 'utf8')) as LockOwner;
    await lock.release();
    expect([pid, host, readdirSync(join(path, '..'))]).toEqual([process.pid, hostname(), []]);
  });

  test('is refused with pid, host and age of its holder', async () => {
    const path = lockPath();
    writeFileSync(path, JSON.stringify({ ...GONE, pid: process.pid, started: '' }));
    expect(await outcomeOf(acquireLock(path, clock))).toEqual(
      new Fault('JOURNAL_LOCKED', `process ${process.pid} on ${hostname()} has been working on this run for 2 m 00 s`),
    );
  });

  test.each<{ holder: string; text: string }>([
    { holder: 'a process that is gone', text: JSON.stringify(GONE) },
    { holder: 'a process whose pid another one has by now', text: JSON.stringify({ ...GONE, pid: process.pid }) },
    { holder: 'nobody, because the power went before its name was on disk', text: '' },
    { holder: 'nobody who can be read', text: '{"pid":' },
    { holder: 'nothing that a lock holds', text: 'null' },
  ])('of $holder is taken over', async ({ text }) => {
    const path = lockPath();
    writeFileSync(path, text);
    const lock = await acquireLock(path, clock);
    const names = readdirSync(join(path, '..'));
    await lock.release();
    expect([names, readdirSync(join(path, '..'))]).toEqual([['abc123def456.lock'], []]);
  });

  test('of another host is never taken over: a person is told which file to remove', async () => {
    const path = lockPath();
    writeFileSync(path, JSON.stringify({ ...GONE, host: 'db9.example' }));
    const refused = (await outcomeOf(acquireLock(path, clock))) as Fault;
    expect([refused.code, refused.message, refused.hint]).toEqual([
      'JOURNAL_LOCKED',
      `process ${GONE.pid} on db9.example has been working on this run for 2 m 00 s`,
      `When you know that it is not running any more, remove ${path} and try again.`,
    ]);
  });

  test('that its holder lost to a person stays with who has it now', async () => {
    const path = lockPath();
    const first = await acquireLock(path, clock);
    rmSync(path);
    const second = await acquireLock(path, clock);
    await first.release();
    const refused = (await outcomeOf(acquireLock(path, clock))) as Fault;
    await second.release();
    expect(refused.code).toEqual('JOURNAL_LOCKED');
  });

  test('is got by one, however many find it stale at the same time', async () => {
    for (let round = 0; round < 40; round += 1) {
      const path = lockPath();
      writeFileSync(path, JSON.stringify(GONE));
      const outcomes = await Promise.all(Array.from({ length: 12 }, () => outcomeOf(acquireLock(path, clock))));
      const refused = outcomes.filter((one) => one instanceof Fault && one.code === 'JOURNAL_LOCKED');
      expect({ round, taken: outcomes.filter((one) => one === 'taken').length, refused: refused.length }).toEqual({
        round,
        taken: 1,
        refused: 11,
      });
    }
  });

  test('is left to who took it over first, however slow another one was that found it stale too', async () => {
    const path = lockPath();
    writeFileSync(path, JSON.stringify(GONE));
    const reading = pauseAfterReading(path);
    const slow = outcomeOf(acquireLock(path, clock));
    await reading.isReached;
    const quick = await acquireLock(path, clock);
    reading.goOn();
    const refused = (await slow) as Fault;
    const { token } = JSON.parse(readFileSync(path, 'utf8')) as LockOwner;
    await quick.release();
    expect([refused.code, token === GONE.token, readdirSync(join(path, '..'))]).toEqual(['JOURNAL_LOCKED', false, []]);
  });

  test('is taken over although the process that was about to take it over was killed at that', async () => {
    const path = lockPath();
    const stale = JSON.stringify(GONE);
    writeFileSync(path, stale);
    writeFileSync(`${path}.${sha256(stale).slice(0, 16)}`, JSON.stringify({ ...GONE, token: 'm3' }));
    const lock = await acquireLock(path, clock);
    const names = readdirSync(join(path, '..'));
    await lock.release();
    expect(names).toEqual(['abc123def456.lock']);
  });
});
