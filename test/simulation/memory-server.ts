// A database server in memory: tables, sessions, locks, transactions. It outlives its clients: what it was sent it
// does, whether anybody still waits for the answer or not, until a session is ended.

import { Fault } from '../../src/kernel/index.ts';
import { Catalog } from './server-catalog.ts';
import type { VirtualTime } from './virtual-clock.ts';

export interface Table {
  readonly columns: readonly string[];
  readonly rows: ReadonlyMap<number, number>;
}

/** Something that a session asks for. It happens at one moment, wholly or not at all. */
export interface Operation<Value = unknown> {
  readonly label: string;
  /** What it needs alone: held until its end, or until that of its transaction. */
  readonly locks?: readonly string[];
  readonly apply: (server: MemoryServer, session: ServerSession) => Value;
}

export interface ServerSession {
  readonly id: number;
  readonly user: string;
  readonly mark: string | undefined;
  readonly locks: Set<string>;
  readonly names: Set<string>;
  /** Locks stay until they are let go of, as those of LOCK TABLES do. */
  keepsLocks: boolean;
  undo: (() => void)[] | undefined;
  savepoint: boolean;
  busy: Busy | undefined;
  isClientGone: boolean;
  isKilled: boolean;
}

interface Busy {
  readonly operation: Operation;
  readonly durationMs: number;
  readonly isDeadlock: boolean;
  readonly answer: (result: Answer) => void;
  isRunning: boolean;
}

export type Answer =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly fault: Fault }
  | { readonly kind: 'lost' };

/** How long a statement waits for a lock, ms: the default of InnoDB. */
const LOCK_WAIT_MS = 50_000;

export class MemoryServer {
  readonly time: VirtualTime;
  tables = new Map<string, Table>();
  readonly sessions = new Map<number, ServerSession>();
  readonly catalog = new Catalog();
  startedAtMs: number;
  downUntilMs = 0;
  /** What was found done twice, at the moment it was. */
  readonly doubles: string[] = [];
  #nextId = 1;
  readonly #waiting: ServerSession[] = [];

  constructor(time: VirtualTime) {
    this.time = time;
    this.startedAtMs = time.nowMs - 3_600_000;
  }

  get startedAt(): string {
    return `${new Date(this.startedAtMs).toISOString().slice(0, 19)}Z`;
  }

  get newestId(): number {
    return this.#nextId - 1;
  }

  open(user: string, mark: string | undefined): ServerSession | undefined {
    if (this.time.nowMs < this.downUntilMs) return undefined;
    const session: ServerSession = {
      id: this.#nextId++,
      user,
      mark,
      locks: new Set(),
      names: new Set(),
      keepsLocks: false,
      undo: undefined,
      savepoint: false,
      busy: undefined,
      isClientGone: false,
      isKilled: false,
    };
    this.sessions.set(session.id, session);
    return session;
  }

