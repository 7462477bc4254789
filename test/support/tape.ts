// What a server and the program said to each other in one test, kept and played again without the server.
// A replay answers a statement only if it is the one that the recording has at that place of that session, and it gives
// the answers in the order in which they once came: what waited for another session then waits for it again.

import { serverErrorOf, toFault, type ErrorContext, type ServerError } from '../../src/engines/wire/errors.ts';
import type { EngineOptions, ParamValue, QueryResult, Session, SessionIdentity } from '../../src/engines/index.ts';
import type { Connector, SessionRequest } from '../../src/engines/wire/connector.ts';
import { Fault, type FaultCode } from '../../src/kernel/index.ts';

/** A failure as the server or the driver told it; a fault of our own where neither did. */
type TapedFailure =
  | { readonly kind: 'said'; readonly said: ServerError }
  | { readonly kind: 'fault'; readonly code: FaultCode; readonly message: string };

interface TapedOpening {
  readonly kind: 'open';
  readonly session: string;
  readonly purpose: string;
  readonly login?: string;
  readonly database?: string;
  readonly prologue?: readonly string[];
  readonly identity?: SessionIdentity;
  readonly failure?: TapedFailure;
}

interface TapedStatement {
  readonly kind: 'query';
  readonly session: string;
  readonly sql: string;
  readonly params?: readonly ParamValue[];
  readonly answer?: QueryResult;
  readonly failure?: TapedFailure;
  /** The connection did not outlive the statement. */
  readonly isLost?: boolean;
}

export type Exchange = TapedOpening | TapedStatement;

/** One test on one server. */
export interface Tape {
  /** `MatrixOne 4.2.0` */
  readonly server: string;
  /** What `version()` answered there. */
  readonly version: string;
  readonly test: string;
  readonly exchanges: readonly Exchange[];
}

/** One exchange per line, so that a change of one statement is a change of one line. */
export function tapeText({ exchanges, ...head }: Tape): string {
  const lines = exchanges.map((exchange) => JSON.stringify(exchange));
  return `${JSON.stringify(head).slice(0, -1)},"exchanges":[\n${lines.join(',\n')}\n]}\n`;
}

const CONTEXT: Omit<ErrorContext, 'isConnecting'> = { host: 'test', port: 0, user: 'test', database: undefined };

function failureOf(error: unknown, isConnecting: boolean): TapedFailure {
  if (!(error instanceof Fault)) throw error;
  const said = serverErrorOf(error);
  // Only what the same code would make of it again is kept as the server's; the rest was our own decision.
  if (said !== undefined && faultOfServer(said, isConnecting).code === error.code) return { kind: 'said', said };
  return { kind: 'fault', code: error.code, message: error.message };
}

function faultOfServer(said: ServerError, isConnecting: boolean): Fault {
  const { errno, sqlState, code, message } = said;
  const isServers = errno !== 0 || sqlState !== undefined;
  const own = isServers ? { errno, sqlState, sqlMessage: message } : { fatal: true };
  const error = Object.assign(new Error(message), own, code === undefined ? {} : { code });
  return toFault(error, { ...CONTEXT, isConnecting }) as Fault;
}

function raise(failure: TapedFailure, isConnecting: boolean): never {
  if (failure.kind === 'said') throw faultOfServer(failure.said, isConnecting);
  throw new Fault(failure.code, failure.message);
}

function openingOf(session: string, request: SessionRequest): Omit<TapedOpening, 'identity' | 'failure'> {
  const { purpose, login, database, prologue } = request;
  return {
    kind: 'open',
    session,
    purpose,
    ...(login === undefined ? {} : { login: login.user }),
    ...(database === undefined ? {} : { database }),
    ...(prologue.length === 0 ? {} : { prologue }),
  };
}

/** A connector that notes what passes through it, in the order in which the answers come. */
export function recordingConnector(inner: Connector, place: string, note: (exchange: Exchange) => void): Connector {
  let count = 0;
  const recorded = (session: Session, name: string): Session => ({
    get identity() {
      return session.identity;
    },
    get isOpen() {
      return session.isOpen;
    },
    close: () => session.close(),
    query: async (sql, options = {}) => {
      const { params = [] } = options;
      const sent = { kind: 'query', session: name, sql, ...(params.length === 0 ? {} : { params }) } as const;
      try {
        const answer = await session.query(sql, options);
        note({ ...sent, answer });
        return answer;
      } catch (error) {
        note({ ...sent, failure: failureOf(error, false), ...(session.isOpen ? {} : { isLost: true }) });
        throw error;
      }
    },
  });
  return {
    address: inner.address,
    openConnectionIds: () => inner.openConnectionIds(),
    closeAll: () => inner.closeAll(),
    open: async (request, signal) => {
      count += 1;
      const opening = openingOf(`${place}.${count}`, request);
      try {
        const session = await inner.open(request, signal);
        note({ ...opening, identity: session.identity });
        return recorded(session, opening.session);
      } catch (error) {
        note({ ...opening, failure: failureOf(error, true) });
        throw error;
      }
    },
  };
}

