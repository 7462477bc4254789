// The process as the commands see it: nothing below `main.ts` touches `process` or `console`.

export interface Output {
  write(text: string): void;
  readonly isTty: boolean;
  readonly columns: number;
}

export interface Io {
  /** Data only. */
  readonly stdout: Output;
  /** For people: progress, warnings, faults. */
  readonly stderr: Output;
  readonly hasColor: boolean;
  /** Whether a person can be asked: stdin is a terminal too. */
  readonly isInteractive: boolean;
  readonly ask: (question: string) => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly process: { readonly pid: number; readonly host: string; readonly user: string };
  /** Ends at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Calls back about ten times a second until the returned function is called. */
  readonly every: (ms: number, work: () => void) => () => void;
}
