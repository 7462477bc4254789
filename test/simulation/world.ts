// Everything around a simulated process: time, the server, the disk, the machine's programs, and what goes wrong.

import { kindOfAction, type RandomPlan } from './random-plan.ts';
import { Faults, type Arm, type FaultKind, type Part, type Place, type Where } from './faults.ts';
import type { Life } from './life.ts';
import { MemoryServer } from './memory-server.ts';
import type { Mutant } from './mutants.ts';
import { Rng } from './rng.ts';
import { STARTED_MS, VirtualTime } from './virtual-clock.ts';

export interface Scenario {
  readonly seed: string;
  readonly plan: RandomPlan;
  readonly arms: readonly Arm[];
  /** Whether a person takes the run back as soon as that can be asked for. Left out: chance decides. */
  readonly isTakenBack?: boolean;
}

export class World {
  readonly scenario: Scenario;
  readonly time = new VirtualTime();
  readonly server: MemoryServer;
  readonly faults: Faults;
  readonly rng: Rng;
  readonly mutants: ReadonlySet<Mutant>;
  readonly #told: { readonly atMs: number; readonly text: string }[] = [];
  where: Where = { kind: 'begin', moment: 'act' };
  #part: Part | undefined;
  isQuieting = false;
  /** What the journal leaves in doubt, as the process takes it up. */
  doubt: string | undefined;
  /** What was seen to be wrong on the way. */
  readonly wrong: string[] = [];
  /** The restores that were answered with OK and not made. */
  lies = 0;
  /** How often the way back was begun anew. */
  askedBack = 0;

  constructor(scenario: Scenario, mutants: ReadonlySet<Mutant>) {
    this.scenario = scenario;
    this.server = new MemoryServer(this.time);
    this.faults = new Faults(scenario.arms);
    this.rng = new Rng(scenario.seed);
    this.mutants = mutants;
  }

  tell(text: string): void {
    this.#told.push({ atMs: this.time.nowMs, text });
  }

  /** What happened, in order. */
  get story(): readonly string[] {
    return this.#told.map(({ atMs, text }) => `${((atMs - STARTED_MS) / 1000).toFixed(3).padStart(9)} s  ${text}`);
  }

  /** Asked at every call of a process that reaches out of it. */
  failpoint(
    life: Life,
    place: Place,
    label: string,
    isPossible: (fault: FaultKind) => boolean = () => true,
  ): FaultKind | undefined {
    if (life.isProgram || !this.faults.isWaiting) return undefined;
    const where: Where = this.isQuieting && place !== 'write' ? { kind: 'quiet', moment: 'act' } : this.where;
    const fault = this.faults.at({ place, name: label }, { ...where, part: this.#part }, isPossible);
    if (fault !== undefined)
      this.tell(`p${life.number} ${fault} at ${place} \`${label}\` (${where.kind}, ${where.moment})`);
    return fault;
  }

  /** A process comes to it: nothing of the plan is at work yet. */
  begins(): void {
    this.where = { kind: 'begin', moment: 'act' };
    this.#part = undefined;
    this.isQuieting = false;
  }

  /** The process holds its locks and has entered the run: what is in doubt comes first. */
  claimed(): void {
    if (this.doubt !== undefined) this.where = { kind: kindOfAction(this.scenario.plan, this.doubt), moment: 'doubt' };
    this.doubt = undefined;
  }

  /** What a record about to be written says of where the process is. */
  wrote(kind: string, action: string | undefined, isDurable: boolean): void {
    if (action !== undefined) {
      this.#part = action.split('/')[0] as Part;
      const work = kindOfAction(this.scenario.plan, action);
      if (kind === 'action-intended' || kind === 'statement-intended')
        this.where = { kind: work, moment: isDurable ? 'act' : 'intent' };
      else if (kind === 'action-settled') {
        if (!isDurable) this.where = { kind: work, moment: 'outcome' };
        else if (work === 'release') this.#end();
      } else if (kind !== 'program-started') this.where = { kind: work, moment: isDurable ? 'act' : 'outcome' };
    } else if (kind === 'verdict-reached' || kind === 'run-closed') this.#end();
  }

  #end(): void {
    this.where = { kind: 'end', moment: 'act' };
    this.#part = undefined;
  }
}
