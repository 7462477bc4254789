// What a run is given from outside: time, the journal, servers, programs. Nothing here is global.

import type { Engine, Effect, Scope, ScopeLock } from '../engines/index.ts';
import type { JournalRecord, RunState } from '../journal/index.ts';
import type { Clock, Entropy, Log, RunId, Secret, SnapshotName } from '../kernel/index.ts';
import type { EngineOptions } from '../engines/index.ts';
import type { Progress } from '../engines/index.ts';
import type { PlanScope } from '../plan/index.ts';
import type { Programs } from './programs.ts';

export type OpenEngine = (url: Secret, options: EngineOptions, signal: AbortSignal) => Promise<Engine>;

export interface RunPorts {
  readonly run: RunId;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  /** Makes one record durable; a record is believed only once this has resolved. */
  readonly append: (record: JournalRecord) => Promise<void>;
  /** What the journal says now; it follows every append. */
  readonly history: () => RunState;
  readonly openEngine: OpenEngine;
  readonly programs: Programs;
  readonly onProgress: (action: string, progress: Progress) => void;
  /** `user@host pid 123`: who holds the locks, for people. */
  readonly holder: string;
  /** The environment that programs inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of the plan file: programs start there. */
  readonly planFolder: string;
  /** A target's URL as programs get it: without parameters of our own. */
  readonly programUrl: (target: string) => string;
  /** Hears the output of programs while they run, secrets replaced. It is not recorded; its tail is. */
  readonly onProgramLine: (line: string) => void;
  /** For replacing in the output of programs. */
  readonly secrets: readonly string[];
  /** Variables of `env` that hold one. */
  readonly secretVariables: readonly string[];
}

/** One target of the plan, opened: its engine, and the lock on what this run may touch there. */
export interface OpenTarget {
  readonly name: string;
  readonly engine: Engine;
  readonly lock: ScopeLock | undefined;
}

/** When the plan's guard against others who write is asked. */
export type GuardedMoment = 'while a snapshot is taken' | 'before a restore';

/** What one action is given. */
export interface ActionScope {
  readonly key: string;
  readonly ports: RunPorts;
  readonly target: OpenTarget;
  readonly targetOf: (name: string) => OpenTarget;
  /** Ends when the run is interrupted or the step's deadline passes. */
  readonly signal: AbortSignal;
  readonly effect: Effect;
  /** Whether a step that can change data has begun. */
  readonly hasChanged: (history: RunState) => boolean;
  /** The plan's guard against others who write. @throws {Fault} GUARD_REFUSED */
  readonly heedWriters: (target: OpenTarget, scope: Scope, moment: GuardedMoment) => Promise<void>;
  /** Snapshots of this run so far, oldest first. */
  readonly snapshots: readonly OwnSnapshot[];
}

export interface OwnSnapshot {
  readonly step: string;
  readonly target: string;
  readonly name: SnapshotName;
  /** As the plan asks for it. */
  readonly scope: PlanScope;
  readonly takenAt: string;
  /** Found there by `if_missing`: another run's, never restored from by default and never dropped. */
  readonly isReused: boolean;
}
