// What a plan says must hold before anything is done. A guard that cannot be kept is refused by name, never skipped.

import type { Engine, Scope } from '../engines/index.ts';
import { Fault, matchesPattern } from '../kernel/index.ts';
import type { Plan } from '../plan/index.ts';

/** @throws {Fault} GUARD_REFUSED when the target is none of those that the plan allows. */
export function assertTargetAllowed({ guards }: Plan, name: string, { address }: Engine): void {
  if (guards.url.length === 0) return;
  const where = `${address.host}:${address.port}/${address.database ?? ''}`;
  if (guards.url.some((pattern) => matchesPattern(pattern.replace(/^\w+:\/\/([^@/]*@)?/, ''), where))) return;
  throw new Fault('GUARD_REFUSED', `target ${name} is ${where}, and the plan allows ${guards.url.join(', ')} only`);
}

/**
 * @throws {Fault} GUARD_REFUSED when going back would restore a whole account or cluster and the plan does not allow
 * it.
 */
export function assertScopeAllowed({ guards }: Plan, scope: Scope): void {
  if (scope.kind !== 'account' && scope.kind !== 'cluster') return;
  if (guards.wide.includes(scope.kind)) return;
  throw new Fault(
    'GUARD_REFUSED',
    `going back would restore a whole ${scope.kind}, and the plan does not say that it may`,
    {
      hint: `Write \`guards: { wide: [${scope.kind}] }\`, or snapshot the databases that you mean.`,
    },
  );
}