/** How long an answer may have to wait for those that once came before it, ms. */
const ORDER_TIMEOUT_MS = 10_000;

/** The place of a replay: which exchanges have been asked for, and which have been answered. */
export class Replay {
  readonly #tape: Tape;
  readonly #left = new Map<string, number[]>();
  readonly #isAnswered: boolean[] = [];
  readonly #waiting = new Map<number, () => void>();
  #answered = 0;
  #problem: Error | undefined;

  constructor(tape: Tape) {
    this.#tape = tape;
    for (const [index, { session }] of tape.exchanges.entries()) {
      this.#left.set(session, [...(this.#left.get(session) ?? []), index]);
    }
  }

  /** The exchange that the recording has here, when its turn to be answered has come. */
  async next<Kind extends Exchange['kind']>(
    sent: Omit<Extract<Exchange, { kind: Kind }>, 'answer' | 'failure' | 'identity' | 'isLost'>,
  ): Promise<Extract<Exchange, { kind: Kind }>> {
    const index = this.#left.get(sent.session)?.shift();
    const expected = index === undefined ? undefined : this.#tape.exchanges[index];
    if (index === undefined || expected === undefined || textOf(expected) !== textOf(sent as unknown as Exchange)) {
      throw this.#fail(
        sent.session,
        expected === undefined ? 'nothing more' : textOf(expected),
        textOf(sent as unknown as Exchange),
      );
    }
    await this.#turnOf(index);
    this.#isAnswered[index] = true;
    while (this.#isAnswered[this.#answered] === true) this.#answered += 1;
    this.#waiting.get(this.#answered)?.();
    return expected as Extract<Exchange, { kind: Kind }>;
  }

  /** @throws {Error} what went otherwise than recorded first, even if the program has swallowed it. */
  finish(): void {
    if (this.#problem !== undefined) throw this.#problem;
    const [left] = [...this.#left.values()].flat().sort((a, b) => a - b);
    const expected = left === undefined ? undefined : this.#tape.exchanges[left];
    if (expected !== undefined) throw this.#fail(expected.session, textOf(expected), 'nothing more');
  }

  #fail(session: string, expected: string, sent: string): Error {
    const { server, test } = this.#tape;
    this.#problem ??= new Error(
      `not what was recorded on ${server} (session ${session} of "${test}")\n` +
        `expected: ${expected}\n    sent: ${sent}\n` +
        'If that is meant, record again: SNAPBACK_RECORD=1 (test/README.md).',
    );
    return this.#problem;
  }

  async #turnOf(index: number): Promise<void> {
    if (this.#answered === index) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const missing = this.#tape.exchanges[this.#answered];
        reject(this.#fail(missing?.session ?? '', missing === undefined ? '' : textOf(missing), 'nothing for a while'));
      }, ORDER_TIMEOUT_MS);
    });
    const turn = new Promise<void>((resolve) => this.#waiting.set(index, resolve));
    await Promise.race([turn, late]);
    clearTimeout(timer);
  }
}

/** What has to be equal: the question, never the answer. */
function textOf(exchange: Exchange): string {
  if (exchange.kind === 'query') {
    const { sql, params = [] } = exchange;
    return params.length === 0 ? sql : `${sql} with ${JSON.stringify(params)}`;
  }
  const { purpose, login, database, prologue = [] } = exchange;
  const place = [login === undefined ? '' : ` as ${login}`, database === undefined ? '' : ` in ${database}`].join('');
  return `a session for ${purpose}${place}${prologue.map((statement) => `; ${statement}`).join('')}`;
}

/** A connector to a recording. */
export function replayingConnector(
  replay: Replay,
  place: string,
  { onSessionOpened }: Pick<EngineOptions, 'onSessionOpened'>,
  address: Connector['address'],
): Connector {
  let count = 0;
  const open = new Set<Session>();
  const replayed = (identity: SessionIdentity, name: string): Session => {
    const session: Session = {
      identity,
      get isOpen() {
        return open.has(session);
      },
      close: async () => {
        open.delete(session);
      },
      query: async (sql, { params = [] } = {}) => {
        const sent = { kind: 'query', session: name, sql, ...(params.length === 0 ? {} : { params }) } as const;
        const { answer, failure, isLost } = await replay.next<'query'>(sent);
        if (isLost === true) open.delete(session);
        if (failure !== undefined) return raise(failure, false);
        return answer as QueryResult;
      },
    };
    open.add(session);
    return session;
  };
  return {
    address,
    openConnectionIds: () => [...open].map(({ identity }) => identity.connectionId),
    closeAll: async () => open.clear(),
    open: async (request) => {
      count += 1;
      const opening = openingOf(`${place}.${count}`, request);
      const { identity, failure } = await replay.next<'open'>(opening);
      if (failure !== undefined || identity === undefined) return raise(failure as TapedFailure, true);
      const session = replayed(identity, opening.session);
      if (request.announce) await onSessionOpened(identity, request.purpose);
      return session;
    },
  };
}
