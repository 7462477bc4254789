// Owns one connection of the driver. Leaves logging in to wire-connector.ts and faults to errors.ts.
// Invariants: 1. A promise that `query` returned settles only after the statement has ended in the server, or the
//   connection is gone. 2. At most one statement is under way. 3. Rows beyond the bound are read and dropped.

import type { Socket } from 'node:net';
import type { Connection, FieldPacket } from 'mysql2';
import { Fault, systemClock, type RunId } from '../../kernel/index.ts';
import type { Cell, ParamValue, QueryResult, Session, SessionIdentity } from '../port.ts';
import { alignCell, binaryCell, textCell } from './cells.ts';
import { serverErrorOf, toFault, type ErrorContext } from './errors.ts';

export interface WireSessionParts {
  readonly connection: Connection;
  readonly socket: Socket;
  readonly context: ErrorContext;
  /** Stands before every statement: `/* snapback:<run> *\/ `, or empty. */
  readonly prefix: string;
  /** How many rows a result keeps where the call does not say. */
  readonly rowsMax: number;
  /** Cancels what a connection is doing, by its id, from another connection. */
  readonly cancel: (connectionId: string) => Promise<void>;
  readonly onClosed: (session: WireSession) => void;
}

export interface WireQueryOptions {
  readonly params?: readonly ParamValue[];
  readonly signal?: AbortSignal;
  /** Keeps at most so many rows; the rest is read and dropped. */
  readonly rowsMax?: number;
}

/** The comment that stands before every statement of a run, so that an orphan can be found. */
export function markOf(run: RunId): string {
  return `/* snapback:${run} */`;
}

/** How long a cancelled statement may take to end before its connection is cut, ms. */
const CANCEL_GRACE_MS = 30_000;
const CLOSE_GRACE_MS = 1_000;

/** A `Session` on one plain connection. */
export class WireSession implements Session {
  readonly #parts: WireSessionParts;
  #identity: SessionIdentity;
  #isOpen = true;
  #tail: Promise<unknown> = Promise.resolve();
  #failPending: ((error: unknown) => void) | undefined;
  #closing: Promise<void> | undefined;
  #tellGone = (): void => undefined;
  readonly #gone = new Promise<void>((resolve) => (this.#tellGone = resolve));

