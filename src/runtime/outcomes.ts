import { Fault, FAULTS, type Evidence, type FaultRecord, type StepOutcome } from '../kernel/index.ts';

export function succeeded(evidence: Evidence): StepOutcome {
  return { kind: 'succeeded', evidence };
}

export function failed(fault: Fault, effect: 'none' | 'some' | 'unknown', evidence?: Evidence): StepOutcome {
  return { kind: 'failed', fault: faultRecord(fault), effect, ...(evidence === undefined ? {} : { evidence }) };
}

export function nothing(why: string): StepOutcome {
  return succeeded({ kind: 'nothing', why });
}

export function faultRecord({ code, message, hint }: Fault): FaultRecord {
  return { code, message, hint };
}

/**
 * Whether this fault is how a step failed. All others stop the process and leave the run open: the outcome is unknown
 * (R2), or it cannot be recorded, or this run may no longer act.
 */
export function isStepFailure(problem: unknown): problem is Fault {
  if (!(problem instanceof Fault)) return false;
  // A database that is missing when a step asks for it is how that step failed: the login itself was good.
  return problem.code === 'UNKNOWN_DATABASE' || [4, 5].includes(FAULTS[problem.code].exitCode);
}

/** Turns a Fault with a known effect into a value, and lets everything else through. */
export function asFailure(problem: unknown, effect: 'none' | 'some' | 'unknown'): StepOutcome {
  if (!isStepFailure(problem)) throw problem;
  return failed(problem, effect);
}
