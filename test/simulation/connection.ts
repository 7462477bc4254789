// The network between a process and the server. A process that is gone takes back nothing that it sent.

import { Fault } from '../../src/kernel/index.ts';
import type { FaultKind } from './faults.ts';
import type { Life } from './life.ts';
import type { Answer, Operation, ServerSession } from './memory-server.ts';
import type { World } from './world.ts';

/** How long a packet that is late may take, ms. */
const LATE_MAX_MS = 20_000;

export class Connection {
  readonly session: ServerSession;
  readonly startedAt: string;
  isOpen = true;
  #lastArrivalMs = 0;
  readonly #world: World;
  readonly #life: Life;

  constructor(world: World, life: Life, session: ServerSession) {
    this.#world = world;
    this.#life = life;
    this.session = session;
    this.startedAt = world.server.startedAt;
    life.whenDead(() => this.#abandon());
  }

  query<Value>(operation: Operation<Value>, signal?: AbortSignal): Promise<Value> {
    return this.#life.call<Value>((resolve, reject) => {
      if (!this.isOpen) {
        reject(lost(operation));
        return;
      }
      if (signal?.aborted === true) {
        reject(new Fault('INTERRUPTED', `${operation.label} was not begun`));
        return;
      }
      const fault = this.#world.failpoint(this.#life, 'statement', operation.label, (kind) =>
        isPossible(kind, operation, this.#world.where.kind === 'restore-all'),
      );
      const cancel = (): void => {
        this.#world.time.after(this.#latencyMs(), () => this.#world.server.cancel(this.session));
      };
      signal?.addEventListener('abort', cancel, { once: true });
      const answer = (result: Answer): void => {
        signal?.removeEventListener('abort', cancel);
        if (result.kind === 'done') resolve(result.value as Value);
        else if (result.kind === 'failed') reject(result.fault);
        else {
          this.isOpen = false;
          reject(lost(operation));
        }
      };
      this.#send(operation, fault, answer);
    });
  }

  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    await this.#life.call((resolve) => {
      this.#world.time.after(this.#latencyMs(), () => {
        this.#world.server.clientGone(this.session);
        resolve();
      });
    });
  }

  #send(operation: Operation, fault: FaultKind | undefined, answer: (result: Answer) => void): void {
    const { time, rng } = this.#world;
    const arrivalMs = this.#latencyMs();
    const lateMs = rng.chance(0.5) ? arrivalMs : rng.between(0, LATE_MAX_MS);
    const isLate = this.#life.isProgram && rng.chance(0.15);
    const cut = (): void => {
      answer({ kind: 'lost' });
      this.#abandon();
    };
    switch (fault) {
      case 'crash-before':
        this.#life.die();
        return;
      case 'crash-sent':
        this.#deliver(operation, lateMs, fault, () => undefined);
        time.after(rng.between(0, 50), () => this.#life.die());
        return;
      case 'crash-after':
        this.#deliver(operation, arrivalMs, fault, () => this.#life.die());
        return;
      case 'cut-before':
        time.after(arrivalMs, cut);
        return;
      case 'cut-sent':
        this.#deliver(operation, lateMs, fault, () => undefined);
        time.after(arrivalMs, cut);
        return;
      case 'cut-after':
        this.#deliver(operation, arrivalMs, fault, cut);
        return;
      case 'interrupt':
        this.#deliver(operation, arrivalMs, fault, (result) => time.after(this.#latencyMs(), () => answer(result)));
        time.after(rng.between(0, 3), () => this.#life.interruption.abort(new Fault('INTERRUPTED', 'SIGINT')));
        return;
      default:
        this.#deliver(operation, isLate ? lateMs : arrivalMs, fault, (result) =>
          time.after(this.#latencyMs(), () => answer(result)),
        );
    }
  }

  #deliver(
    operation: Operation,
    delayMs: number,
    fault: FaultKind | undefined,
    answer: (result: Answer) => void,
  ): void {
    const { time, rng, server } = this.#world;
    const isSent = fault === 'crash-sent' || fault === 'cut-sent';
    const isLong = fault === 'slow' || fault === 'interrupt' || (isSent && rng.chance(0.7));
    const durationMs = isLong ? rng.between(500, 40_000) : rng.between(0, this.#life.isProgram ? 6000 : 2);
    this.#lastArrivalMs = time.nowMs + delayMs;
    time.after(delayMs, () => {
      if (fault === 'restart-before') server.restart(rng.between(0, 20_000));
      if (fault === 'lock-wait') lockOut(this.#world, operation.locks ?? []);
      const meant = fault === 'restore-lies' ? lying(this.#world, operation) : operation;
      server.receive(this.session, {
        operation: meant,
        durationMs,
        isDeadlock: fault === 'deadlock',
        answer: (result) => {
          if (fault === 'restart-after') {
            server.restart(rng.between(0, 20_000));
            answer({ kind: 'lost' });
          } else answer(result);
        },
      });
    });
  }

  /**
   * The server learns of it at once, or much later where no packet tells it; never before what was sent has come. All
   * connections of a process that died are noticed together.
   */
  #abandon(): void {
    this.isOpen = false;
    const { time, server } = this.#world;
    if (this.#life.isDead) this.#life.noticedAfterMs ??= this.#noticedAfterMs();
    const afterMs = this.#life.noticedAfterMs ?? this.#noticedAfterMs();
    const arrivalMs = this.#lastArrivalMs - time.nowMs + 1;
    time.after(Math.max(afterMs, arrivalMs), () => server.clientGone(this.session));
  }

  #noticedAfterMs(): number {
    const { rng } = this.#world;
    return rng.chance(0.5) ? rng.between(0, 50) : rng.between(0, 100_000);
  }

  #latencyMs(): number {
    return this.#world.rng.between(1, 20) / 10;
  }
}

