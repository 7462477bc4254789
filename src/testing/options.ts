import type { RunningServer } from '../servers/index.ts';

/** What stands in the database before the first test, beyond what is there already. */
export type Seed =
  /** SQL statements, as a script for the `mysql` client. */
  | string
  /** Files of such statements, in this order. */
  | { readonly files: readonly string[] }
  /** A program of yours; it is run again whenever `version` is another one. */
  | { readonly version: string; readonly run: (url: string) => Promise<void> };

export interface BaselineOptions {
  /** `mysql://user:password@host:port/shop_test`: the login, and the database unless `database` names one. */
  readonly url?: string;
  /** In place of `url`: what `startServer` gave. */
  readonly server?: RunningServer;
  /** Default: the database of the URL. It has to be there. */
  readonly database?: string;
  /** Run once into the database; after that it is known by its hash, and by that of the definitions. */
  readonly seed?: Seed;
  /**
   * `loose` leaves the next AUTO_INCREMENT values as they are, which makes a reset two to three times as fast. Default:
   * `exact`, and `loose` on MatrixOne, which never gives a value again and where `exact` is refused.
   */
  readonly autoIncrement?: 'exact' | 'loose';
  /**
   * A name for this worker: it gets a database of its own, `<database>_<worker>`, made from the one that is named. Left
   * out, the tests use that one itself.
   */
  readonly worker?: string | number;
  /** Says that the database is there for tests although its name does not say so. */
  readonly isTestDatabase?: boolean;
  /** How long a reset waits for a lock, ms. Default 5,000. */
  readonly lockWaitMs?: number;
  readonly signal?: AbortSignal;
}

export interface ResetResult {
  /** `untouched`: nothing had been changed. `restored`: definitions had been. */
  readonly kind: 'untouched' | 'rows' | 'restored';
  /** Tables that were looked into; every table that had been changed is among them. */
  readonly tables: readonly string[];
}

/** A database that can be put back to what it was when its baseline was taken. */
export interface Baseline {
  /** Where the tests work: with `worker`, a database of that worker's own. */
  readonly database: string;
  /** The URL of that database. */
  readonly url: string;
  /**
   * Puts rows, AUTO_INCREMENT, definitions, triggers, routines and views back, and touches only what was touched.
   *
   * A second one waits for the first.
   *
   * @throws {Fault} NOT_QUIET while a transaction of the test is open; LOCK_WAIT when somebody holds a lock for longer
   *   than `lockWaitMs`
   */
  reset(): Promise<ResetResult>;
  /**
   * Copies the database as it is now to another name, for a person to look at, and gives its URL.
   *
   * @throws {Fault} SNAPSHOT_REFUSED for what cannot be carried to another name
   */
  keep(label: string): Promise<string>;
  /** Puts the database back and lets it go. A worker's database stays for the next file of the same worker. */
  close(): Promise<void>;
}
