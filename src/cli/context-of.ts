import { resolve } from 'node:path';
import type { AppContext } from '../app/context.ts';
import { contextIn } from '../app/default-context.ts';
import { textOption, type OptionValues } from './command.ts';
import type { Io } from './io.ts';

export type Listeners = Pick<AppContext, 'onBegin' | 'onEntry' | 'onProgress'>;

/** The world as the app sees it, from this process. */
export function contextOf(io: Io, listeners: Partial<Listeners> = {}): AppContext {
  return contextIn(io, listeners);
}

export function journalDirectoryOf(options: OptionValues, io: Io): string {
  const given = textOption(options, 'journalDir') ?? io.env['SNAPBACK_JOURNAL_DIR'] ?? '.snapback/runs';
  return resolve(io.cwd, given);
}
