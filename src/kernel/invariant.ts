/** A bug in this program, never a fault of the plan, the disk or the database. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
}

export function invariant(condition: boolean, expectation: string): asserts condition {
  if (!condition) throw new InvariantViolation(`expected: ${expectation}`);
}

/** Closes a `switch` over a union. A new member makes every such call a compile error. */
export function unreachable(value: never): never {
  throw new InvariantViolation(`unhandled case: ${JSON.stringify(value)}`);
}
