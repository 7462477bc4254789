import { pino } from 'pino';
import type { Log } from '../kernel/index.ts';

/**
 * The `Log` port on pino: JSON lines on stderr, from `level` (`debug`, `info`, ..) up, written before anything goes on.
 */
export function pinoLog(level: string): Log {
  const logger = pino({ name: 'snapback', level }, pino.destination({ dest: 2, sync: true }));
  return {
    debug: (facts, text) => logger.debug(facts, text),
    info: (facts, text) => logger.info(facts, text),
    warn: (facts, text) => logger.warn(facts, text),
    error: (facts, text) => logger.error(facts, text),
  };
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
