import type { JournalEntry } from '../journal/index.ts';
import type { Clock, Entropy, Log } from '../kernel/index.ts';
import type { Progress } from '../engines/index.ts';
import type { PlanShape } from '../report/index.ts';
import type { OpenEngine, Programs } from '../runtime/index.ts';

export interface RunFacts {
  readonly shape: PlanShape;
  readonly earlier: readonly JournalEntry[];
}

/** What a door gives to every verb: the world, and somebody who listens. */
export interface AppContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  readonly process: { readonly pid: number; readonly host: string; readonly user: string };
  readonly toolVersion: string;
  readonly openEngine: OpenEngine;
  /** Left out: the programs of this machine. */
  readonly programs?: Programs;
  /** Ends when the person interrupts. */
  readonly signal: AbortSignal;
  /** Hears, before anything else, what the plan would do and what the journal held already. */
  readonly onBegin: (facts: RunFacts) => void;
  /** Hears each record right after it is durable. */
  readonly onEntry: (entry: JournalEntry) => void;
  readonly onProgress: (action: string, progress: Progress) => void;
  /**
   * Hears the output of programs line by line, secrets replaced: what a person may want to watch, no fact of the run.
   */
  readonly onProgramLine: (line: string) => void;
}

export function holderOf({ process: { user, host, pid } }: AppContext): string {
  return `${user}@${host} pid ${pid}`;
}
