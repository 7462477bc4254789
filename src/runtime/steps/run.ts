import { resolve } from 'node:path';
import { Fault, type StepOutcome } from '../../kernel/index.ts';
import type { RunStep } from '../../plan/index.ts';
import { asFailure, failed, succeeded } from '../outcomes.ts';
import type { ActionScope } from '../ports.ts';
import { RUN_VARIABLE } from '../processes.ts';
import type { StepDriver } from '../step-driver.ts';
import type { ProgramEnd } from './run-program.ts';

export const runDriver: StepDriver<'run'> = {
  async execute(step, scope): Promise<StepOutcome> {
    const { ports, key } = scope;
    await scope.effect.assertLocked();
    try {
      const end = await ports.programs.run(
        {
          command: step.command,
          cwd: resolve(ports.planFolder, step.cwd ?? '.'),
          env: programEnv(step, scope),
          secrets: ports.secrets,
          clock: ports.clock,
          onLine: ports.onProgramLine,
          onStarted: (pid) =>
            ports.append({ kind: 'program-started', action: key, pid, started_at: ports.programs.startedAt(pid) }),
        },
        scope.signal,
      );
      const evidence = evidenceOf(end);
      return end.exitCode === 0 ? succeeded(evidence) : failed(programFault(step, end), 'unknown', evidence);
    } catch (problem) {
      return asFailure(problem, 'none');
    }
  },

  probe: (step) =>
    Promise.resolve(
      step.isIdempotent
        ? { kind: 'not-done', why: 'it is idempotent and runs again' }
        : { kind: 'unknowable', why: `only its author knows how far ${nameOf(step)} came` },
    ),
};

/**
 * It inherits the environment, and of what the plan has of secrets only the URL of its own target and what the step
 * hands it: a variable that holds another one is left out.
 */
function programEnv(step: RunStep, { ports, target }: ActionScope): Record<string, string | undefined> {
  const url = ports.programUrl(target.name);
  const handed = [url, ...(step.command.kind === 'program' ? step.command.words : []), ...Object.values(step.env)];
  const isHanded = (value: string): boolean => value.includes(url) || handed.some((text) => text.includes(value));
  const inherited = Object.entries(ports.env).filter(
    ([name, value = '']) => !ports.secretVariables.includes(name) || isHanded(value),
  );
  return { ...Object.fromEntries(inherited), DATABASE_URL: url, [RUN_VARIABLE]: ports.run, ...step.env };
}

function programFault(step: RunStep, end: ProgramEnd): Fault {
  const how = end.signal === null ? `exited with ${end.exitCode ?? 'no code'}` : `was ended by ${end.signal}`;
  return new Fault('PROGRAM_FAILED', `${nameOf(step)} ${how}${lastLine(end.outputTail)}`);
}

function lastLine(output: string): string {
  const line = output.trim().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? '' : `: ${line.slice(0, 200)}`;
}

function nameOf({ command }: RunStep): string {
  return command.kind === 'shell' ? command.text.slice(0, 60) : (command.words[0] ?? 'the program');
}

function evidenceOf(end: ProgramEnd) {
  return { kind: 'run', exit_code: end.exitCode, signal: end.signal, output_tail: end.outputTail } as const;
}
