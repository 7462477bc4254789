import type { Session } from '../../port.ts';
import { openPinned, type FamilyServer } from './session-pins.ts';

/** How many connections copy or read at the same time. */
export const WORKER_COUNT = 2;

export interface Workers {
  readonly sessions: readonly Session[];
  close(): Promise<void>;
}

export async function openWorkers(
  server: FamilyServer,
  request: { readonly purpose: string; readonly changes: boolean; readonly jobs: number },
  signal: AbortSignal,
): Promise<Workers> {
  const sessions: Session[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(sessions.map((session) => session.close()));
  };
  try {
    for (let number = 1; number <= Math.min(WORKER_COUNT, request.jobs); number += 1) {
      const { purpose, changes } = request;
      sessions.push(await openPinned(server, { purpose: `${purpose} ${number}`, changes }, signal));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { sessions, close };
}

/**
 * Gives the jobs in order to whichever session is free. The first failure stops the others in the server, and is thrown
 * after they have ended.
 */
export async function eachInParallel<Job>(
  { sessions }: Workers,
  jobs: readonly Job[],
  signal: AbortSignal,
  work: (session: Session, job: Job, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const failures: unknown[] = [];
  let next = 0;
  const serve = async (session: Session): Promise<void> => {
    for (let job = jobs[next]; job !== undefined && !stop.signal.aborted; job = jobs[next]) {
      next += 1;
      try {
        await work(session, job, either);
      } catch (error) {
        failures.push(error);
        stop.abort(error);
        return;
      }
    }
  };
  await Promise.all(sessions.map(serve));
  if (failures.length > 0) throw failures[0];
}
