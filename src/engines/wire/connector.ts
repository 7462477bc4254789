// What an engine is built on: a way to open sessions on one server with one login.

import type { Secret } from '../../kernel/index.ts';
import type { Engine, EngineOptions, Session } from '../port.ts';

export interface SessionRequest {
  /** For people and the journal: `snapshot worker 2`, `statements of migrate`. */
  readonly purpose: string;
  /** `undefined`: no current database. */
  readonly database: string | undefined;
  /**
   * Tell `EngineOptions.onSessionOpened` before the session is handed out. Every session that may change anything is
   * announced; sessions that only read or that end other sessions need not be.
   */
  readonly announce: boolean;
  /** Statements sent right after login, for instance to pin session variables. */
  readonly prologue: readonly string[];
  /** How many rows a result of this session keeps; the rest is read and dropped. Undefined: all of them. */
  readonly rowsMax?: number;
  /** Takes several statements at a time, joined by `;`: for texts that are all our own. */
  readonly takesBatches?: boolean;
  /** Another login on the same server. */
  readonly login?: { readonly user: string; readonly password: Secret };
}

export interface Connector {
  readonly address: Engine['address'];
  /** @throws {Fault} SERVER_UNREACHABLE, LOGIN_REFUSED, UNKNOWN_DATABASE */
  open(request: SessionRequest, signal: AbortSignal): Promise<Session>;
  /**
   * From now on every session must be on the server of the first one: an expression of SQL that no two servers share.
   * Behind an address there may be several, or another one after a failover.
   */
  pinTo?(serverExpression: string): void;
  openConnectionIds(): readonly string[];
  closeAll(): Promise<void>;
}

export interface DetectedServer {
  readonly flavour: Engine['flavour'];
  /** `10.11.14`, `9.7.4`, `4.2.0`. */
  readonly version: string;
  readonly label: string;
}

/** Builds an engine on a connector; the folder of each family exports one. */
export type EngineFactory = (
  connector: Connector,
  server: DetectedServer,
  options: EngineOptions,
  signal: AbortSignal,
) => Promise<Engine>;
