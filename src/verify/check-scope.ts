import type { Effect, Engine } from '../engines/index.ts';
import type { Baselines } from './baselines.ts';

/** What every check is given. */
export interface CheckScope {
  readonly engine: Engine;
  readonly baselines: Baselines;
  readonly urlDatabase: string | undefined;
  readonly effect: Effect;
  /** How many differing rows a failed check names at most. */
  readonly sampleMax: number;
}
