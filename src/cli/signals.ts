import { Fault } from '../kernel/index.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first signal interrupts the run, the second explains, the third kills. */
export function abortOnSignals(interruption: AbortController, tell: (text: string) => void): void {
  let count = 0;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      count += 1;
      if (count === 1) {
        interruption.abort(new Fault('INTERRUPTED', `${signal} arrived`));
      } else if (count === 2) {
        tell('\nStill stopping: the statement in flight is being cancelled.\n');
        tell('Once more kills snapback; the journal stays good.\n');
      } else {
        process.exit(130);
      }
    });
  }
}
