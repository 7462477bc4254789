import type { Engine, Resets } from '../engines/index.ts';
import type { RunId } from '../kernel/index.ts';
import type { BaselineStore } from './baseline-store.ts';
import type { BaselineOptions } from './options.ts';

/** A baseline that is being opened, and what it is opened with. */
export interface Opening {
  readonly url: string;
  readonly database: string;
  readonly engine: Engine;
  readonly resets: Resets;
  readonly store: BaselineStore;
  readonly options: BaselineOptions;
  readonly run: RunId;
  readonly signal: AbortSignal;
}
