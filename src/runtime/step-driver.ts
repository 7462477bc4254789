import type { StepOutcome } from '../kernel/index.ts';
import type { StepKind, StepOf } from '../plan/index.ts';
import type { ActionScope } from './ports.ts';

/** What the server says about an action whose intent is in the journal and whose outcome is not. */
export type Finding =
  | { readonly kind: 'done'; readonly outcome: StepOutcome }
  /** Nothing of it happened, or what happened may be repeated: execute it. */
  | { readonly kind: 'not-done'; readonly why: string }
  | { readonly kind: 'unknowable'; readonly why: string };

/**
 * How one kind of step acts on the world. One file per kind under `steps/`.
 *
 * `execute` may be cut off at any instruction, by a crash or by its signal. `probe` must then be able to say, from the
 * server and the journal alone, whether the effect happened. A kind that cannot know answers `unknowable`; it never
 * guesses.
 * Both are called only when the run is quiet: no session and no program of an earlier process is left.
 *
 * `execute` throws a Fault only when the outcome is unknown or nothing was tried; a step that failed is a value.
 */
export interface StepDriver<Kind extends StepKind> {
  execute(step: StepOf<Kind>, scope: ActionScope): Promise<StepOutcome>;
  probe(step: StepOf<Kind>, scope: ActionScope): Promise<Finding>;
}
