import type { PlanPath } from './source-text.ts';

/**
 * What a text in a plan becomes: `sql` and `shell` are code, which nothing from outside may enter; `secret` is handed
 * to
 * a server or a program and must not be printed; `plain` is a name, a number, a word of the plan.
 */
export type TextRole = 'sql' | 'shell' | 'secret' | 'plain';

const SECRET_PLACES = [
  /^(target|targets\/[^/]+)\/url$/,
  /^run\/(?!cwd$)/,
  /^sql\/params\//,
  /^verify\/queries\/\d+\/(params|expect)\//,
  /^restore\/into\//,
];

export function roleOf(path: PlanPath): TextRole {
  const place = withinStep(path)
    .map((segment) => String(segment).replaceAll('/', '_'))
    .join('/');
  if (/^(sql(\/text)?|verify\/queries\/\d+\/sql)$/.test(place)) return 'sql';
  if (/^run(\/command)?$/.test(place)) return 'shell';
  return SECRET_PLACES.some((pattern) => pattern.test(place)) ? 'secret' : 'plain';
}

/** The path from its innermost step on; the whole path outside of steps. */
function withinStep(path: PlanPath): PlanPath {
  if (!['steps', 'rollback', 'finally'].includes(String(path[0]))) return path;
  let start = 2;
  while (path[start] === 'undo') start += 2;
  return path.slice(start);
}