/** @throws {Fault} SERVER_UNREACHABLE */
export async function connect(
  world: World,
  life: Life,
  login: { readonly user: string; readonly mark: string | undefined },
  signal?: AbortSignal,
): Promise<Connection> {
  const session = await life.call<ServerSession>((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new Fault('INTERRUPTED', 'no connection was opened'));
      return;
    }
    const { rng, time, server } = world;
    const fault = world.failpoint(life, 'connect', 'connect');
    if (fault === 'crash-before') {
      life.die();
      return;
    }
    if (fault === 'restart-before') server.restart(rng.between(0, 20_000));
    if (fault === 'interrupt') life.interruption.abort(new Fault('INTERRUPTED', 'SIGINT'));
    time.after(fault === 'slow' ? rng.between(500, 20_000) : rng.between(1, 20) / 10, () => {
      const opened = fault === 'refused' ? undefined : server.open(login.user, login.mark);
      if (opened === undefined) reject(new Fault('SERVER_UNREACHABLE', 'the server refuses the connection'));
      else if (fault === 'crash-after') {
        time.after(rng.between(0, 100_000), () => server.clientGone(opened));
        life.die();
      } else if (life.isDead) time.after(rng.between(0, 100_000), () => server.clientGone(opened));
      else resolve(opened);
    });
  });
  return new Connection(world, life, session);
}

function lost({ label }: Operation): Fault {
  return new Fault('CONNECTION_LOST', `the connection was lost at ${label}`);
}

/** What an engine says of a restore is believed where a proof follows, and nowhere else. */
function isPossible(fault: FaultKind, { locks = [], label }: Operation, isProven: boolean): boolean {
  if (fault === 'deadlock' || fault === 'lock-wait') return locks.length > 0;
  if (fault === 'restore-lies') return label.startsWith('restore table') && isProven;
  return true;
}

function lying(world: World, operation: Operation): Operation {
  world.lies += 1;
  return { ...operation, apply: () => ({ columns: [], rows: [], rowsAffected: 0 }) };
}

/** Somebody else's transaction is in the way for a while. */
function lockOut({ server, time, rng }: World, locks: readonly string[]): void {
  const other = server.open('somebody', undefined);
  if (other === undefined) return;
  const taken = new Set([...server.sessions.values()].flatMap((session) => [...session.locks]));
  for (const lock of locks) if (!taken.has(lock)) other.locks.add(lock);
  other.keepsLocks = true;
  time.after(rng.between(500, 90_000), () => server.end(other));
}
