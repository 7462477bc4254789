// The part of the port that is one connection.

/** A decimal, a text, or NULL: always as the server printed it, never a parsed JavaScript number or date. */
export type Cell = string | null;

export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly rowsAffected: number;
}

export type ParamValue = string | number | boolean | null;

/** Identifies a server session across processes, so that a later process can end it and see it gone. */
export interface SessionIdentity {
  readonly connectionId: string;
  /**
   * When the server process started, ISO 8601 UTC to a second; on a server that does not tell (MatrixOne), when this
   * session did.
   */
  readonly serverStartedAt: string;
  readonly user: string;
}

/** One connection. One statement at a time, over the text protocol. */
export interface Session {
  readonly identity: SessionIdentity;
  /**
   * Runs one statement. `signal` cancels it in the server (KILL QUERY from another connection) and waits for its end.
   *
   * @throws {Fault} by class: DEADLOCK, LOCK_WAIT, PRIVILEGE_MISSING, READ_ONLY_SERVER, TIMEOUT, STATEMENT_FAILED;
   *   CONNECTION_LOST when the outcome is unknown; INTERRUPTED when `signal` ended it.
   */
  query(
    sql: string,
    options?: { readonly params?: readonly ParamValue[]; readonly signal?: AbortSignal },
  ): Promise<QueryResult>;
  /** Ends the connection politely; may be called twice; never throws. */
  close(): Promise<void>;
  /** True until the connection is closed or lost. */
  readonly isOpen: boolean;
}
