import { silentLog, systemClock, systemEntropy } from '../kernel/index.ts';
import { openEngine } from '../engines/index.ts';
import type { AppContext } from './context.ts';
import { TOOL_VERSION } from './version.ts';

type World = Pick<AppContext, 'env' | 'cwd' | 'process' | 'signal'>;

/**
 * A context in which nobody listens; override what you need. Loads the database driver only when a server is opened.
 */
export function contextIn(world: World, changes: Partial<AppContext> = {}): AppContext {
  return {
    ...world,
    clock: systemClock,
    entropy: systemEntropy,
    log: silentLog,
    toolVersion: TOOL_VERSION,
    openEngine,
    onBegin: () => undefined,
    onEntry: () => undefined,
    onProgress: () => undefined,
    onProgramLine: () => undefined,
    ...changes,
  };
}