  receive(session: ServerSession, busy: Omit<Busy, 'isRunning'>): void {
    if (this.sessions.get(session.id) !== session || session.isKilled) {
      busy.answer({ kind: 'lost' });
      return;
    }
    session.busy = { ...busy, isRunning: false };
    if (this.#start(session)) return;
    this.#waiting.push(session);
    const { busy: waiting } = session;
    this.time.after(LOCK_WAIT_MS, () => {
      if (session.busy !== waiting || waiting.isRunning) return;
      this.#answer(session, {
        kind: 'failed',
        fault: new Fault('LOCK_WAIT', `${busy.operation.label} waited too long`),
      });
    });
  }

  /** KILL: what it was doing is undone, or was too far to be undone, which takes a while; then it is gone. */
  kill(id: number, undoMs: number, isTooFar: boolean): void {
    const session = this.sessions.get(id);
    if (session === undefined || session.isKilled) return;
    session.isKilled = true;
    if (session.busy?.isRunning !== true) {
      this.end(session);
      return;
    }
    const { busy } = session;
    this.time.after(undoMs, () => {
      if (isTooFar && session.busy === busy && session.undo === undefined) this.#perform(session, busy);
      this.end(session);
    });
  }

  /** KILL QUERY: the statement ends without effect, the session stays. */
  cancel(session: ServerSession): void {
    if (session.busy === undefined || session.isKilled) return;
    this.#answer(session, { kind: 'failed', fault: new Fault('INTERRUPTED', 'the statement was cancelled') });
  }

  /** The network noticed that nobody is there any more; a statement at work is finished all the same. */
  clientGone(session: ServerSession): void {
    session.isClientGone = true;
    if (session.busy === undefined) this.end(session);
  }

  end(session: ServerSession): void {
    if (this.sessions.get(session.id) !== session) return;
    this.rollback(session);
    this.sessions.delete(session.id);
    const { busy } = session;
    session.busy = undefined;
    session.keepsLocks = false;
    this.letGo(session);
    session.names.clear();
    busy?.answer({ kind: 'lost' });
  }

  restart(downMs: number): void {
    for (const session of [...this.sessions.values()]) this.end(session);
    this.downUntilMs = this.time.nowMs + downMs;
    this.startedAtMs = this.downUntilMs;
    this.#nextId = 1;
  }

  commit(session: ServerSession): void {
    session.undo = undefined;
    session.savepoint = false;
    this.letGo(session);
  }

  rollback(session: ServerSession): void {
    for (const undo of [...(session.undo ?? [])].reverse()) undo();
    session.undo = undefined;
    session.savepoint = false;
    this.letGo(session);
  }

  letGo(session: ServerSession): void {
    if (session.keepsLocks) return;
    session.locks.clear();
    if (this.#waiting.length === 0) return;
    for (const waiting of [...this.#waiting]) if (waiting.busy?.isRunning === false) this.#start(waiting);
  }

  /** Changes a table; in a transaction, in a way that can be taken back. */
  change(session: ServerSession | undefined, name: string, table: Table | undefined): void {
    const before = this.tables.get(name);
    this.#put(name, table);
    session?.undo?.push(() => this.#put(name, before));
    for (const double of doublesIn(name, table)) if (!this.doubles.includes(double)) this.doubles.push(double);
  }

  #put(name: string, table: Table | undefined): void {
    if (table === undefined) this.tables.delete(name);
    else this.tables.set(name, table);
  }

  #start(session: ServerSession): boolean {
    const { busy } = session;
    if (busy === undefined) return false;
    const locks = busy.operation.locks ?? [];
    if (locks.some((lock) => this.#isTaken(lock, session))) return false;
    for (const lock of locks) session.locks.add(lock);
    busy.isRunning = true;
    const at = this.#waiting.indexOf(session);
    if (at !== -1) this.#waiting.splice(at, 1);
    this.time.after(busy.durationMs, () => {
      if (session.busy === busy && !session.isKilled) this.#perform(session, busy);
    });
    return true;
  }

  #isTaken(lock: string, session: ServerSession): boolean {
    for (const other of this.sessions.values()) if (other !== session && other.locks.has(lock)) return true;
    return false;
  }

  #perform(session: ServerSession, busy: Busy): void {
    if (busy.isDeadlock) {
      this.rollback(session);
      this.#answer(session, { kind: 'failed', fault: new Fault('DEADLOCK', `${busy.operation.label}: deadlock`) });
      return;
    }
    try {
      this.#answer(session, { kind: 'done', value: busy.operation.apply(this, session) });
    } catch (problem) {
      if (!(problem instanceof Fault)) throw problem;
      this.#answer(session, { kind: 'failed', fault: problem });
    }
  }

  #answer(session: ServerSession, answer: Answer): void {
    const { busy } = session;
    session.busy = undefined;
    const at = this.#waiting.indexOf(session);
    if (at !== -1) this.#waiting.splice(at, 1);
    if (session.undo === undefined) this.letGo(session);
    if (session.isClientGone) this.end(session);
    busy?.answer(answer);
  }
}

/** Rows that an effect reached twice. Those below 100 are no effects. */
function doublesIn(name: string, table: Table | undefined): readonly string[] {
  if (table === undefined) return [];
  const rows = [...table.rows].filter(([id, n]) => id >= 100 && n > 1).map(([id]) => `${name} row ${id}`);
  const columns = table.columns.filter((column, at) => table.columns.indexOf(column) !== at);
  return [...rows, ...columns.map((column) => `${name} column ${column}`)];
}
