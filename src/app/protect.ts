import { Fault, renderDiagnostic } from '../kernel/index.ts';
import type { AppContext } from './context.ts';
import { loadCompiled, typedEnv, TYPED_TEXT } from './load-compiled.ts';
import { protectPlanText, type ProtectWishes } from './protect-plan.ts';
import { runTypedText } from './typed-command.ts';
import type { WorkResult } from './work-on-run.ts';

export type { ProtectWishes } from './protect-plan.ts';

export interface ProtectRequest {
  readonly wishes: ProtectWishes;
  readonly url: string;
  readonly journalDirectory: string;
}

/**
 * Takes a snapshot, runs the program, checks, and goes back when anything fails: a run like that of any plan.
 *
 * @throws {Fault} USAGE when the wishes make no sound plan; JOURNAL_UNWRITABLE before anything is contacted.
 */
export async function protect({ wishes, ...typed }: ProtectRequest, context: AppContext): Promise<WorkResult> {
  const text = protectPlanText(wishes, typedEnv({ ...context.env, DATABASE_URL: typed.url }));
  return (await runTypedText({ ...typed, command: 'protect', text }, context)).result;
}

const COMMENTS = [
  'Made by `snapback protect .. --print-plan`, and does the same. Keep it where the program is to start.',
];

/**
 * The plan that the wishes stand for, for a file of its own. Contacts nothing; the URL tells which words hold its
 * password.
 *
 * @throws {Fault} USAGE
 */
export async function printProtectPlan(
  wishes: ProtectWishes,
  given: Readonly<Record<string, string | undefined>>,
  url: string | undefined,
): Promise<string> {
  const env = typedEnv(url === undefined ? given : { ...given, DATABASE_URL: url });
  const text = protectPlanText(wishes, env, COMMENTS);
  const vars = { [TYPED_TEXT]: text };
  const { source, diagnostics } = await loadCompiled({ path: '(protect)', env, vars, purpose: 'validate' });
  const first = diagnostics.find(({ severity }) => severity === 'error');
  if (first === undefined) return text;
  throw new Fault('USAGE', `these flags make no sound plan\n${renderDiagnostic(source.text, first)}`);
}
