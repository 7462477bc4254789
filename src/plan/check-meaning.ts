import type { Diagnostic, SourceSpan } from '../kernel/index.ts';
import { checkCoverage } from './check-coverage.ts';
import type { NormalizedPlan } from './normalize-plan.ts';
import { problem } from './source-text.ts';
import type { Check, PlanTable, Step, Target } from './types.ts';
import { checkUrl, type UrlFacts } from './url.ts';

export interface Meaning {
  readonly diagnostics: readonly Diagnostic[];
  /** Passwords in the URLs, as they are written and as they are meant. */
  readonly passwords: readonly string[];
}

/** What only the whole typed plan can tell: URLs, and whether each step knows its database. */
export function checkMeaning(plan: NormalizedPlan, isKnownUrl: (target: Target) => boolean): Meaning {
  const diagnostics: Diagnostic[] = [];
  const passwords: string[] = [];
  const facts = new Map<string, UrlFacts>();
  for (const target of plan.targets.values()) {
    if (!isKnownUrl(target)) continue;
    const checked = checkUrl(target.url.reveal());
    if (checked.kind === 'err') {
      diagnostics.push(problem('WRONG_URL', target.at, checked.problem, URL_HELP));
    } else {
      facts.set(target.name, checked.value);
      passwords.push(...passwordForms(target.url.reveal(), checked.value));
    }
  }
  const steps = [...plan.steps, ...(plan.rollback ?? []), ...plan.finally].flatMap((step) => [step, ...step.undo]);
  for (const step of steps) {
    const url = facts.get(step.target);
    if (url === undefined || url.database !== undefined) continue;
    for (const at of needsDatabase(step)) {
      const help = 'end the URL with /DATABASE, or name the database here';
      diagnostics.push(problem('NO_DATABASE', at, 'this is about the database of the URL, which names none', help));
    }
  }
  const coverage = checkCoverage(plan, (target) => facts.get(target)?.database);
  return { diagnostics: [...diagnostics, ...coverage], passwords };
}

const URL_HELP = 'write it like `mysql://user:password@host:3306/shop?tls=verify`';

function passwordForms(url: string, { password }: UrlFacts): readonly string[] {
  if (password === '') return [];
  const [, written] = /^[^:]+:\/\/[^:@/]*:([^@/]*)@/.exec(url) ?? [];
  return [...new Set([password, ...(written === undefined ? [] : [written])])];
}

/** The places in a step that mean the database of the URL. */
function needsDatabase(step: Step): readonly SourceSpan[] {
  switch (step.kind) {
    case 'snapshot':
      if (step.scope.kind === 'url-database') return [step.at];
      return step.scope.kind === 'tables' ? unqualified(step.scope.tables, step.at) : [];
    case 'restore':
      return unqualified(step.tables ?? [], step.at);
    case 'verify':
      return step.checks.flatMap(tablesWithoutDatabase);
    case 'sql':
    case 'run':
    case 'drop':
      return [];
  }
}

function tablesWithoutDatabase(check: Check): readonly SourceSpan[] {
  switch (check.kind) {
    case 'rows':
      return check.rules.flatMap((rule) => unqualified(rule.tables === undefined ? [] : [rule.tables], rule.at));
    case 'unchanged':
      return unqualified(check.tables, check.at);
    case 'schema':
      return unqualified([...(check.tables ?? []), ...check.except], check.at);
    case 'query':
    case 'matches':
      return [];
  }
}

function unqualified(tables: readonly PlanTable[], at: SourceSpan): readonly SourceSpan[] {
  return tables.some(({ database }) => database === undefined) ? [at] : [];
}
