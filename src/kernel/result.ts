/** Success, or what was wrong, as a value. */
export type Result<Value, Problem> =
  { readonly kind: 'ok'; readonly value: Value } | { readonly kind: 'err'; readonly problem: Problem };

export function ok<Value>(value: Value): Result<Value, never> {
  return { kind: 'ok', value };
}

export function err<Problem>(problem: Problem): Result<never, Problem> {
  return { kind: 'err', problem };
}
