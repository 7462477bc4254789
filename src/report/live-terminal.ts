// Live terminal
//
// Owns      what a person sees of a run while it happens, line by line.
// Leaves    meaning to `build-report.ts`, looks to `terminal-layout.ts`; process, console and timers to whoever
//           drives it.
//
// Invariants
//   L1  A line is printed only for a record that was appended; progress shows on the live line alone, and on a
//       plain output as a sign of life.
//   L2  The live line never breaks into two and is wiped before anything else is printed.

import { stripVTControlCharacters } from 'node:util';
import { stripControl, type Clock } from '../kernel/index.ts';
import type { ActionKey, JournalEntry, JournalRecord } from '../journal/index.ts';
import { actionLines, endingLines, headerLines, isQuietAction, turnRow, whyTurned } from './action-lines.ts';
import { RunFold } from './build-report.ts';
import { CopyRate, type CopyProgress } from './copy-rate.ts';
import { againRow, elapsedText, explainingRow, inheritedRow, statementText } from './record-lines.ts';
import type { ActionReport, PlanShape, ShapedAction } from './run-report.ts';
import { TerminalLayout, type Row } from './terminal-layout.ts';
import { isWayBack, titleOf } from './words.ts';

export interface LiveOutput {
  write(text: string): void;
  readonly isTty: boolean;
  /** Columns now: asked before each line, since a window may change. */
  readonly columns: number;
  readonly color: boolean;
}

export interface LiveOptions {
  readonly output: LiveOutput;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Prints the verdict and what to type next, and nothing else. */
  readonly quiet?: boolean;
  readonly shape?: PlanShape;
  /** What the journal held before this process took the run up. */
  readonly earlier?: readonly JournalEntry[];
}

/** Call `tick` about so often, ms: ten pictures a second look alive and cost nothing. */
export const TICK_MS = 100;

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const WIPE = '\r\u001b[2K';
/** On an output that is no terminal, a long step gives a sign of life so often, ms. */
const SIGN_OF_LIFE_MS = 30_000;
/** A narrower window breaks the live line; it gets plain lines. */
const LIVE_COLUMNS_MIN = 40;

/** What stands before each line that is not ours. */
const PROGRAM_MARGIN = '      | ';

interface Current {
  readonly action: ActionKey;
  readonly startedMs: number;
  readonly rate: CopyRate;
  text: string;
  saidMs: number;
}

export class LiveTerminal {
  readonly #output: LiveOutput;
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #isQuiet: boolean;
  readonly #shape: ReadonlyMap<ActionKey, ShapedAction>;
  readonly #plan: PlanShape;
  readonly #fold = new RunFold();
  #hasHeader = false;
  #hasTurned: boolean;
  #wasAsked = false;
  #current: Current | undefined;
  #isDrawn = false;
  /** The program of the action under way has printed something. */
  #isHeard = false;
  #frame = 0;

  constructor({ output, clock, quiet = false, shape = [], earlier = [] }: LiveOptions) {
    this.#output = output;
    this.#clock = clock;
    this.#isQuiet = quiet;
    this.#plan = shape;
    this.#shape = new Map(shape.map((action) => [action.action, action]));
    for (const entry of earlier) this.#fold.add(entry);
    this.#hasTurned = earlier.some(({ record }) => record.kind === 'action-settled' && isWayBack(record.action));
  }

