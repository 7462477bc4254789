import {
  formatDuration,
  stripControl,
  stripControlLines,
  type CheckResult,
  type ObjectDifference,
} from '../kernel/index.ts';
import { comparisonOf, detailOfDifference, differenceInWords, findingOf, rowsInWords } from './describe-evidence.ts';
import type { ActionReport, FailedAttemptReport } from './run-report.ts';
import { clip, formatCount } from './words.ts';

/** A subject and what is to be said about it, one text a line. All text is fit for a terminal. */
export interface Detail {
  readonly subject: string | undefined;
  readonly texts: readonly string[];
}

/** How much is told on a terminal; the other formats tell the rest. */
const CHECKS_MAX = 12;
const DIFFERENCES_MAX = 8;
const KEYS_MAX = 4;
const DETAIL_LINES_MAX = 16;
const OUTPUT_LINES_MAX = 12;
const TEXT_MAX = 600;

/** What stands under the line of an action: failed checks, differences, the fault, the end of a program's output. */
export function detailsOf(action: ActionReport, isHeard = false): readonly Detail[] {
  const { evidence } = action;
  if (evidence?.kind === 'verify') return checkDetails(evidence.checks);
  if (evidence?.kind === 'proof') return differenceDetails(evidence.differences);
  const declared = evidence !== null && 'declared' in evidence ? (evidence.declared ?? []) : [];
  return [...declared.map(plain), ...faultDetails(action, isHeard)];
}

/** What earlier attempts ran into; a live terminal has shown it already. */
export function attemptDetails({ failed_attempts }: ActionReport): readonly Detail[] {
  return failed_attempts.map((failed) => plain(attemptInWords(failed)));
}

/** `attempt 1 failed: DEADLOCK ...; again after 1.0 s` */
export function attemptInWords({ attempt, fault, delay_ms }: FailedAttemptReport): string {
  return `attempt ${attempt} failed with ${fault.code}; again after ${formatDuration(delay_ms)}: ${fault.message}`;
}

function checkDetails(checks: readonly CheckResult[]): readonly Detail[] {
  const failed = checks.filter(({ passed }) => !passed);
  return bounded(failed, CHECKS_MAX, (check) => {
    const rows = check.rows === undefined ? [] : rowsInWords(check.rows, KEYS_MAX);
    const differences = (check.differences ?? []).slice(0, DIFFERENCES_MAX).flatMap(differenceLines);
    const warning = check.severity === 'warn' ? 'warning: ' : '';
    return detail(check.subject, [`${warning}${findingOf(check)}`, ...rows, ...differences]);
  });
}

function differenceDetails(differences: readonly ObjectDifference[]): readonly Detail[] {
  return bounded(differences, DIFFERENCES_MAX, (difference) => {
    const compared = comparisonOf(difference);
    const line = `${differenceInWords(difference)}${compared === '' ? '' : `: ${compared}`}`;
    return detail(difference.name, [line, ...shortDetail(difference)]);
  });
}

function differenceLines(difference: ObjectDifference): readonly string[] {
  return [`${difference.name}: ${differenceInWords(difference)}`, ...shortDetail(difference)];
}

function shortDetail(difference: ObjectDifference): readonly string[] {
  const texts = detailOfDifference(difference, KEYS_MAX);
  const rest = texts.length - DETAIL_LINES_MAX;
  return rest > 1 ? [...texts.slice(0, DETAIL_LINES_MAX), `and ${formatCount(rest)} more lines in the report`] : texts;
}

function faultDetails({ fault, effect, evidence, statements }: ActionReport, isHeard: boolean): readonly Detail[] {
  if (fault === null) return [];
  const failed = statements.find(({ state }) => state === 'failed');
  const output = evidence?.kind === 'run' ? outputLines(evidence.output_tail) : [];
  return [
    ...(failed === undefined ? [] : [plain(clip(failed.head, 200))]),
    ...stripControlLines(clip(fault.message, TEXT_MAX)).map(plain),
    ...(effect === 'unknown' ? [plain('Whether it changed anything is not known.')] : []),
    ...(output.length > 0 ? [] : [plain(fault.hint)]), // It is about the output.
    ...(isHeard ? [] : output).map((line) => plain(`│ ${line}`)),
  ];
}

function outputLines(tail: string): readonly string[] {
  return stripControlLines(tail.trimEnd())
    .filter((line) => line.trim() !== '')
    .slice(-OUTPUT_LINES_MAX);
}

function bounded<Item>(items: readonly Item[], max: number, show: (item: Item) => Detail): readonly Detail[] {
  const rest = items.length - max;
  const shown = items.slice(0, max).map(show);
  return rest > 0 ? [...shown, plain(`and ${formatCount(rest)} more in the report`)] : shown;
}

function detail(subject: string, texts: readonly string[]): Detail {
  return { subject: stripControl(clip(subject, 200)), texts: texts.map((text) => stripControl(clip(text, TEXT_MAX))) };
}

function plain(text: string): Detail {
  return { subject: undefined, texts: [stripControl(clip(text, TEXT_MAX))] };
}
