import type { Command, Run } from '../generated/raw-plan.ts';
import type { StepContext } from '../step-context.ts';
import type { RunStep, StepCommon } from '../types.ts';

export function normalizeRun(raw: Run, common: StepCommon, context: StepContext): RunStep {
  const isShort = typeof raw === 'string' || Array.isArray(raw);
  const body = isShort ? { command: raw } : raw;
  const isIdempotent = body.idempotent ?? false;
  if (common.retry.attempts > 1 && !isIdempotent) {
    const help = 'add `idempotent: true` under `run:` if running it twice is the same as running it once';
    context.reportAtKey(
      'RETRY_NEEDS_IDEMPOTENT',
      'a program is only run again when that is known to be harmless',
      help,
    );
  }
  return {
    ...common,
    kind: 'run',
    command: commandOf(body.command, isShort ? context : context.in('command')),
    cwd: body.cwd,
    env: Object.fromEntries(Object.entries(body.env ?? {}).map(([name, value]) => [name, String(value)])),
    isIdempotent,
  };
}

function commandOf(raw: Command, context: StepContext): RunStep['command'] {
  if (typeof raw === 'string') {
    if (raw.trim() === '') context.report('EMPTY_VALUE', 'there is no command here');
    return { kind: 'shell', text: raw };
  }
  const words = raw.map(String);
  if (words[0]?.trim() === '') context.in(0).report('EMPTY_VALUE', 'the first word names the program');
  return { kind: 'program', words };
}
