// A preview as people read it. All that servers and plans say is stripped of what a terminal, or the log of a CI
// service, would obey.

import { disarmLine, stripControl, type ObjectDifference } from '../kernel/index.ts';
import { differenceInWords, rowsInWords } from '../report/index.ts';
import { writersOf, type PlanPreview, type TargetPreview } from './preview-plan.ts';
import type { StepPreview } from './preview-steps.ts';

const LINES_MAX = 40;
const NUMBERS = new Intl.NumberFormat('en-US');

export function previewText(preview: PlanPreview): string {
  const { plan, targets, steps, isReady } = preview;
  const lines = [
    `${plan}: a dry run; nothing is changed`,
    '',
    ...targets.flatMap(targetLines),
    ...steps.flatMap((step) => [...stepLines(step), '']),
    ...(steps.length === 0 ? [] : [`Point of no return: ${preview.pointOfNoReturn}.`]),
    isReady ? 'Nothing that could be seen stands in the way.' : 'It would be refused: see what is marked with ✗.',
  ];
  return `${lines.map(stripControl).map(disarmLine).join('\n')}\n`;
}

function targetLines({ name, server, user, scope, survey, problems, destroys }: TargetPreview): readonly string[] {
  const head = [`${name === 'main' ? '' : `${name}: `}${server}, as ${user}`];
  if (survey === undefined) return [...head, ...problems.map((text) => `  ✗ ${text}`), ''];
  const { tables, objects, sessions, grants } = survey;
  const rows = tables.reduce((sum, { rowCount }) => sum + rowCount, 0);
  const bytes = tables.reduce((sum, { byteCount }) => sum + byteCount, 0);
  const kinds = Object.entries(objects).map(([kind, count]) => `${count} ${kind}${count === 1 ? '' : 's'}`);
  const writers = writersOf(survey);
  return [
    ...head,
    `  scope ${scope ?? ''}: ${[`${tables.length} tables`, ...kinds].join(', ')}`,
    `    about ${NUMBERS.format(rows)} rows, ${sizeText(bytes)} (${survey.basis})`,
    ...bounded(
      [...tables].sort((a, b) => b.byteCount - a.byteCount),
      ({ table, rowCount, byteCount }) => [
        `    ${table}: about ${NUMBERS.format(rowCount)} rows, ${sizeText(byteCount)}`,
      ],
    ),
    `  ${survey.estimate}`,
    ...problems.map((text) => `  ✗ ${text}`),
    ...(grants.length === 0 ? [] : ['  an administrator can give the rights:', ...grants.map((sql) => `    ${sql}`)]),
    ...survey.restrictions.map((text) => `  note: ${text}`),
    `  other sessions: ${sessions.length === 0 ? 'none seen' : `${sessions.length}, of which ${writers.length} write`}`,
    ...bounded(sessions, ({ id, login, doing, isWriting }) => [
      `    ${isWriting ? 'writes: ' : ''}connection ${id} of ${login}, ${doing}`,
    ]),
    ...survey.unseen.map((text) => `  not seen: ${text}`),
    ...destroys.flatMap(({ snapshot, differences }) => [
      `  going back to ${snapshot} would destroy what was written since:`,
      ...(differences.length === 0 ? ['    nothing: all is as it was then'] : []),
      ...destroyedLines(differences).map((line) => `    ${line}`),
    ]),
    '',
  ];
}

/** `table shop.orders has other rows: gone: id 3` for each difference, bounded. */
export function destroyedLines(differences: readonly ObjectDifference[]): readonly string[] {
  return bounded(differences, (difference) => [
    `${difference.name}: ${differenceInWords(difference)}`,
    ...(difference.rows === undefined ? [] : rowsInWords(difference.rows, 4).map((line) => `  ${line}`)),
  ]);
}

function stepLines({ id, kind, does, notes }: StepPreview): readonly string[] {
  return [
    `${id} (${kind}): ${notes.join('; ')}`,
    ...bounded(does, (text) =>
      text
        .trim()
        .split('\n')
        .map((line) => `    ${line}`),
    ),
  ];
}

function bounded<Item>(items: readonly Item[], show: (item: Item) => readonly string[]): readonly string[] {
  const rest = items.length - LINES_MAX;
  const shown = items.slice(0, LINES_MAX).flatMap(show);
  return rest > 0 ? [...shown, `    and ${rest} more in --json`] : shown;
}

function sizeText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(1)} ${units[power] ?? ''}`;
}
