import { canonicalJson, Secret, sha256, type Json } from '../kernel/index.ts';
import type { NormalizedPlan } from './normalize-plan.ts';
import { checkUrl } from './url.ts';

/**
 * Names what a plan means: SHA-256 in hexadecimal.
 *
 * Layout, comments, descriptions and the spelling of defaults do not count, nor do passwords and what `env` and `file`
 * give to servers and programs; variables and the bytes of SQL files do.
 *
 * @param plan made from the values that the digest sees (`Interpolated.forDigest`).
 */
export function planDigest(plan: NormalizedPlan): string {
  const targets = [...plan.targets.values()].map(({ name, url }) => [name, withoutPassword(url.reveal())]);
  const { name, vars, steps, rollback, onFailure, guards, quiesce } = plan;
  const meaning = { language: 1, name, vars, steps, rollback, finally: plan.finally, onFailure, guards, quiesce };
  return sha256(canonicalJson(plainOf({ ...meaning, targets: Object.fromEntries(targets) as unknown })));
}

function withoutPassword(url: string): string {
  const checked = checkUrl(url);
  return checked.kind === 'ok' ? checked.value.withoutPassword : url;
}

/** Without places in the text, and without what is only for people. */
function plainOf(value: unknown): Json {
  if (value instanceof Secret) return '***';
  if (Array.isArray(value)) return value.map(plainOf);
  if (value === null || typeof value !== 'object') return value as Json;
  const isStep = 'inDoubt' in value;
  const members = Object.entries(value).filter(
    ([key, member]) => !isPlace(key, member) && !(isStep && key === 'description'),
  );
  return Object.fromEntries(members.map(([key, member]) => [key, member === undefined ? undefined : plainOf(member)]));
}

/** A column may be called `at` too; then its value is no place. */
function isPlace(key: string, value: unknown): boolean {
  if (key !== 'at' || value === null || typeof value !== 'object') return false;
  return 'path' in value && 'start' in value && 'end' in value;
}
