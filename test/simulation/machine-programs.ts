// The programs of a machine. They outlive the process that started them, until somebody ends them.

import { Fault } from '../../src/kernel/index.ts';
import type { ProgramEnd, ProgramRequest, Programs } from '../../src/runtime/index.ts';
import { connect, type Connection } from './connection.ts';
import { Life } from './life.ts';
import type { ProgramScript } from './random-plan.ts';
import { USER } from './scripted-engine.ts';
import { operationOf } from './sql-operations.ts';
import type { World } from './world.ts';

interface Running {
  readonly pid: number;
  readonly group: number;
  readonly mark: string;
  readonly life: Life;
  exitCode: number | undefined;
  /** Calls when it has ended, by itself or by somebody else. */
  readonly whenOver: (work: () => void) => void;
}

export class MachinePrograms {
  readonly #world: World;
  readonly #all: Running[] = [];
  #nextPid = 1000;

  constructor(world: World) {
    this.#world = world;
  }

  portOf(life: Life): Programs {
    const { mutants, time, rng } = this.#world;
    const ending = (wanted: (one: Running) => boolean): Promise<number> =>
      life.call((resolve) => {
        const there = this.#all.filter((one) => isRunning(one) && wanted(one));
        time.after(rng.between(0, 100), () => {
          for (const one of there) one.life.die();
          resolve(there.length);
        });
      });
    return {
      run: (request, signal) => this.#run(life, request, signal),
      startedAt: (pid) => (this.#all.some((one) => one.pid === pid && isRunning(one)) ? `tick ${pid}` : ''),
      endGroup: async (pid) =>
        mutants.has('programs are left alone') ? false : (await ending(({ group }) => group === pid)) > 0,
      endStrays: async (run) =>
        mutants.has('strays are left alone') || mutants.has('programs are left alone')
          ? 0
          : ending(({ mark }) => mark === run),
    };
  }

  async #run(life: Life, request: ProgramRequest, signal: AbortSignal): Promise<ProgramEnd> {
    const word = request.command.kind === 'program' ? (request.command.words[0] ?? '') : '';
    const script = JSON.parse(word) as ProgramScript;
    const mark = request.env['SNAPBACK_RUN'] ?? '';
    const fault = this.#world.failpoint(life, 'program', 'a program');
    if (fault === 'crash-before') life.die();
    const running = await life.call<Running>((resolve) => resolve(this.#start(script, mark, undefined)));
    if (fault === 'crash-sent') this.#world.time.after(this.#world.rng.between(0, 4000), () => life.die());
    if (fault === 'interrupt') life.interruption.abort(new Fault('INTERRUPTED', 'SIGINT'));
    const port = this.portOf(life);
    const stop = (): void => void port.endGroup(running.pid, request.clock);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      await life.call((resolve) => resolve());
      await request.onStarted(running.pid);
      const exitCode = await this.#ended(life, running, fault === 'crash-after');
      if (signal.aborted) throw new Fault('INTERRUPTED', 'the program was ended');
      return { exitCode: exitCode ?? null, signal: exitCode === undefined ? 'SIGTERM' : null, outputTail: '' };
    } finally {
      signal.removeEventListener('abort', stop);
      await port.endGroup(running.pid, request.clock);
    }
  }

  #ended(life: Life, running: Running, isLast: boolean): Promise<number | undefined> {
    return life.call((resolve) => {
      running.whenOver(() => {
        if (isLast) life.die();
        else resolve(running.exitCode);
      });
    });
  }

  /** A daemon is in a group of its own and inherits the mark only. */
  #start(script: ProgramScript, mark: string, group: number | undefined): Running {
    const pid = this.#nextPid++;
    const life = new Life(pid, true);
    let isOver = false;
    const waiting: (() => void)[] = [];
    const whenOver = (work: () => void): void => {
      if (isOver) work();
      else waiting.push(work);
    };
    const running: Running = { pid, group: group ?? pid, mark, life, exitCode: undefined, whenOver };
    const end = (): void => {
      isOver = true;
      for (const work of waiting.splice(0)) work();
    };
    life.whenDead(end);
    this.#all.push(running);
    void this.#work(running, script).then(end);
    return running;
  }

  async #work(running: Running, script: ProgramScript): Promise<void> {
    const { life } = running;
    const { time, rng } = this.#world;
    if (script.strays.length > 0) {
      this.#start({ statements: script.strays, exitCode: 0, strays: [], isDaemon: true }, running.mark, undefined);
    }
    running.exitCode = await this.#perform(life, script, async () => {
      await time.clockOf(life).sleep(rng.between(0, script.isDaemon === true ? 30_000 : rng.chance(0.5) ? 100 : 2000));
    });
  }

  async #perform(life: Life, script: ProgramScript, pause: () => Promise<void>): Promise<number> {
    let connection: Connection | undefined;
    try {
      await pause();
      connection = await connect(this.#world, life, { user: USER, mark: undefined });
      for (const statement of script.statements) {
        await connection.query(operationOf(statement));
        await pause();
      }
      return script.exitCode;
    } catch (problem) {
      if (!(problem instanceof Fault)) throw problem;
      return 1;
    } finally {
      await connection?.close();
    }
  }
}

function isRunning({ life, exitCode }: Running): boolean {
  return !life.isDead && exitCode === undefined;
}