  /** Shows a record that was appended. */
  onEntry(entry: JournalEntry): void {
    const { record } = entry;
    const before = record.kind === 'action-intended' ? this.#report(record.action) : undefined;
    const inherited = record.kind === 'process-attached' ? this.#inherited(record.because) : [];
    this.#fold.add(entry);
    if (this.#isQuiet) return;
    this.#follow(record);
    this.#print(this.#linesOf(record, before), inherited);
    if (record.kind === 'action-intended') this.#draw();
  }

  /** How far the action under way is: for the live line only. */
  onProgress(action: ActionKey, progress: CopyProgress): void {
    if (this.#current?.action === action) this.#current.rate.add(progress, this.#clock.nowMs());
  }

  /** A line that a program of the run printed. */
  onProgramLine(line: string): void {
    this.#isHeard = true;
    if (!this.#isQuiet) this.#print([`${PROGRAM_MARGIN}${stripControl(stripVTControlCharacters(line))}`]);
  }

  /** Turns the spinner and moves the timer on; on a plain output it says now and then that a long step is alive. */
  tick(): void {
    const current = this.#current;
    if (this.#isQuiet || current === undefined) return;
    if (this.#isLive) {
      this.#frame += 1;
      this.#draw();
      return;
    }
    const now = this.#clock.nowMs();
    if (now - current.saidMs < SIGN_OF_LIFE_MS) return;
    current.saidMs = now;
    this.#print(this.#layout().row(this.#currentRow(current, '…')));
  }

  /** Ends the display: what is true now and what to type next. Prints nothing where no run was opened. */
  finish(): void {
    this.#current = undefined;
    this.#wipe();
    if (!this.#fold.hasBegun) return;
    const report = this.#fold.report(this.#plan);
    const ending = endingLines(this.#layout(), report);
    if (this.#isQuiet) this.#output.write(`${ending.join('\n')}\n`);
    else this.#print(['', ...ending]);
  }

  get #isLive(): boolean {
    return this.#output.isTty && this.#output.columns >= LIVE_COLUMNS_MIN;
  }

  #layout(): TerminalLayout {
    const keys = [...this.#shape.keys(), ...this.#fold.actionKeys()];
    const names = keys.map((key) => this.#titleOf(key));
    return new TerminalLayout({ columns: this.#output.columns, color: this.#output.color, names });
  }

  #report(action: ActionKey): ActionReport | undefined {
    return this.#fold.action(action, this.#shape.get(action));
  }

  #titleOf(action: ActionKey): string {
    return this.#shape.get(action)?.title ?? titleOf(action);
  }

  #inherited(because: 'run' | 'resume' | 'rollback' | 'close'): readonly Row[] {
    if (because === 'run' || because === 'close') return [];
    return this.#fold.actionKeys().flatMap((action) => {
      const report = this.#report(action);
      const row = report === undefined ? undefined : inheritedRow(report, because);
      return row === undefined ? [] : [row];
    });
  }

  /** Keeps track of what is under way. */
  #follow(record: JournalRecord): void {
    if (record.kind === 'action-intended') {
      const startedMs = this.#clock.nowMs();
      this.#isHeard = false;
      this.#current = { action: record.action, startedMs, rate: new CopyRate(), text: '', saidMs: startedMs };
    }
    if (record.kind === 'statement-intended' && this.#current !== undefined) this.#current.text = statementText(record);
    const isOver =
      record.kind === 'action-settled' || record.kind === 'interrupted' || record.kind === 'settled-by-person';
    if (isOver) this.#current = undefined;
    if (record.kind === 'attempt-failed' && this.#current !== undefined) this.#current.text = 'waiting to try again';
  }

  #linesOf(record: JournalRecord, before: ActionReport | undefined): readonly string[] {
    if (record.kind === 'statement-intended' || record.kind === 'statement-settled') return [];
    const layout = this.#layout();
    const title = 'action' in record ? this.#titleOf(record.action) : '';
    if (record.kind === 'action-intended' && isLeftInTheDark(before)) {
      return layout.row(againRow(title, record.attempt));
    }
    if (record.kind === 'rollback-asked') this.#wasAsked = true;
    if (record.kind !== 'action-settled') {
      const row = explainingRow(record, title);
      return row === undefined ? [] : layout.row(row);
    }
    const report = this.#report(record.action);
    if (report === undefined || isQuietAction(report)) return [];
    return [...this.#turnLines(layout, report), ...actionLines(layout, report, this.#isHeard)];
  }

  #turnLines(layout: TerminalLayout, report: ActionReport): readonly string[] {
    if (this.#hasTurned || !isWayBack(report.action)) return [];
    this.#hasTurned = true;
    if (this.#wasAsked && report.evidence?.kind !== 'restore') return []; // It has been said why.
    const failed = this.#fold.actionKeys().find((action) => this.#fold.action(action)?.state === 'failed');
    return layout.row(turnRow(report, whyTurned(failed === undefined ? undefined : this.#titleOf(failed))));
  }

  #print(lines: readonly string[], inherited: readonly Row[] = []): void {
    const layout = this.#layout();
    const isDue = !this.#hasHeader && this.#fold.hasBegun && (lines.length > 0 || this.#hasMetServer());
    const header = isDue ? [...headerLines(layout, this.#fold.report()), ''] : [];
    this.#hasHeader ||= isDue;
    const all = [...header, ...lines, ...inherited.flatMap((row) => layout.row(row))];
    if (all.length === 0) return;
    this.#wipe();
    this.#output.write(`${all.join('\n')}\n`);
    this.#draw();
  }

  #hasMetServer(): boolean {
    return this.#fold.report().servers.length > 0;
  }

  #currentRow(current: Current, glyph: string): Row {
    const right = elapsedText(this.#clock.nowMs() - current.startedMs);
    const room = this.#layout().liveRoom(right.length);
    const parts = current.rate.parts();
    let text = parts[0] ?? current.text;
    for (const part of parts.slice(1)) if (text.length + part.length + 2 <= room) text = `${text}, ${part}`;
    return { glyph, tone: 'turn', name: this.#titleOf(current.action), text, right };
  }

  #draw(): void {
    if (this.#current === undefined || !this.#isLive) return;
    const glyph = SPINNER[this.#frame % SPINNER.length] ?? '';
    this.#output.write(`${WIPE}${this.#layout().liveRow(this.#currentRow(this.#current, glyph))}`);
    this.#isDrawn = true;
  }

  #wipe(): void {
    if (this.#isDrawn) this.#output.write(WIPE);
    this.#isDrawn = false;
  }
}

/** An attempt that a retry policy follows up has been explained already; one that nobody saw end has not. */
function isLeftInTheDark(before: ActionReport | undefined): boolean {
  return before !== undefined && (before.state === 'running' || before.state === 'in-doubt');
}