  constructor(parts: WireSessionParts, identity: SessionIdentity) {
    this.#parts = parts;
    this.#identity = identity;
    parts.connection.on('error', (error: unknown) => this.#lose(error));
    parts.socket.on('close', () => this.#lose(lostConnection()));
  }

  get identity(): SessionIdentity {
    return this.#identity;
  }

  /** Once, by the connector, as soon as the server has told it. */
  identify(identity: SessionIdentity): void {
    this.#identity = identity;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  query(sql: string, options: WireQueryOptions = {}): Promise<QueryResult> {
    const turn = this.#tail.then(() => this.#cancellable(sql, options));
    this.#tail = turn.catch(() => undefined); // whoever asked sees the failure; the next in line must not
    return turn;
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  /** Cuts the connection without a word; `why` is told to who waits. What the server was doing for it goes on. */
  destroy(why: Error = lostConnection()): void {
    this.#lose(why);
    this.#parts.socket.destroy();
  }

  async #cancellable(sql: string, options: WireQueryOptions): Promise<QueryResult> {
    const { signal } = options;
    if (!this.#isOpen) throw this.#fault(lostConnection());
    if (signal === undefined) return this.#send(sql, options).catch((error: unknown) => this.#endedByOthers(error));
    if (signal.aborted) throw interrupted('before the statement was sent', signal.reason);
    let cancelling: Promise<void> | undefined;
    let ended: AbortController | undefined; // made when it is needed: most statements are never interrupted
    const onAbort = (): void => {
      ended = new AbortController();
      cancelling = this.#cancel(ended.signal);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#send(sql, options);
    } catch (error) {
      if (cancelling !== undefined && error instanceof Fault && error.code !== 'CONNECTION_LOST') {
        throw interrupted(error.message, signal.reason);
      }
      return await this.#endedByOthers(error);
    } finally {
      signal.removeEventListener('abort', onAbort);
      ended?.abort();
      if (cancelling !== undefined) await this.#settleCancel(cancelling);
    }
  }

  /** Whoever ended the statement may have ended the connection with it: MatrixOne says the same words for both. */
  async #endedByOthers(error: unknown): Promise<never> {
    if (error instanceof Fault && error.code === 'INTERRUPTED') await this.#send('SELECT 1', {});
    throw error;
  }

  async #cancel(ended: AbortSignal): Promise<void> {
    try {
      await this.#parts.cancel(this.#identity.connectionId);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      // No second connection to be had: give the statement its time, then cut the first one.
    }
    const grace = systemClock.sleep(CANCEL_GRACE_MS, ended).then(
      () => this.destroy(),
      () => undefined,
    );
    await grace;
  }

  /** A cancellation that came too late would hit the next statement: let it hit a harmless one. */
  async #settleCancel(cancelling: Promise<void>): Promise<void> {
    if (this.#isOpen) await Promise.race([cancelling, this.#gone]);
    if (!this.#isOpen) return;
    try {
      await this.#send('SELECT 1', {});
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
  }

  #send(sql: string, options: WireQueryOptions): Promise<QueryResult> {
    const { connection, prefix } = this.#parts;
    const params = options.params ?? [];
    const result = new ResultCollector(options.rowsMax ?? this.#parts.rowsMax, params.length > 0);
    return new Promise<QueryResult>((resolve, reject) => {
      if (!this.#isOpen) {
        reject(this.#fault(lostConnection()));
        return;
      }
      let failure: unknown;
      let isSettled = false;
      const settle = (error: unknown): void => {
        if (isSettled) return; // the driver may report the end of a failed preparation twice
        isSettled = true;
        this.#failPending = undefined;
        if (error === undefined) resolve(result.done());
        else reject(this.#fault(error));
      };
      this.#failPending = settle;
      const text = { sql: `${prefix}${sql}`, rowsAsArray: true };
      const command =
        params.length === 0
          ? connection.query({ ...text, typeCast: textCell })
          : connection.execute({ ...text, typeCast: binaryCell, values: [...params] });
      command.on('error', (error: unknown) => (failure ??= error));
      command.on('fields', (fields: FieldPacket[] | undefined) => result.fields(fields));
      command.on('result', (row: unknown) => result.row(row));
      command.on('end', () => settle(failure));
    });
  }

  #lose(error: unknown): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#tellGone();
    this.#failPending?.(error);
    this.#failPending = undefined;
    this.#parts.socket.destroy();
    this.#parts.onClosed(this);
  }

  async #end(): Promise<void> {
    if (!this.#isOpen) return;
    const { connection, socket } = this.#parts;
    const grace = new AbortController();
    const gone = new Promise<void>((resolve) => {
      if (socket.destroyed) resolve();
      else socket.once('close', () => resolve());
    });
    // MatrixOne does not hang up when it is told goodbye: our end is closed as soon as the word is out.
    connection.end(() => socket.end());
    const late = systemClock.sleep(CLOSE_GRACE_MS, grace.signal).then(
      () => undefined,
      () => undefined,
    );
    await Promise.race([gone, late]);
    grace.abort();
    this.#lose(lostConnection());
  }

  #fault(error: unknown): unknown {
    return toFault(error, this.#parts.context);
  }
}

/** The first result set with columns, bounded, and the sum of affected rows. */
class ResultCollector {
  readonly #rowsMax: number;
  readonly #isBinary: boolean;
  #columns: readonly FieldPacket[] | undefined;
  #isFirst = false;
  #rows: (readonly Cell[])[] = [];
  #rowsAffected = 0;

  constructor(rowsMax: number, isBinary: boolean) {
    this.#rowsMax = rowsMax;
    this.#isBinary = isBinary;
  }

  fields(fields: FieldPacket[] | undefined): void {
    this.#isFirst = fields !== undefined && this.#columns === undefined;
    if (this.#isFirst) this.#columns = fields;
  }

  row(row: unknown): void {
    if (!Array.isArray(row)) this.#rowsAffected += (row as { affectedRows?: number } | null)?.affectedRows ?? 0;
    else if (this.#isFirst && this.#rows.length < this.#rowsMax) this.#rows.push(this.#aligned(row as Cell[]));
  }

  done(): QueryResult {
    const columns = (this.#columns ?? []).map(({ name }) => name);
    return { columns, rows: this.#rows, rowsAffected: this.#rowsAffected };
  }

  #aligned(row: readonly Cell[]): readonly Cell[] {
    if (!this.#isBinary) return row;
    return row.map((cell, index) => {
      const field = this.#columns?.[index];
      return field === undefined ? cell : alignCell(cell, field);
    });
  }
}

function interrupted(what: string, reason: unknown): Fault {
  return new Fault('INTERRUPTED', `the statement was interrupted: ${what}`, { cause: reason });
}

function lostConnection(): Error {
  return Object.assign(new Error('the connection was closed'), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true });
}

/** True for a connection id that the server does not know (any more). */
export function isUnknownConnection(error: unknown): boolean {
  const said = serverErrorOf(error);
  return said?.errno === 1094 || (said?.errno === 20101 && said.message.includes('Unknown connection'));
}
