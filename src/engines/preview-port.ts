// What a run would do on a server and what stands in its way, found by reading alone.

import type { ObjectKind } from '../kernel/index.ts';

export interface PreviewedTable {
  /** `shop.orders` */
  readonly table: string;
  readonly rowCount: number;
  readonly byteCount: number;
}

/** A session that is not ours. */
export interface OtherSession {
  readonly id: string;
  /** `app@10.0.0.7` */
  readonly login: string;
  /** What it is doing, in words. */
  readonly doing: string;
  /** Whether it runs a statement that changes something, or has a transaction open. */
  readonly isWriting: boolean;
}

export interface RestorePreview {
  /** The statements that would restore from it; they depend on what differs then. */
  readonly statements: readonly string[];
  /** What a restore that fails may leave behind on this server, one sentence each. */
  readonly risks: readonly string[];
}

export interface ScopePreview {
  readonly tables: readonly PreviewedTable[];
  /** How many objects of each other kind. */
  readonly objects: Readonly<Partial<Record<ObjectKind, number>>>;
  /** Where counts and sizes come from, in words. */
  readonly basis: string;
  /** How long taking a snapshot may need, in words, with what that rests on. */
  readonly estimate: string;
  /** The statements that take a snapshot called `NAME`; `TOKEN` stands for what is made up then. */
  readonly takes: readonly string[];
  /** The statements that put all of it back. */
  readonly putsBack: readonly string[];
  /** Why a snapshot of it would be refused. */
  readonly refusals: readonly string[];
  /** What a snapshot would declare; what equality leaves out. */
  readonly restrictions: readonly string[];
  /** Rights that this login lacks, one sentence part each. */
  readonly missingRights: readonly string[];
  /** What an administrator would run to give them. */
  readonly grants: readonly string[];
  readonly sessions: readonly OtherSession[];
  /** What this login cannot see, so that nothing is said of it. */
  readonly unseen: readonly string[];
}
