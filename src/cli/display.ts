// How a run looks while it happens: lines for people on stderr, events for programs on stdout.

import type { WorkResult } from '../app/work-on-run.ts';
import { FAULTS, systemClock } from '../kernel/index.ts';
import type { OptionValues } from './command.ts';
import type { Listeners } from './context-of.ts';
import { faultText } from './faults.ts';
import type { Io } from './io.ts';

const EXIT_UNRECORDED = 12;

export interface Display {
  readonly listeners: Listeners;
  /** Prints what is true now and what to type next, and gives the exit code. */
  readonly conclude: (result: WorkResult) => number;
  readonly close: () => void;
}

export async function displayOf(options: OptionValues, io: Io): Promise<Display> {
  const { LiveTerminal, renderEvent, TICK_MS } = await import('./working.ts');
  const isJson = options['json'] === true;
  const isLive = io.stderr.isTty && !isJson;
  let terminal: InstanceType<typeof LiveTerminal> | undefined;
  const begin: Listeners['onBegin'] = ({ shape, earlier }) => {
    if (isJson) return;
    const output = {
      write: (text: string) => io.stderr.write(text),
      isTty: io.stderr.isTty,
      get columns() {
        return io.stderr.columns;
      },
      color: io.hasColor,
    };
    terminal = new LiveTerminal({ output, clock: systemClock, quiet: options['quiet'] === true, shape, earlier });
  };
  const stop = isLive ? io.every(TICK_MS, () => terminal?.tick()) : (): void => undefined;
  return {
    listeners: {
      onBegin: begin,
      onEntry: (entry) => {
        if (isJson) io.stdout.write(`${renderEvent(entry)}\n`);
        terminal?.onEntry(entry);
      },
      onProgress: (action, progress) => terminal?.onProgress(action, progress),
      onProgramLine: (line) => terminal?.onProgramLine(line),
    },
    conclude: ({ exitCode, fault }) => {
      terminal?.finish();
      if (fault === undefined) return exitCode;
      // What the journal could not take has been told by nobody yet.
      if (FAULTS[fault.code].exitCode === EXIT_UNRECORDED) io.stderr.write(faultText(fault));
      else if (!isJson) io.stderr.write(`${fault.hint}\n`);
      return exitCode;
    },
    close: stop,
  };
}
