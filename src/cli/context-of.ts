import { resolve } from 'node:path';
import type { AppContext } from '../app/context.ts';
import { Fault, silentLog, type Log } from '../kernel/index.ts';
import { textOption, type OptionValues } from './command.ts';
import type { Io } from './io.ts';

export type Listeners = Pick<AppContext, 'onBegin' | 'onEntry' | 'onProgress' | 'onProgramLine'>;

/** The world as the app sees it, from this process. */
export async function contextOf(io: Io, listeners: Partial<Listeners> = {}): Promise<AppContext> {
  const { contextIn, tellUnverified } = await import('./working.ts');
  const context = contextIn(io, { ...listeners, log: await logOf(io) });
  const tell = (text: string): void => io.stderr.write(`warning: ${text}\n`);
  return { ...context, openEngine: tellUnverified(context.openEngine, tell) };
}

/** `SNAPBACK_LOG=debug` writes JSON lines to stderr, beside what is meant for people. */
async function logOf({ env }: Io): Promise<Log> {
  const level = env['SNAPBACK_LOG'] ?? '';
  if (level === '') return silentLog;
  const { LOG_LEVELS, pinoLog } = await import('./working.ts');
  if (LOG_LEVELS.some((known) => known === level)) return pinoLog(level);
  throw new Fault('USAGE', `SNAPBACK_LOG=${level}: it can be ${LOG_LEVELS.join(', ')}`);
}

export function journalDirectoryOf(options: OptionValues, io: Io): string {
  const given = textOption(options, 'journalDir') ?? io.env['SNAPBACK_JOURNAL_DIR'] ?? '.snapback/runs';
  return resolve(io.cwd, given);
}
