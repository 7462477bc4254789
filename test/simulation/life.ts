// A simulated process. Once dead, nothing that it waited for ever comes: it is cut off at an await, wherever it was.

export type Call<Value> = (resolve: (value: Value) => void, reject: (problem: unknown) => void) => void;

export class Life {
  readonly number: number;
  /** Of somebody else's program: its calls are no failpoints. */
  readonly isProgram: boolean;
  readonly interruption = new AbortController();
  /** When the server notices that it is gone, ms after it went. */
  noticedAfterMs: number | undefined;
  #isDead = false;
  readonly #last: (() => void)[] = [];

  constructor(number: number, isProgram = false) {
    this.number = number;
    this.isProgram = isProgram;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  die(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    for (const work of this.#last) work();
  }

  /** What the world notices when the process is gone. */
  whenDead(work: () => void): void {
    this.#last.push(work);
  }

  call<Value = void>(work: Call<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (this.#isDead) return;
      work(
        (value) => {
          if (!this.#isDead) resolve(value);
        },
        (problem) => {
          if (!this.#isDead) reject(problem);
        },
      );
    });
  }
}
