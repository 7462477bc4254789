// The runner as the action sees it: nothing but `main.ts` touches `process` or `console`.

export type RunnerFile = 'output' | 'state' | 'summary' | 'env';

export interface ActionIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly platform: string;
  readonly process: { readonly pid: number; readonly host: string; readonly user: string };
  /** Ends when the runner interrupts the step. */
  readonly signal: AbortSignal;
  /** One line of the log, as it is. */
  readonly print: (line: string) => void;
  /** Adds to a file that the runner reads when the step has ended; it is on disk when this returns. */
  readonly append: (file: RunnerFile, text: string) => void;
  /** Calls back now and then until the returned function is called. */
  readonly every: (ms: number, work: () => void) => () => void;
}
