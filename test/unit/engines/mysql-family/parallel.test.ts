import { expect, test } from 'vitest';
import type { Session } from '../../../../src/engines/index.ts';
import { eachInParallel, type Workers } from '../../../../src/engines/mysql-family/copying-snapshots/parallel.ts';

function workers(count: number): Workers {
  const sessions = Array.from({ length: count }, (_, number): Session => ({
    identity: { connectionId: String(number), serverStartedAt: '', user: '' },
    query: () => Promise.resolve({ columns: [], rows: [], rowsAffected: 0 }),
    close: () => Promise.resolve(),
    isOpen: true,
  }));
  return { sessions, close: () => Promise.resolve() };
}

test('each job is done once, in order, by whichever session is free', async () => {
  const done: number[] = [];
  await eachInParallel(workers(2), [1, 2, 3, 4, 5], new AbortController().signal, async (_session, job) => {
    await Promise.resolve();
    done.push(job);
  });
  expect(done).toEqual([1, 2, 3, 4, 5]);
});

test('the first failure stops the others and is the one that is thrown', async () => {
  const stopped: number[] = [];
  const work = eachInParallel(workers(2), [1, 2, 3], new AbortController().signal, (_session, job, signal) => {
    if (job === 1) return Promise.reject(new Error('first'));
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        stopped.push(job);
        reject(new Error('stopped'));
      });
    });
  });
  await expect(work).rejects.toThrow('first');
  expect(stopped).toEqual([2]);
});
