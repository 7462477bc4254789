// The part of the port that is about other people on the server: who writes, and keeping logins out.

import type { LoginName } from '../kernel/index.ts';

/** Who writes, or may begin to any moment, in a scope, as far as a login may see it. */
export interface Writers {
  /** Open transactions that hold something of it and statements that change it; `id` names one piece of work. */
  readonly busy: readonly { readonly id: string; readonly label: string }[];
  /** Enabled events of a server that runs them. */
  readonly events: readonly string[];
  /** What could not be seen, and why: one sentence each. */
  readonly unseen: readonly string[];
}

/** Logins of the server, for keeping them out for a time. */
export interface Logins {
  /** `undefined` when there is no such login. @throws {Fault} PRIVILEGE_MISSING when this login may not know. */
  state(login: LoginName, signal: AbortSignal): Promise<'open' | 'locked' | undefined>;
  /** Keeps new sessions out; those that are there stay. @throws {Fault} PRIVILEGE_MISSING */
  lock(login: LoginName, signal: AbortSignal): Promise<void>;
  /** Unlocking what is open succeeds, and so does unlocking what is gone. */
  unlock(login: LoginName, signal: AbortSignal): Promise<void>;
  /** Ends its sessions but for `spare` and sees them gone. @throws {Fault} NOT_QUIET after `timeoutMs`. */
  endSessions(
    login: LoginName,
    request: { readonly spare: readonly string[]; readonly timeoutMs: number },
    signal: AbortSignal,
  ): Promise<number>;
}
