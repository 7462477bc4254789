import type { ActionKey } from '../journal/index.ts';

const NUMBERS = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `1,204,331` */
export function formatCount(count: number): string {
  return NUMBERS.format(count);
}

/** `1 row`, `300,000 rows`, `no rows`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  if (count === 0) return `no ${many}`;
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/**
 * `a`, `a and b`, `a, b and c`; with more than `max` names, `a, b, c and 9 more`.
 *
 * @param total counts the names that were not handed in, too.
 */
export function listOf(names: readonly string[], max: number, total: number = names.length): string {
  const shown = names.slice(0, max);
  const rest = total - shown.length;
  if (rest > 0) return shown.length === 0 ? formatCount(rest) : `${shown.join(', ')} and ${formatCount(rest)} more`;
  const last = shown.at(-1) ?? '';
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`;
}

/** Cuts to `max` UTF-16 units at most, the ellipsis included, never through a surrogate pair. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

export type ActionPhase = 'steps' | 'undo' | 'rollback' | 'auto' | 'finally';

const PHASES: readonly string[] = ['steps', 'undo', 'rollback', 'auto', 'finally'] satisfies ActionPhase[];

/** The phase that an action's key begins with. */
export function phaseOf(action: ActionKey): ActionPhase {
  const [first = ''] = action.split('/');
  return PHASES.includes(first) ? (first as ActionPhase) : 'steps';
}

/** The part of a key that means something to people: `migrate`, `undo migrate`, `rollback 1`, `proof`. */
export function titleOf(action: ActionKey): string {
  const parts = action.split('/');
  const last = parts.at(-1) ?? action;
  if (parts.length < 2 || !/^\d+$/.test(last)) return last;
  return parts.length > 2 ? `${parts[0] ?? ''} ${parts[1] ?? ''}` : parts.join(' ');
}

/** Whether an action is part of going back. */
export function isWayBack(action: ActionKey): boolean {
  const phase = phaseOf(action);
  return phase === 'undo' || phase === 'rollback' || action === 'auto/restore' || action === 'auto/proof';
}

/** Whether an action comes after the verdict and cannot change it. */
export function isAfterVerdict(action: ActionKey): boolean {
  return phaseOf(action) === 'finally' || action === 'auto/release';
}

/** `2026-01-31 07:41:22 UTC` from ISO 8601. */
export function formatTime(iso: string): string {
  const found = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})/.exec(iso);
  return found === null ? iso : `${found[1] ?? ''} ${found[2] ?? ''} UTC`;
}
