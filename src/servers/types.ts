import type { Log } from '../kernel/index.ts';

export type ServerEngine = 'mariadb' | 'mysql' | 'matrixone';

/** In the order in which they are tried when any will do: the one that is ready soonest first. */
export const SERVER_ENGINES: readonly ServerEngine[] = ['mariadb', 'mysql', 'matrixone'];

export const ENGINE_LABELS: Readonly<Record<ServerEngine, string>> = {
  mariadb: 'MariaDB',
  mysql: 'MySQL',
  matrixone: 'MatrixOne',
};

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ServerRequest {
  /** `undefined`: whichever can be started, MariaDB first. */
  readonly engine?: ServerEngine;
  /** `10.11` takes any 10.11.x. A URL from the environment is taken as it is. */
  readonly version?: string;
  readonly env: Environment;
  readonly log?: Log;
  /** Ends the attempt; nothing is left running. It does not stop a server that was handed out. */
  readonly signal?: AbortSignal;
}

/**
 * A server of one's own. Unless `origin` is `url`, it and its data are gone after `stop` and when this process ends.
 */
export interface RunningServer {
  readonly engine: ServerEngine;
  /** For people: `MariaDB 10.11.19`. */
  readonly label: string;
  /** `mysql://root:...@127.0.0.1:41234`: a login that may do everything, and no database. */
  readonly url: string;
  readonly origin: 'url' | 'binary' | 'docker';
  /** Ends the server and removes its data. A server given by URL is left alone. May be called twice. */
  stop(): Promise<void>;
  /** SIGKILL; the data stay, as after a crash. @throws {Fault} GUARD_REFUSED for a server given by URL */
  kill(): Promise<void>;
  /** Starts it again on its data and its port, after a clean shutdown if it still runs. @throws {Fault} as `kill` */
  restart(): Promise<void>;
}

/** How one engine can be had here, or why not. */
export type FoundServer =
  | { readonly kind: 'url'; readonly engine: ServerEngine; readonly variable: string; readonly url: string }
  | { readonly kind: 'binary'; readonly engine: ServerEngine; readonly path: string; readonly version: string }
  | { readonly kind: 'docker'; readonly engine: ServerEngine; readonly image: string }
  | {
      readonly kind: 'missing';
      readonly engine: ServerEngine;
      /** `no mariadbd on PATH, no Docker`. */
      readonly reason: string;
      /** The command that installs one here. */
      readonly install: string;
    };
